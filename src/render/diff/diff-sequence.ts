// Where two sequences of texts differ. Refuses to search without end: beyond a number of differences,
// everything between the first and the last one counts as different.
import { diffArrays } from 'diff/lib/diff/array.js';

/** What both have, or what stands in the one for what stands in the other; either may be nothing. */
export interface Stretch {
  readonly kind: 'equal' | 'changed';
  readonly from: Span;
  readonly to: Span;
}

/** Indices into a sequence; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A count, no time limit: the same plan has to look the same on a slower machine. */
const mostDifferences = 300;

/** In order, without gaps; equal and changed ones alternate. */
export function diffSequence(from: readonly string[], to: readonly string[]): Stretch[] {
  const head = commonHead(from, to);
  const tail = commonTail(from, to, head);
  const left = from.slice(head, from.length - tail);
  const right = to.slice(head, to.length - tail);
  const parts = diffArrays(left, right, { maxEditLength: mostDifferences }) ?? [
    { added: false, removed: true, count: left.length },
    { added: true, removed: false, count: right.length },
  ];
  const stretches: Stretch[] = [];
  append(stretches, 'equal', head, head);
  for (const { added, removed, count } of parts) {
    if (added || removed) append(stretches, 'changed', removed ? count : 0, added ? count : 0);
    else append(stretches, 'equal', count, count);
  }
  append(stretches, 'equal', tail, tail);
  return stretches;
}

/** Makes the last stretch longer where it is of this kind. */
function append(stretches: Stretch[], kind: Stretch['kind'], from: number, to: number): void {
  if (from + to === 0) return;
  const end = stretches.at(-1) ?? nothing;
  const last = end.kind === kind ? stretches.pop() : undefined;
  stretches.push({
    kind,
    from: { start: last?.from.start ?? end.from.end, end: end.from.end + from },
    to: { start: last?.to.start ?? end.to.end, end: end.to.end + to },
  });
}

const nothing = { kind: null, from: { start: 0, end: 0 }, to: { start: 0, end: 0 } };

function commonHead(a: readonly string[], b: readonly string[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length += 1;
  return length;
}

function commonTail(a: readonly string[], b: readonly string[], head: number): number {
  const most = Math.min(a.length, b.length) - head;
  let length = 0;
  while (length < most && a[a.length - 1 - length] === b[b.length - 1 - length]) length += 1;
  return length;
}
