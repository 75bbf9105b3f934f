// The report of `import` on each widget, as text for people or as one JSON value.
import { fromPointer } from '../../base/json/json.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import { count, listed, oneLine, pathIn, printable } from '../../base/text.ts';
import { fieldName, nameOfPath } from '../../model/field-name.ts';
import type { WidgetId } from '../../model/widget.ts';
import { originText } from '../../render/fragments/fragment-words.ts';
import { printJson } from '../print-json.ts';
import { coloursFor, type ProcessContext } from '../process-context.ts';
import type { AgreedValue } from './agreed-values.ts';

interface About {
  /** Null for a file that is too broken to say. */
  readonly widgetId: WidgetId | null;
  /** Relative to the widget directory; null where there is no file. */
  readonly file: string | null;
}

/** JSON Pointers of numbers that a file cannot say exactly: their fields were not brought into the file. */
interface Inexact {
  readonly inexact: readonly string[];
}

export type Imported =
  | (About & { readonly outcome: 'unchanged' })
  | (About & Inexact & { readonly outcome: 'created' })
  /** JSON Pointers of the fields. `left`: they differ, and --update was not given. */
  | (About & Inexact & { readonly outcome: 'updated'; readonly fields: readonly string[] })
  | (About & { readonly outcome: 'left'; readonly fields: readonly string[] })
  /** `toMend`: a person should do something about it. */
  | (About & { readonly outcome: 'skipped'; readonly reason: string; readonly toMend: boolean });

/** A new file leaves to the dashboard what it cannot say; a file that declares it has to be told to. */
export function isToMend(one: Imported): boolean {
  return one.outcome === 'skipped'
    ? one.toMend
    : one.outcome === 'updated' && one.inexact.length > 0;
}

/** For a file that declares the fields, or what is around them; in the words that sync.ignore takes. */
export function describeInexact(inexact: readonly string[]): string {
  return (
    `${printable(listed(inexact, mostNamed))} is more exact than a file can say, so the whole field stays as the file has it; ` +
    'leave it to the dashboard with sync.ignore, and import again'
  );
}

export function holdsKey(fields: readonly string[]): string {
  return (
    `the API key stands in ${fields.join(', ')} of the live widget, and a file would carry it into git; ` +
    'take it out in the dashboard, replace the key by a new one there, and import again'
  );
}

/** Nothing is to be mended here, or can be: the widget is told of and counted, and is no failure. */
export function leftToDashboard(
  about: Pick<Imported, 'widgetId' | 'file'>,
  reason: string,
): Imported {
  return { ...about, outcome: 'skipped', reason, toMend: false };
}

export function skipped(about: Pick<Imported, 'widgetId' | 'file'>, reason: string): Imported {
  return { ...about, outcome: 'skipped', reason, toMend: true };
}

/** What an import has to tell. */
export interface ImportResult {
  readonly all: readonly Imported[];
  readonly agreed: readonly AgreedValue[];
}

export interface ReportOptions {
  /** The directory, as the user named it. */
  readonly directory: string;
  readonly json: boolean;
}

export function reportImport(
  result: ImportResult,
  { directory, json }: ReportOptions,
  context: Pick<ProcessContext, 'stdout' | 'env' | 'account'>,
): Tally {
  const { stdout, env } = context;
  if (json) printJson(importJson(result), context);
  else stdout.write(importText(result, directory, coloursFor(stdout, env)));
  return tallyOf(result.all);
}

export type Tally = ReturnType<typeof tallyOf>;

type Colours = ReturnType<typeof coloursFor>;

interface Around {
  readonly all: readonly Imported[];
  readonly directory: string;
  readonly colours: Colours;
}

function importText({ all, agreed }: ImportResult, directory: string, colours: Colours): string {
  const lines = [
    ...all
      .filter(({ outcome }) => outcome !== 'unchanged')
      .map((one) => lineOf(one, directory, colours)),
    ...agreed.map((one) => agreedLine(one, { all, directory, colours })),
  ];
  const tally = tallyOf(all);
  const parts = [
    `${count(tally.created, 'file')} created`,
    ...(tally.updated > 0 ? [`${tally.updated} updated`] : []),
    `${tally.unchanged} unchanged`,
    ...(tally.left > 0
      ? [`${tally.left} left as they are (--update brings the live values in)`]
      : []),
    ...(tally.inexact > 0 ? [`${tally.inexact} without what a file cannot say exactly`] : []),
    ...(tally.skipped > 0 ? [colours.yellow(`${tally.skipped} skipped`)] : []),
  ];
  return `${lines.length === 0 ? '' : `${lines.join('\n')}\n\n`}${parts.join(', ')}.\n`;
}

function lineOf(one: Imported, directory: string, colours: Colours): string {
  const name =
    one.file === null ? `widget ${one.widgetId}` : printable(pathIn(directory, one.file));
  switch (one.outcome) {
    case 'created':
      return `${colours.green('created')} ${name}${leftOut(one)}`;
    case 'updated': {
      const rest = one.inexact.length === 0 ? '' : colours.red(`; ${describeInexact(one.inexact)}`);
      return `${colours.cyan('updated')} ${name}: ${named(one.fields)}${rest}`;
    }
    case 'left':
      return `${colours.dim('left')}    ${name}: differs in ${named(one.fields)}`;
    case 'skipped':
      return `${(one.toMend ? colours.red : colours.yellow)('skipped')} ${name}: ${printable(one.reason)}`;
    case 'unchanged':
      return `${colours.dim('unchanged')} ${name}`;
  }
}

function leftOut({ inexact }: Inexact): string {
  if (inexact.length === 0) return '';
  const why = 'more exact than a file can say; the dashboard keeps it';
  return ` without ${listed(fieldsOf(inexact), mostNamed)}: it holds ${named(inexact)}, ${why}`;
}

function fieldsOf(pointers: readonly string[]): string[] {
  return [...new Set(pointers.map((pointer) => nameOfPath(fromPointer(pointer).slice(0, 1))))];
}

const mostNamed = 5;

function named(pointers: readonly string[]): string {
  return listed(pointers.map(fieldName), mostNamed);
}

/**
 * One widget's values must not move those of others: a person is told where they could. Of a fragment above the
 * directory it is not known whom else it reaches.
 */
function agreedLine(agreed: AgreedValue, { all: imported, directory, colours }: Around): string {
  const { origin, field, value, widgets } = agreed;
  const isWritten = imported.some(
    (one) =>
      one.outcome === 'updated' && one.fields.some((path) => `${field}/`.startsWith(`${path}/`)),
  );
  const place = printable(originText(origin, directory));
  const live = value === undefined ? 'do not have it' : `have ${oneLine(stringifyJson(value), 60)}`;
  const all = `all ${widgets} widgets of this directory that inherit ${fieldName(field)} from here ${live}`;
  const advice = isWritten
    ? 'write it here, and take it out of each file again'
    : 'write it here, rather than into each file';
  const others = origin.file.startsWith('../')
    ? '; the fragment may reach widgets of other directories, too'
    : '';
  return `${colours.cyan('agreed')}  ${place}: ${all}; ${advice}${others}`;
}

function importJson({ all, agreed }: ImportResult): object {
  return {
    format_version: '1.0',
    created: entries(all, 'created'),
    updated: entries(all, 'updated'),
    unchanged: entries(all, 'unchanged'),
    left: entries(all, 'left'),
    skipped: entries(all, 'skipped'),
    ...(agreed.length > 0 ? { agreed: agreed.map(agreedJson) } : {}),
    summary: tallyOf(all),
  };
}

function agreedJson({ origin, field, value, widgets }: AgreedValue): object {
  const { file, range } = origin;
  const place = { file, line: range.start.line, column: range.start.column };
  return { field, ...(value === undefined ? {} : { value }), widgets, origin: place };
}

function entries(all: readonly Imported[], outcome: Imported['outcome']): object[] {
  return all
    .filter((one) => one.outcome === outcome)
    .map((one) => ({
      widget_id: one.widgetId,
      file: one.file,
      ...('fields' in one ? { fields: one.fields } : {}),
      ...('reason' in one ? { reason: one.reason } : {}),
      ...('inexact' in one && one.inexact.length > 0 ? { inexact: one.inexact } : {}),
    }));
}

function tallyOf(all: readonly Imported[]) {
  const tally = { created: 0, updated: 0, unchanged: 0, left: 0, skipped: 0, inexact: 0 };
  for (const one of all) {
    tally[one.outcome] += 1;
    if ('inexact' in one && one.inexact.length > 0) tally.inexact += 1;
  }
  return { ...tally, total: all.length };
}
