// Chance that can be had again: a test that fails says which seed it had.
import { onTestFailed } from 'vitest';

export interface Chance {
  /** Any whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
}

/** The seed is a new one each time, or that of the environment variable TEST_SEED. */
export function startChance(): Chance {
  const { TEST_SEED } = process.env;
  const seed = TEST_SEED === undefined ? Date.now() % 2 ** 32 : Number(TEST_SEED);
  onTestFailed(() => {
    process.stderr.write(`to have the same timing again: TEST_SEED=${seed}\n`);
  });
  const next = mulberry32(seed);
  return { between: (least, most) => least + Math.floor(next() * (most - least + 1)) };
}

/** 32 bits of state: plenty for moments in time. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
