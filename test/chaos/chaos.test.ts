// A short run of the chaos that `npm run soak` makes for hours.
import { expect, test } from 'vitest';
import { describeReport } from './report.ts';
import { runRounds } from './rounds.ts';

const { TEST_SEED } = process.env;
/** The soak is for what nobody has seen yet; here the schedules are always the same. */
const seeds = TEST_SEED === undefined ? [1, 2] : [Number(TEST_SEED)];

/** Longer than all patience together: what does not come to rest is to be told, not cut off. */
const timeout = 240_000;

// Side by side, since most of their time is waiting.
test.concurrent.each(seeds)(
  'whatever goes wrong, all is as the tree says once it is calm (seed %i)',
  {
    timeout,
  },
  async (seed) => {
    const kindOf = (round: number) => (round % 2 === 0 ? 'storm' : 'kill');
    const report = await runRounds({ seed, rounds: 3, kindOf });
    const violations = report.rounds.flatMap((round) => round.violations);
    expect(violations, describeReport(report)).toEqual([]);
    expect(report.tally.kills).toBeGreaterThan(0);
  },
);
