// The history for people: who changed what, when, and why. Everything that comes from a file, from git or from the
// API is made harmless to the terminal first.
import { fromPointer, isJsonObject, type Json } from '../../base/json/json.ts';
import { count, shorten } from '../../base/text.ts';
import { fieldName } from '../../model/field-name.ts';
import type { FieldChange } from '../../model/plan.ts';
import { valueAt } from '../../model/value-at.ts';
import type { HistoryEntry } from '../../status/history-entry.ts';
import { jsonLines } from '../diff/json-lines.ts';
import type { Paints } from '../diff/value-swatch.ts';
import { addedLine, removedLine } from '../diff/word-diff.ts';
import { renderFields } from '../field-text.ts';
import { type Row, renderTable } from '../table.ts';
import { utcTime } from '../time.ts';
import { cutToWidth } from '../width.ts';

export interface HistoryTextOptions {
  readonly colours: Paints;
  /** Columns of the terminal; null: nothing is cut to them. */
  readonly width: number | null;
  /** All values whole, before and after. */
  readonly isFull: boolean;
  /** The account of each, where they are of several; null: all are of one. */
  readonly accountOf: ((entry: HistoryEntry) => string) | null;
}

/** Lines without newlines; none for no entries. */
export function renderHistory(
  entries: readonly HistoryEntry[],
  options: HistoryTextOptions,
): string[] {
  const heads = renderTable(headRows(entries, options), options.width);
  return entries.flatMap((entry, index) => {
    const body = renderBody(entry, options).map((line) => `    ${line}`);
    const isLast = index + 1 === entries.length;
    return [heads[index] ?? '', ...body, ...(body.length > 0 && !isLast ? [''] : [])];
  });
}

function headRows(
  entries: readonly HistoryEntry[],
  { colours: { bold, dim }, accountOf }: HistoryTextOptions,
): Row[] {
  // Earlier versions gave no names to writes.
  const areNamed = entries.some(({ id }) => id !== undefined);
  return entries.map((entry) => {
    const { time, widgetId, file, reason, id = '' } = entry;
    return [
      utcTime(time.getTime()),
      ...(accountOf === null ? [] : [accountOf(entry)]),
      { text: file, paint: bold },
      { text: widgetId.slice(0, 8), paint: dim },
      reason,
      ...(areNamed ? [{ text: id, paint: dim }] : []),
      commitWords(entry),
    ];
  });
}

/** `a1b2c3d+edited Winter colours (Mia Berg)`; `-` where nothing is known of the commit. */
export function commitWords({ revision, commit, isEdited }: HistoryEntry): string {
  const id = commit?.id ?? revision;
  if (id === null) return '-';
  const source = `${id.slice(0, 7)}${isEdited ? '+edited' : ''}`;
  // Whoever edited a file beside git is not the commit's author.
  const author = isEdited ? '' : ` (${commit?.author})`;
  return commit === undefined ? source : `${source} ${commit.subject}${author}`;
}

function renderBody(entry: HistoryEntry, options: HistoryTextOptions): string[] {
  const { colours, isFull } = options;
  const { reason, after, fields, before, isBeforeAsApplied } = entry;
  if (reason === 'forgotten') return [colours.dim('its record was removed; the widget stays')];
  if (after === undefined) return fields.length === 0 ? [] : [namesLine(fields, options)];
  const changes = fieldChanges(entry);
  const lines = isFull
    ? changes.flatMap((change) => wholeField(change, colours))
    : shortLines(changes, options);
  const notes = [
    ...(isBeforeAsApplied && changes.length > 0
      ? ['nothing was read before it: the values before are those applied last']
      : []),
    ...(before === undefined && changes.length > 0 ? ['what stood there before was not read'] : []),
  ];
  return [...lines, ...notes.map((note) => colours.dim(`(${note})`))];
}

/** Of earlier versions, which kept no values. */
function namesLine(
  fields: readonly string[],
  { width, isFull }: Pick<HistoryTextOptions, 'width' | 'isFull'>,
): string {
  const names = fields.map(fieldName).join(', ');
  return width === null || isFull ? names : cutToWidth(names, Math.max(width - 4, shortestText));
}

/** The fields that a write changed, with their values as far as these are known. */
export function fieldChanges({
  fields,
  by = {},
  before = {},
  after = {},
}: HistoryEntry): FieldChange[] {
  return fields.map((path) => {
    const segments = fromPointer(path);
    const [from, to] = [valueAt(before, segments), valueAt(after, segments)];
    return {
      path,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      by: (Object.hasOwn(by, path) && by[path]) || 'git',
      released: false,
    };
  });
}

/** As a plan shows them, without the rest of what is long where there is nothing to compare it with. */
function shortLines(
  changes: readonly FieldChange[],
  { colours, width }: HistoryTextOptions,
): string[] {
  const shown = changes.map((change) => {
    const { from, to, ...rest } = change;
    if (areComparable(from, to)) return change;
    const room = Math.max(shortestText, (width ?? widest) - change.path.length - margin);
    const most = from === undefined || to === undefined ? room : besideAnother;
    return {
      ...rest,
      ...(from !== undefined && { from: shortened(from, most) }),
      ...(to !== undefined && { to: shortened(to, most) }),
    };
  });
  const lines = renderFields(shown, colours);
  if (lines.length <= mostLines + 1) return lines;
  const left = count(lines.length - mostLines, 'more line');
  return [...lines.slice(0, mostLines), colours.dim(`… ${left}: --full shows all`)];
}

function areComparable(from: Json | undefined, to: Json | undefined): boolean {
  if (typeof from === 'string' || Array.isArray(from)) {
    return typeof to === typeof from && Array.isArray(to) === Array.isArray(from);
  }
  return isJsonObject(from) && isJsonObject(to);
}

function shortened(value: Json, most: number): Json {
  if (typeof value === 'string') return shorten(value, most);
  if (Array.isArray(value)) return value.map((item) => shortened(item, most));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, shortened(member, most)]),
  );
}

/** A short value and its end are then on one line. */
const besideAnother = 60;
const widest = 160;
const shortestText = 40;
const margin = 12;
const mostLines = 24;

function wholeField({ path, from, to, by }: FieldChange, colours: Paints): string[] {
  const who = by === 'git' ? '' : colours.dim(`  (${changerWords[by]})`);
  return [
    `${fieldName(path)}${who}`,
    ...(from === undefined ? [] : jsonLines(from).map((line) => removedLine(line, colours))),
    ...(to === undefined ? [] : jsonLines(to).map((line) => addedLine(line, colours))),
  ].map((line, index) => (index === 0 ? line : `    ${line}`));
}

const changerWords = {
  dashboard: 'changed in the dashboard',
  both: 'changed in git and in the dashboard',
} as const;
