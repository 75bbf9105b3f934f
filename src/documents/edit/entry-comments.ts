// Which comments belong to an entry of a written mapping or list, and go where it goes: those at the end
// of its lines, and those on the lines directly above it. What an empty line parts from the entry below
// it belongs to all of them, and stays. Pure.
import { columnOf, isAtLineStart, lineEnd, lineStart } from '../write/splice.ts';
import type { WrittenCollection } from './source-map.ts';

/** An entry with its comments, as ranges of the text. */
export interface EntrySpan {
  /**
   * The start of the lines above it that are its own; its own start, where it begins in the middle of a line.
   */
  readonly leadStart: number;
  readonly start: number;
  readonly end: number;
  /** After the comma, where one follows on its line. */
  readonly trailStart: number;
  /** The end of the comment at its end; the place of that, where there is none. */
  readonly trailEnd: number;
  readonly hasComma: boolean;
  /** Whether nothing but a comment follows on its line. */
  readonly endsLine: boolean;
}

/** Null where there is no such entry. */
export function spanOf(within: WrittenCollection, index: number, text: string): EntrySpan | null {
  const entry = within.entries[index];
  if (entry === undefined) return null;
  const tail = tailOf(within, index, text);
  const { start } = entry;
  if (!isAtLineStart(text, start)) return { ...tail, leadStart: start, start };
  // The text above the first entry ends at the key, the bracket or the entry around it by itself.
  const floor = index === 0 ? 0 : tailOf(within, index - 1, text).trailEnd;
  return { ...tail, leadStart: leadStart(text, start, floor), start };
}

type Tail = Omit<EntrySpan, 'leadStart' | 'start'>;

function tailOf({ entries, isFlow }: WrittenCollection, index: number, text: string): Tail {
  const { start, value } = entries[index] ?? { start: 0, value: { end: 0 } };
  const { end } = value;
  const closing = lineEnd(text, end);
  const comma = isFlow ? (/^[ \t]*,/.exec(text.slice(end, closing))?.[0] ?? '') : '';
  const trailStart = end + comma.length;
  const endsLine = /^[ \t]*(?:#.*)?$/.test(text.slice(trailStart, closing));
  const tail = { end, trailStart, hasComma: comma !== '', endsLine };
  if (!isFlow)
    return { ...tail, trailEnd: deeperCommentsEnd(text, closing, columnOf(text, start)) };
  // A comment behind several entries may speak of all of them.
  const previousEnd = entries[index - 1]?.value.end ?? -1;
  const isAlone = previousEnd < lineStart(text, end);
  return { ...tail, trailEnd: endsLine && isAlone ? closing : trailStart };
}

/** Comments right below an entry and deeper than it are within it, as far as people see. */
function deeperCommentsEnd(text: string, from: number, column: number): number {
  const commentBelow = /\r?\n([ \t]+)#/y;
  let at = from;
  for (;;) {
    commentBelow.lastIndex = at;
    const [all = '', indent = ''] = commentBelow.exec(text) ?? [];
    if (indent.length <= column) return at;
    at = lineEnd(text, at + all.length);
  }
}

function leadStart(text: string, start: number, floor: number): number {
  let at = lineStart(text, start);
  while (at > floor) {
    const above = lineStart(text, at - 1);
    if (above < floor || !/^[ \t]*#/.test(text.slice(above, at))) break;
    at = above;
  }
  return at;
}
