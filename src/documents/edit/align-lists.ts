// Which entry of a list became which of another: what is written beside an entry, such as a comment,
// is to stay with it. Pure.
import { canonicalJson, isJsonObject, type Json } from '../../base/json/json.ts';

/**
 * For each wanted entry the index of the written one that it is, or takes the place of; null for one
 * that is new. They cross where entries moved. Where both lists have entries, some are paired.
 */
export function alignLists(
  written: readonly Json[],
  wanted: readonly Json[],
): readonly (number | null)[] {
  const pairing = new Pairing(written.length, wanted.length);
  // Equal values are the same entry, wherever they stand; likeness says less than that.
  for (const marks of [valueMarks, memberMarks]) {
    const [ours, theirs] = [marks(written), marks(wanted)];
    pairing.pairInOrder((from, to) => sharesMark(ours[from], theirs[to]));
    pairing.pairMoved(ours, theirs);
  }
  pairing.pairInOrder(() => true);
  return pairing.partners;
}

class Pairing {
  /** The partner of each wanted entry. */
  readonly partners: (number | null)[];
  readonly #isTaken: boolean[];
  /** The pairs that do not cross each other. */
  #inOrder: readonly Pair[] = [];

  constructor(written: number, wanted: number) {
    this.#isTaken = Array<boolean>(written).fill(false);
    this.partners = Array<number | null>(wanted).fill(null);
  }

  /** Between those that are paired in order already. */
  pairInOrder(isLike: Likeness): void {
    const isFree: Likeness = (from, to) => !this.#isTaken[from] && this.partners[to] === null;
    const found = this.#gaps().map((gap) =>
      longestCommon(gap, (from, to) => isFree(from, to) && isLike(from, to)),
    );
    for (const pair of found.flat()) this.#pair(pair);
    this.#inOrder = found.flatMap((pairs, index) => [
      ...pairs,
      ...this.#inOrder.slice(index, index + 1),
    ]);
  }

  /** Whatever is left and shares a mark, wherever it stands. */
  pairMoved(written: Marks, wanted: Marks): void {
    const places = new Map<string, number[]>();
    // From behind, so that the first one of those alike is the last of its list.
    for (let from = written.length - 1; from >= 0; from -= 1) {
      for (const mark of written[from] ?? []) {
        const alike = places.get(mark);
        if (alike === undefined) places.set(mark, [from]);
        else alike.push(from);
      }
    }
    wanted.forEach((marks, to) => {
      if (this.partners[to] !== null) return;
      const alike = marks.map((mark) => this.#firstFree(places.get(mark) ?? []));
      const from = alike.find((one) => one !== undefined);
      if (from !== undefined) this.#pair([from, to]);
    });
  }

  #firstFree(descending: number[]): number | undefined {
    for (;;) {
      const from = descending.at(-1);
      if (from === undefined || !this.#isTaken[from]) return from;
      descending.pop();
    }
  }

  #pair([from, to]: Pair): void {
    this.#isTaken[from] = true;
    this.partners[to] = from;
  }

  #gaps(): Gap[] {
    const starts = [[-1, -1] as const, ...this.#inOrder];
    const ends = [...this.#inOrder, [this.#isTaken.length, this.partners.length] as const];
    return starts.map(([from, to], index) => {
      const [fromEnd, toEnd] = ends[index] ?? [0, 0];
      return { from: from + 1, fromEnd, to: to + 1, toEnd };
    });
  }
}

/** Indices of a written and a wanted entry. */
type Pair = readonly [number, number];

/** Whether the written and the wanted entry of these indices may be the same one. */
type Likeness = (from: number, to: number) => boolean;

/** A stretch of both lists. */
interface Gap {
  readonly from: number;
  readonly fromEnd: number;
  readonly to: number;
  readonly toEnd: number;
}

/** The marks of each entry: another one that shares one of them is the same entry. */
type Marks = readonly (readonly string[])[];

function sharesMark(ours: readonly string[] = [], theirs: readonly string[] = []): boolean {
  return ours.some((mark) => theirs.includes(mark));
}

function valueMarks(list: readonly Json[]): Marks {
  return list.map((entry) => [canonicalJson(entry)]);
}

/** The members that stand in no other entry: two states of one button agree in its label, say. */
function memberMarks(list: readonly Json[]): Marks {
  const members = list.map((entry) =>
    isJsonObject(entry) ? Object.entries(entry).map((member) => canonicalJson(member)) : [],
  );
  const times = new Map<string, number>();
  for (const member of members.flat()) times.set(member, (times.get(member) ?? 0) + 1);
  return members.map((all) => all.filter((member) => times.get(member) === 1));
}

/** Each entry is compared with each other one in lists that people write; in longer ones, the ends are. */
const mostComparisons = 40_000;

/** The most pairs of like entries that do not cross, in order. */
function longestCommon(gap: Gap, isLike: Likeness): Pair[] {
  let { from, fromEnd, to, toEnd } = gap;
  const head: Pair[] = [];
  const tail: Pair[] = [];
  while (from < fromEnd && to < toEnd && isLike(from, to)) head.push([from++, to++]);
  while (from < fromEnd && to < toEnd && isLike(fromEnd - 1, toEnd - 1)) {
    tail.push([--fromEnd, --toEnd]);
  }
  const isLong = (fromEnd - from) * (toEnd - to) > mostComparisons;
  const middle = isLong ? [] : commonOf({ from, fromEnd, to, toEnd }, isLike);
  return [...head, ...middle, ...tail.reverse()];
}

function commonOf({ from, fromEnd, to, toEnd }: Gap, isLike: Likeness): Pair[] {
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
  const common: Pair[] = [];
  for (let one = from, other = to; one < fromEnd && other < toEnd; ) {
    if (isLike(one, other)) common.push([one++, other++]);
    else if (pairsFrom(one + 1, other) >= pairsFrom(one, other + 1)) one += 1;
    else other += 1;
  }
  return common;
}
