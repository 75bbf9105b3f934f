// One widget in a comment: a fold with its fields, or a line where there are none.

import { listed, shorten } from '../../base/text.ts';
import type { Origin } from '../../model/document.ts';
import { fieldName } from '../../model/field-name.ts';
import type { FieldChange } from '../../model/plan.ts';
import type { UnappliedField } from '../../model/unapplied-fields.ts';
import { asJson, type WidgetId, type WidgetSpec } from '../../model/widget.ts';
import { markdownCode, markdownText } from '../markdown.ts';
import { fieldNote, spellingNote, unusualNote } from '../plan-words.ts';
import { isUnusual } from '../unusual-changes.ts';
import type { Item } from './fit-sections.ts';
import { valueCells } from './value-cells.ts';

export interface Folded {
  /** With the directory, as the user named it. */
  readonly path: string;
  readonly widgetId: WidgetId | null;
  /** What its file declares, where known: its name and type. */
  readonly spec: WidgetSpec | null;
  /** What is to happen. */
  readonly words: string;
  readonly fields: readonly FieldChange[];
  /** Where its pictures lie; null for none. */
  readonly pictures: string | null;
  /** A widget of which nothing is recorded has no picture of before. */
  readonly isNew?: boolean;
  /** Whether anything changes, be it in what is shown elsewhere; default: as the fields say. */
  readonly isChanged?: boolean;
  /** What else is to be said of what is to happen. */
  readonly note?: string;
  /** How the place of a value is written; default: it is not. */
  readonly placeOf?: (origin: Origin) => string;
}

export function widgetItem(widget: Folded): Item {
  const { fields, widgetId, pictures, note = '' } = widget;
  const { isNew = false, isChanged = fields.length > 0 } = widget;
  const images =
    !isChanged || pictures === null || widgetId === null
      ? []
      : imageTable(`${pictures}/${widgetId}`, isNew);
  const names = fields.length === 0 ? '' : ` (${namesOf(fields)})`;
  const head = { ...widget, words: widget.words + names + note };
  if (fields.length + images.length === 0) return lineItem(head);
  return foldItem(titleOf(head), () => [...fieldTable(widget), ...images]);
}

/** What many widgets share, in a fold of its own. */
export function sharedItem(group: Pick<Folded, 'words' | 'fields' | 'placeOf'>): Item {
  const title = `${group.words} ${namesOf(group.fields)}`;
  return foldItem(markdownText(title), () => fieldTable(group));
}

function fieldTable({ fields, placeOf }: Pick<Folded, 'fields' | 'placeOf'>): string[] {
  if (fields.length === 0) return [];
  const rows = fields.map((field) => {
    const { now, after } = valueCells(field);
    return rowOf([fieldCell(field, placeOf), now, after]);
  });
  return [rowOf(['field', 'now', 'after']), rule, ...rows];
}

/** Of what the API keeps otherwise than it was sent. */
export function keptItem(widget: Titled, fields: readonly UnappliedField[]): Item {
  const head = { ...widget, words: `${widget.words} (${namesOf(fields)})` };
  return foldItem(titleOf(head), () => {
    const rows = fields.map(({ path, sent, kept, spelling }) => {
      const change = {
        path,
        ...(sent !== undefined && { from: sent }),
        ...(kept !== undefined && { to: kept }),
      };
      const { now, after } = valueCells(change);
      const note = spelling ? `<br><i>${spellingNote}</i>` : '';
      return rowOf([markdownCode(fieldName(path)) + note, now, after]);
    });
    return [rowOf(['field', 'sent', 'kept']), rule, ...rows];
  });
}

/** One line, with nothing to open. */
export function lineItem(widget: Titled): Item {
  const line = () => `- ${titleOf(widget)}\n`;
  return { whole: line, brief: line };
}

type Titled = Pick<Folded, 'path' | 'widgetId' | 'spec' | 'words'>;

function foldItem(title: string, table: () => string[]): Item {
  return {
    // Between the tags and Markdown there have to be empty lines.
    whole: () => `<details>\n<summary>${title}</summary>\n\n${table().join('\n')}\n\n</details>\n`,
    brief: (characters) => {
      const length = characters.toLocaleString('en');
      const why = `too large to be shown here (${length} characters): see \`widget-sync plan\``;
      return `- ${title} – ${why}\n`;
    },
  };
}

/** So many fields are named before a fold is opened. */
const mostNamed = 3;

function namesOf(fields: readonly { readonly path: string }[]): string {
  const names = fields.map(({ path }) => shorten(fieldName(path), longestTitle));
  return listed(names, mostNamed);
}

const longestTitle = 60;

/** HTML, since nothing else is read in a summary. */
function titleOf({ path, spec, words }: Titled): string {
  const body = spec === null ? {} : asJson(spec);
  const { name, display_name: shown, widget_type: type } = body;
  const text = [name, shown].find((one) => typeof one === 'string' && one !== '');
  const parts = [
    typeof text === 'string' ? `<b>${markdownText(shorten(text, longestTitle))}</b>` : null,
    `<code>${markdownText(path)}</code>`,
    typeof type === 'string' ? markdownText(type) : null,
    markdownText(words),
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

const rule = '|---|---|---|';

function rowOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function fieldCell(field: FieldChange, placeOf?: (origin: Origin) => string): string {
  const { origin } = field;
  const place = origin && placeOf?.(origin);
  const note = fieldNote(field);
  return [
    markdownCode(fieldName(field.path)),
    ...(note === '' ? [] : [`<i>${markdownText(note)}</i>`]),
    ...(place === undefined ? [] : [markdownCode(place)]),
    ...(isUnusual(field) ? [`<b>${markdownText(unusualNote)}</b>`] : []),
  ].join('<br>');
}

/** `folder`: of the widget, as `preview --out` makes it. */
function imageTable(folder: string, isNew: boolean): string[] {
  const image = (words: string, name: string) =>
    `<img alt="${words}" width="400" src="${attribute(`${folder}/${name}.svg`)}">`;
  const after = image('after', 'after');
  return isNew
    ? ['', after]
    : ['', rowOf(['now', 'after']), '|---|---|', rowOf([image('now', 'before'), after])];
}

/** Of a URL, in double quotes and in a cell. */
function attribute(url: string): string {
  return url.replace(/[^a-z0-9:/.%?=,;_~-]/gi, (sign) => `&#${sign.codePointAt(0)};`);
}
