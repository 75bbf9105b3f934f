// One field change as lines a person can compare at a glance: long texts cut around the place where
// they differ, texts of several lines as lines.
import type { Colors } from 'picocolors/types.js';
import type { Json } from '../json.ts';
import { fromPointer } from '../json.ts';
import { count, printable } from '../text.ts';
import type { FieldChange } from './types.ts';

const longestValue = 72;
/** How much of what two long texts have in common is shown before the place where they differ. */
const leadBeforeDifference = 20;
const mostTextLines = 8;

/** A JSON Pointer as people write paths: `/style_params/font size` is `style_params."font size"`. */
export function fieldName(pointer: string): string {
  return fromPointer(pointer)
    .map((key) => (/^[\w-]+$/.test(key) ? key : printable(JSON.stringify(key))))
    .join('.');
}

/** The first line follows the field's name; the others stand below, to be indented alike. */
export function renderValues(field: FieldChange, colours: Colors): string[] {
  const { from, to } = field;
  if (from === undefined) return to === undefined ? [] : declared(to, colours);
  if (to === undefined) return [colours.red(oneLine(from))];
  if (typeof from === 'string' && typeof to === 'string' && differInLines(from, to)) {
    return comparedLines(toLines(from), toLines(to), colours);
  }
  return compared(valueText(from), valueText(to), colours);
}

function declared(to: Json, colours: Colors): string[] {
  if (typeof to !== 'string' || !to.includes('\n')) return [colours.green(oneLine(to))];
  return ['', ...capLines(toLines(to)).map((line) => colours.green(`  ${lineText(line, 0)}`))];
}

function compared(from: string, to: string, colours: Colors): string[] {
  const arrow = colours.dim('→');
  if ([...from].length + [...to].length <= longestValue) {
    return [`${colours.red(from)} ${arrow} ${colours.green(to)}`];
  }
  const start = windowStart(from, to);
  return [`  ${colours.red(cut(from, start))}`, `${arrow} ${colours.green(cut(to, start))}`];
}

/** The lines that differ, between one line of what stands before and after them. */
function comparedLines(
  before: readonly string[],
  after: readonly string[],
  colours: Colors,
): string[] {
  const head = commonLength(before, after);
  const tail = commonLength(before.slice(head).reverse(), after.slice(head).reverse());
  const removed = before.slice(head, before.length - tail);
  const added = after.slice(head, after.length - tail);
  // Only where one line stands for one line is there a place at which they differ.
  const start =
    removed.length === 1 && added.length === 1
      ? windowStart(printable(removed[0] ?? ''), printable(added[0] ?? ''))
      : 0;
  const context = (line: string) => colours.dim(`  ${lineText(line, 0)}`);
  const isShown = (line: string | undefined): line is string => line !== undefined && line !== '';
  return [
    '',
    ...[before[head - 1]].filter(isShown).map(context),
    ...capLines(removed).map((line) => colours.red(`- ${lineText(line, start)}`)),
    ...capLines(added).map((line) => colours.green(`+ ${lineText(line, start)}`)),
    ...[after[after.length - tail]].filter(isShown).map(context),
  ];
}

/** False where only white space at the end differs: as lines that would not be seen. */
function differInLines(from: string, to: string): boolean {
  return `${from}${to}`.includes('\n') && from.trimEnd() !== to.trimEnd();
}

function toLines(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

function capLines(lines: readonly string[]): string[] {
  if (lines.length <= mostTextLines) return [...lines];
  const hidden = lines.length - mostTextLines + 1;
  return [...lines.slice(0, mostTextLines - 1), `… ${count(hidden, 'more line')}`];
}

function oneLine(value: Json): string {
  return cut(valueText(value), 0);
}

function lineText(line: string, start: number): string {
  return cut(printable(line), start);
}

function valueText(value: Json): string {
  return printable(JSON.stringify(value));
}

/** Where to begin showing two texts that share a long beginning; 0 where both fit anyway. */
function windowStart(from: string, to: string): number {
  const a = [...from];
  const b = [...to];
  if (Math.max(a.length, b.length) <= longestValue) return 0;
  return Math.max(0, commonLength(a, b) - leadBeforeDifference);
}

/** At most `longestValue` characters from `start`, with an ellipsis at each end that was cut. */
function cut(text: string, start: number): string {
  const characters = [...text];
  const lead = start > 0 ? '…' : '';
  const rest = characters.slice(start);
  if (rest.length <= longestValue) return `${lead}${rest.join('')}`;
  return `${lead}${rest.slice(0, longestValue - 1).join('')}…`;
}

function commonLength(a: readonly string[], b: readonly string[]): number {
  const shorter = Math.min(a.length, b.length);
  let length = 0;
  while (length < shorter && a[length] === b[length]) length += 1;
  return length;
}
