// Chance that can be had again: the same seed rolls the same numbers on every machine.

export interface Dice {
  /** Any whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** True with this probability. */
  lucky(probability: number): boolean;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** So many different ones of 0 to `below - 1`; all of them where there are no more. */
  some(count: number, below: number): number[];
}

export function rollDice(seed: number): Dice {
  const next = mulberry32(seed);
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    between,
    lucky: (probability) => next() < probability,
    pick: (items) => items[between(0, items.length - 1)] ?? items[0],
    some(count, below) {
      const left = Array.from({ length: below }, (_, n) => n);
      const taken: number[] = [];
      while (taken.length < count && left.length > 0) {
        taken.push(...left.splice(between(0, left.length - 1), 1));
      }
      return taken;
    },
  };
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
