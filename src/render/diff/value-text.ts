// What becomes of one value, as lines a person can compare at a glance: short values side by side, of
// all others every difference and what stands around it. Nothing that differs is ever cut.
import type { Colors } from 'picocolors/types.js';
import { equalJson, isJsonObject, type Json, type JsonObject } from '../../base/json/json.ts';
import { diffFields, type FieldDifference } from '../../model/diff-fields.ts';
import { fieldName } from '../../model/field-name.ts';
import type { FieldChange } from '../../model/plan.ts';
import { isUnpublished, unpublishedWords } from '../../model/snapshot/unpublished.ts';
import { displayWidth } from '../width.ts';
import { jsonLines, jsonText } from './json-lines.ts';
import { compareLists } from './list-diff.ts';
import { lookAlike, toldApart } from './look-alike.ts';
import { leftOut, type Row, renderRows } from './rows.ts';
import { compareTexts } from './text-diff.ts';
import { type Paints, swatchBefore } from './value-swatch.ts';
import { addedLine, removedLine } from './word-diff.ts';

/** Two values side by side take at most so many characters together. */
const longestPair = 72;
/** Lists within lists are not compared for ever. */
const deepest = 8;

/** With the JSON Pointer of the place, where it may tell what the values are. */
type Valued = Pick<FieldChange, 'from' | 'to'> & { readonly path?: string };

/** The first line follows the field's name; the others stand below, to be indented alike. */
export function renderValues(
  { path = '', from, to }: Valued,
  colours: Paints,
  depth = 0,
): string[] {
  if (isUnpublished(from) || isUnpublished(to)) return beside(from, to, colours);
  const before = swatchBefore(path, from, colours);
  const after = swatchBefore(path, to, colours);
  if (from === undefined) return to === undefined ? [] : led(after, whole(to, colours.green));
  if (to === undefined) return led(before, whole(from, colours.red));
  if (!differInLines(from, to)) {
    const [one, other] = textsOf(from, to);
    if (one.length + other.length <= longestPair * 2 && isShort(one, other)) {
      const arrow = colours.dim('→');
      return [`${before}${colours.red(one)} ${arrow} ${after}${colours.green(other)}`];
    }
  }
  return ['', ...compared({ from, to }, colours, depth)];
}

/** Of values one of which is not to be shown: nothing of the two is compared. */
function beside(from: Json | undefined, to: Json | undefined, colours: Paints): string[] {
  const shown = (value: Json | undefined, paint: (text: string) => string): string[] => {
    if (value === undefined) return [];
    return isUnpublished(value) ? [colours.dim(unpublishedWords)] : whole(value, paint);
  };
  const [before, after] = [shown(from, colours.red), shown(to, colours.green)];
  const [one, other] = [before[0], after[0]];
  const isShort = before.length === 1 && after.length === 1;
  if (isShort) return [`${one} ${colours.dim('→')} ${other}`];
  if (before.length === 0 || after.length === 0) return [...before, ...after];
  const [, ...lines] = before.length > 1 ? before : after;
  return before.length > 1
    ? ['', ...lines, `  ${colours.dim('→')} ${other}`]
    : ['', `  ${one} ${colours.dim('→')}`, ...lines];
}

/** What takes several lines has no line of its own to lead. */
function led(lead: string, lines: readonly string[]): string[] {
  const [first = '', ...rest] = lines;
  return first === '' ? [first, ...rest] : [lead + first, ...rest];
}

function isShort(before: string, after: string): boolean {
  return displayWidth(before) + displayWidth(after) <= longestPair;
}

function whole(value: Json, paint: (text: string) => string): string[] {
  const lines = jsonLines(value);
  if (lines.length === 1) return lines.map(paint);
  return ['', ...lines.map((line) => paint(line === '' ? '' : `  ${line}`))];
}

function textsOf(from: Json, to: Json): [string, string] {
  const areTexts = typeof from === 'string' && typeof to === 'string';
  return areTexts && lookAlike(from, to) ? toldApart(from, to) : [jsonText(from), jsonText(to)];
}

/** False where only white space at the end differs: as lines that would not be seen. */
function differInLines(from: Json, to: Json): boolean {
  if (typeof from !== 'string' || typeof to !== 'string') return false;
  return `${from}${to}`.includes('\n') && from.trimEnd() !== to.trimEnd();
}

interface Pair {
  readonly from: Json;
  readonly to: Json;
}

function compared({ from, to }: Pair, colours: Paints, depth: number): string[] {
  if (typeof from === 'string' && typeof to === 'string') return compareTexts(from, to, colours);
  if (depth < deepest) {
    const inner = (pair: Valued) => renderValues(pair, colours, depth + 1);
    if (Array.isArray(from) && Array.isArray(to)) return compareLists({ from, to }, inner, colours);
    if (isJsonObject(from) && isJsonObject(to)) return compareMembers(from, to, { inner, colours });
  }
  return [
    ...jsonLines(from).map((line) => removedLine(line, colours)),
    ...jsonLines(to).map((line) => addedLine(line, colours)),
  ];
}

interface Inner {
  readonly inner: (pair: Valued) => string[];
  readonly colours: Colors;
}

function compareMembers(from: JsonObject, to: JsonObject, { inner, colours }: Inner): string[] {
  const rows = diffFields(from, to).map((difference): Row => {
    const name = fieldName(difference.path);
    return { mark: markOf(difference, colours), name, values: inner(difference), note: '' };
  });
  const equal = Object.entries(from).filter(
    ([key, value]) => Object.hasOwn(to, key) && equalJson(value, to[key] ?? null),
  ).length;
  return renderRows(equal === 0 ? rows : [...rows, leftOut(equal, 'member', colours)]);
}

export function markOf({ from, to }: FieldDifference, colours: Colors): string {
  if (from === undefined) return colours.green('+');
  return to === undefined ? colours.red('-') : colours.yellow('~');
}
