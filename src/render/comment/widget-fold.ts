// One widget in a comment: a fold with its fields, or a line where there are none.

import { listed, shorten } from '../../base/text.ts';
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
}

export function widgetItem(widget: Folded): Item {
  const { fields, widgetId, pictures, isNew = false } = widget;
  if (fields.length === 0) return lineItem(widget);
  const head = { ...widget, words: `${widget.words} (${namesOf(fields)})` };
  return foldItem(head, () => {
    const rows = fields.map((field) => {
      const { now, after } = valueCells(field);
      return rowOf([fieldCell(field), now, after]);
    });
    const images =
      pictures === null || widgetId === null ? [] : imageTable(`${pictures}/${widgetId}`, isNew);
    return [rowOf(['field', 'now', 'after']), rule, ...rows, ...images];
  });
}

/** Of what the API keeps otherwise than it was sent. */
export function keptItem(widget: Titled, fields: readonly UnappliedField[]): Item {
  const head = { ...widget, words: `${widget.words} (${namesOf(fields)})` };
  return foldItem(head, () => {
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

type Titled = Omit<Folded, 'fields' | 'pictures' | 'isNew'>;

function foldItem(widget: Titled, table: () => string[]): Item {
  return {
    // Between the tags and Markdown there have to be empty lines.
    whole: () =>
      `<details>\n<summary>${titleOf(widget)}</summary>\n\n${table().join('\n')}\n\n</details>\n`,
    brief: (characters) => {
      const length = characters.toLocaleString('en');
      const why = `too large to be shown here (${length} characters): see \`widget-sync plan\``;
      return `- ${titleOf(widget)} – ${why}\n`;
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

function fieldCell(field: FieldChange): string {
  const note = fieldNote(field);
  return [
    markdownCode(fieldName(field.path)),
    ...(note === '' ? [] : [`<i>${markdownText(note)}</i>`]),
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
