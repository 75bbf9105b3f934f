// Chaos for as long as it is asked for, in worlds of a few rounds each: `npm run soak`.
import { writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { describeReport, describeRound, summarize } from './report.ts';
import { runRounds, type WorldReport } from './rounds.ts';
import type { RoundKind } from './schedule.ts';

const { SOAK_ROUNDS, SOAK_SEED, SOAK_ONLY } = process.env;
const rounds = Number(SOAK_ROUNDS);
const firstSeed = Number(SOAK_SEED);
let roundsMade = 0;
let isOver = false;

// The runner, or whoever started it, is gone: the worlds clear up behind them.
process.on('disconnect', () => process.exit(1));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The runner ends its workers by a signal, too.
    if (!isOver) print(`STOPPED after ${roundsMade} of ${rounds} rounds: the rest is not shown`);
    process.exit(1);
  });
}

/** A world's past is checked again after each of its rounds, and has to stay short. */
const roundsPerWorld = 25;

test(`${rounds} rounds of chaos`, { timeout: 2 ** 31 - 1 }, async () => {
  const startedMs = systemClock.monotonicMs();
  const reports: WorldReport[] = [];
  for (let left = rounds; left > 0; left -= roundsPerWorld) {
    const seed = firstSeed + reports.length;
    const report = await runRounds({
      seed,
      rounds: Math.min(left, roundsPerWorld),
      kindOf,
      onRound: (round) => {
        roundsMade += 1;
        print(describeRound(seed, round));
      },
      keepLogAs: join(tmpdir(), `widget-sync-soak-${seed}.log`),
    });
    reports.push(report);
    if (report.rounds.at(-1)?.violations.length !== 0) print(describeReport(report));
  }
  isOver = true;
  print(summarize(reports, systemClock.monotonicMs() - startedMs));
  const violations = reports.flatMap((report) => report.rounds.flatMap((one) => one.violations));
  expect(violations).toEqual([]);
  expect(roundsMade, 'rounds').toBeGreaterThan(0);
});

function kindOf(round: number): RoundKind {
  if (SOAK_ONLY === 'kill' || SOAK_ONLY === 'storm') return SOAK_ONLY;
  return round % 5 === 0 ? 'storm' : 'kill';
}

/** At once, past the test runner: whoever waits for hours wants to see that something moves. */
function print(line: string): void {
  writeSync(1, `${line}\n`);
}
