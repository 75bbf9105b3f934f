// Which of some removed things became which of the added ones: those most alike, in order.

/** One thing of either side, or two that are one, changed. Indices into the two sides. */
export type Step =
  | { readonly from: number; readonly to: number }
  | { readonly from: number; readonly to: null }
  | { readonly from: null; readonly to: number };

/** What each consists of, such as its words. */
type Parts = readonly (readonly string[])[];

/**
 * Pairs never cross, and what is removed comes before what is added. Two make a pair that share at
 * least `leastShared` of their parts (0 to 1).
 */
export function pairSimilar(removed: Parts, added: Parts, leastShared: number): Step[] {
  if (costOf(removed, added) > mostComparisons) return inOrder(removed.length, added.length);
  const likeness = (from: number, to: number) => {
    const both = shared(removed[from] ?? [], added[to] ?? []);
    return both < leastShared ? 0 : both + leastLikeness;
  };
  return bestPairs(removed.length, added.length, likeness);
}

/** Each is compared with each other in lists and texts that people write. */
const mostComparisons = 500_000;
/** So that also those are paired that share nothing, where nothing has to be shared. */
const leastLikeness = 1e-6;

function costOf(removed: Parts, added: Parts): number {
  return (removed.flat().length + 1) * added.length + (added.flat().length + 1) * removed.length;
}

function bestPairs(
  removed: number,
  added: number,
  likeness: (from: number, to: number) => number,
): Step[] {
  const best = bestSums(removed, added, likeness);
  const sumFrom = (from: number, to: number) => best[from * (added + 1) + to] ?? 0;
  const steps: Step[] = [];
  let from = 0;
  let to = 0;
  while (from < removed || to < added) {
    const rest = sumFrom(from, to);
    if (from < removed && rest === sumFrom(from + 1, to)) steps.push({ from: from++, to: null });
    else if (to < added && rest === sumFrom(from, to + 1)) steps.push({ from: null, to: to++ });
    else steps.push({ from: from++, to: to++ });
  }
  return steps;
}

/** For each pair of places, the largest likeness that the pairs from there on can have together. */
function bestSums(
  removed: number,
  added: number,
  likeness: (from: number, to: number) => number,
): Float64Array {
  const width = added + 1;
  const best = new Float64Array((removed + 1) * width);
  const at = (from: number, to: number) => best[from * width + to] ?? 0;
  for (let from = removed - 1; from >= 0; from -= 1) {
    for (let to = added - 1; to >= 0; to -= 1) {
      best[from * width + to] = Math.max(
        at(from + 1, to),
        at(from, to + 1),
        at(from + 1, to + 1) + likeness(from, to),
      );
    }
  }
  return best;
}

/** One for one where they are as many. */
function inOrder(removed: number, added: number): Step[] {
  if (removed === added) return Array.from({ length: removed }, (_, at) => ({ from: at, to: at }));
  return [
    ...Array.from({ length: removed }, (_, from) => ({ from, to: null })),
    ...Array.from({ length: added }, (_, to) => ({ from: null, to })),
  ];
}

/** How much two collections have in common: 0 for nothing, 1 where they differ in order alone. */
export function shared(a: readonly string[], b: readonly string[]): number {
  if (a.length + b.length === 0) return 1;
  const left = new Map<string, number>();
  for (const item of a) left.set(item, (left.get(item) ?? 0) + 1);
  let both = 0;
  for (const item of b) {
    const times = left.get(item) ?? 0;
    if (times === 0) continue;
    left.set(item, times - 1);
    both += 1;
  }
  return (2 * both) / (a.length + b.length);
}
