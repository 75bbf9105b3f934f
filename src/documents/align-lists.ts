// Which entry of a list became which of another: what is written beside an entry, such as a comment,
// is to stay with it. Pure.
import { canonicalJson, isJsonObject, type Json } from '../json.ts';

/**
 * For each wanted entry the index of the written one that it is, or takes the place of; null for one
 * that is new. Ascending: entries never cross. Where both lists have entries, some are paired.
 */
export function alignLists(
  written: readonly Json[],
  wanted: readonly Json[],
): readonly (number | null)[] {
  const partners: (number | null)[] = wanted.map(() => null);
  const pair = (gap: Gap, [isLike, ...weaker]: readonly Likeness[]): void => {
    if (isLike === undefined) return;
    let { from, to } = gap;
    for (const [one, other] of longestCommon(gap, isLike)) {
      partners[other] = one;
      pair({ from, fromEnd: one, to, toEnd: other }, weaker);
      from = one + 1;
      to = other + 1;
    }
    pair({ ...gap, from, to }, weaker);
  };
  pair({ from: 0, fromEnd: written.length, to: 0, toEnd: wanted.length }, [
    sameValues(written, wanted),
    sameMark(written, wanted),
    () => true,
  ]);
  return partners;
}

/** Whether the written and the wanted entry of these indices may be the same one. */
type Likeness = (from: number, to: number) => boolean;

/** A stretch of both lists. */
interface Gap {
  readonly from: number;
  readonly fromEnd: number;
  readonly to: number;
  readonly toEnd: number;
}

function sameValues(written: readonly Json[], wanted: readonly Json[]): Likeness {
  const [ours, theirs] = [written.map(canonicalJson), wanted.map(canonicalJson)];
  return (from, to) => ours[from] === theirs[to];
}

/** Mappings that agree in what no other entry says, as two states of one button do in its label. */
function sameMark(written: readonly Json[], wanted: readonly Json[]): Likeness {
  const [ours, theirs] = [marksOf(written), marksOf(wanted)];
  return (from, to) => (ours[from] ?? []).some((mark) => theirs[to]?.includes(mark));
}

/** Of each entry, the members that stand in no other. */
function marksOf(list: readonly Json[]): string[][] {
  const members = list.map((entry) =>
    isJsonObject(entry) ? Object.entries(entry).map((member) => canonicalJson(member)) : [],
  );
  const times = new Map<string, number>();
  for (const member of members.flat()) times.set(member, (times.get(member) ?? 0) + 1);
  return members.map((all) => all.filter((member) => times.get(member) === 1));
}

/** Each entry is compared with each other one in lists that people write; in longer ones, the ends are. */
const mostComparisons = 40_000;

/** As many pairs of like entries as there are without crossing, in order. */
function longestCommon(gap: Gap, isLike: Likeness): [number, number][] {
  let { from, fromEnd, to, toEnd } = gap;
  const head: [number, number][] = [];
  const tail: [number, number][] = [];
  while (from < fromEnd && to < toEnd && isLike(from, to)) head.push([from++, to++]);
  while (from < fromEnd && to < toEnd && isLike(fromEnd - 1, toEnd - 1)) {
    tail.push([--fromEnd, --toEnd]);
  }
  const isLong = (fromEnd - from) * (toEnd - to) > mostComparisons;
  const middle = isLong ? [] : commonOf({ from, fromEnd, to, toEnd }, isLike);
  return [...head, ...middle, ...tail.reverse()];
}

function commonOf({ from, fromEnd, to, toEnd }: Gap, isLike: Likeness): [number, number][] {
  const width = toEnd - to + 1;
  const cell = (one: number, other: number) => (one - from) * width + (other - to);
  // How many pairs there are from the two entries on; none after the end of either stretch.
  const pairs = new Uint32Array((fromEnd - from + 1) * width);
  const pairsFrom = (one: number, other: number) => pairs[cell(one, other)] ?? 0;
  for (let one = fromEnd - 1; one >= from; one -= 1) {
    for (let other = toEnd - 1; other >= to; other -= 1) {
      pairs[cell(one, other)] = isLike(one, other)
        ? pairsFrom(one + 1, other + 1) + 1
        : Math.max(pairsFrom(one + 1, other), pairsFrom(one, other + 1));
    }
  }
  const common: [number, number][] = [];
  for (let one = from, other = to; one < fromEnd && other < toEnd; ) {
    if (isLike(one, other)) common.push([one++, other++]);
    else if (pairsFrom(one + 1, other) >= pairsFrom(one, other + 1)) one += 1;
    else other += 1;
  }
  return common;
}
