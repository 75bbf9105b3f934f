// A short run of the chaos that `npm run soak` makes for hours, and short schedules that are always the
// same: each shows one way of being broken.
import { expect, test } from 'vitest';
import { few } from '../support/soak.ts';
import { fixedSchedules } from './fixed-schedules.ts';
import { describeReport } from './report.ts';
import { runRounds, runSteps } from './rounds.ts';

const { TEST_SEED } = process.env;
/** The soak is for what nobody has seen yet; here the schedules are always the same. */
const seed = Number(TEST_SEED ?? 1);

/** Longer than all patience together: what does not come to rest is to be told, not cut off. */
const timeout = 240_000;

// Side by side, since most of their time is waiting.
test.concurrent('whatever goes wrong, all is as the tree says once it is calm', {
  timeout,
}, async () => {
  const rounds = few(2, { soak: 3 });
  const kindOf = (round: number) => (round === rounds ? 'storm' : 'kill');
  const report = await runRounds({ seed, rounds, kindOf });
  const violations = report.rounds.flatMap((round) => round.violations);
  expect(violations, describeReport(report)).toEqual([]);
  expect(report.tally.kills).toBeGreaterThan(0);
});

test.concurrent.each(fixedSchedules)('%s', { timeout }, async (_, steps) => {
  expect(await runSteps(steps)).toEqual([]);
});
