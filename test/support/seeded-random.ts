// Chance that can be had again: a test that fails says which seed it had.
import { onTestFailed } from 'vitest';
import { type Dice, rollDice } from '../chaos/dice.ts';

export type Chance = Pick<Dice, 'between'>;

/** The seed is a new one each time, or that of the environment variable TEST_SEED. */
export function startChance(): Chance {
  const { TEST_SEED } = process.env;
  const seed = TEST_SEED === undefined ? Date.now() % 2 ** 32 : Number(TEST_SEED);
  onTestFailed(() => {
    process.stderr.write(`to have the same timing again: TEST_SEED=${seed}\n`);
  });
  return rollDice(seed);
}
