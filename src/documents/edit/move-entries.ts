// Entries of a written list that stand in another order in the wanted one: as few as possible are moved,
// to the letter and with their comments. Pure.

import { columnOf, isAtLineStart, lineEnd, lineStart, type Splice } from '../write/splice.ts';
import { type EntryText, entryText, insertEntries, removeEntry } from './edit-entries.ts';
import type { Manner } from './replace-value.ts';
import type { WrittenCollection } from './source-map.ts';

export interface Moves {
  /** Indices of the entries that move, in the order that is wanted. */
  readonly moved: ReadonlySet<number>;
  /** Indices of all written entries, as they stand afterwards; what is to go stands where it stood. */
  readonly order: readonly number[];
  /** The entries that come right after the entry of that index, which stays; -1 is before all of them. */
  readonly after: ReadonlyMap<number, readonly number[]>;
}

/** `successors` as of `alignLists`; null where nothing has to move. */
export function movesOf(successors: readonly (number | null)[], written: number): Moves | null {
  const kept = successors.filter((at) => at !== null);
  const stays = new Set(longestAscending(kept));
  if (stays.size === kept.length) return null;
  const after = new Map<number, number[]>();
  let last = -1;
  for (const at of kept) {
    if (stays.has(at)) last = at;
    else after.set(last, [...(after.get(last) ?? []), at]);
  }
  const moved = new Set(kept.filter((at) => !stays.has(at)));
  const inPlace = [-1, ...Array(written).keys()].filter((at) => !moved.has(at));
  const order = inPlace.flatMap((at) => [...(at === -1 ? [] : [at]), ...(after.get(at) ?? [])]);
  return { moved, order, after };
}

export function moveEntries(
  within: WrittenCollection,
  { moved, after }: Moves,
  manner: Manner,
): readonly Splice[] {
  const { text } = manner;
  const first = within.entries[0]?.start ?? 0;
  if (!within.isFlow && !isAtLineStart(text, first) && (moved.has(0) || after.has(-1))) {
    // On the line of another dash, no comment can come before it: first it gets a line of its own.
    const below = manner.lineEnd + ' '.repeat(columnOf(text, first));
    return [{ start: text.slice(0, first).trimEnd().length, end: first, text: below }];
  }
  const written = (index: number): EntryText => entryText(within, index, text);
  const copies = [...after].map(([last, indices]) =>
    insertEntries(within, last, indices.map(written), manner),
  );
  const removals = [...moved].map((index) => removeEntry(within, index, manner));
  const gone = joined(removals, text).map((splice) => withLineEndBefore(splice, text));
  return joined([...copies, ...gone], text);
}

/** A file without a last line end that loses its last lines gets none by that. */
function withLineEndBefore(splice: Splice, text: string): Splice {
  const { start, end } = splice;
  const isTail = end === text.length && !text.endsWith('\n') && text[start - 1] === '\n';
  return isTail ? { ...splice, start: lineEnd(text, lineStart(text, start - 1)) } : splice;
}

/** All or none are to be made: those that meet become one. */
function joined(splices: readonly Splice[], text: string): Splice[] {
  const all: Splice[] = [];
  for (const next of [...splices].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const last = all.at(-1);
    const meets = last !== undefined && (next.start < last.end || next.start === last.start);
    if (!meets) {
      all.push(next);
      continue;
    }
    const end = Math.max(last.end, next.end);
    const both = last.text + next.text;
    // The entry that came to stand on a line of its own is gone itself.
    const isLineEnd = lineEnd(text, end) === end;
    all[all.length - 1] = {
      start: last.start,
      end,
      text: isLineEnd ? both.replace(/\r?\n[ \t]+$/, '') : both,
    };
  }
  return all;
}

/** The longest ascending part of the numbers, by patience sorting. */
function longestAscending(numbers: readonly number[]): number[] {
  /** For each length, the position of the smallest number that ends so many. */
  const ends: number[] = [];
  const before: (number | undefined)[] = [];
  numbers.forEach((number, position) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((numbers[ends[middle] ?? 0] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    before[position] = ends[low - 1];
    ends[low] = position;
  });
  const found: number[] = [];
  for (let at = ends.at(-1); at !== undefined; at = before[at]) found.unshift(numbers[at] ?? 0);
  return found;
}
