// Chaos over several accounts for as long as it is asked for, in worlds of a few rounds each.
import { writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import {
  type AgencyReport,
  describeAgency,
  describeAgencyRound,
  runAgencyRounds,
} from './agency-rounds.ts';

const { SOAK_ROUNDS, SOAK_SEED } = process.env;
const rounds = Number(SOAK_ROUNDS);
const firstSeed = Number(SOAK_SEED);

// The runner, or whoever started it, is gone: the worlds clear up behind them.
process.on('disconnect', () => process.exit(1));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

/** All that happened is checked again after each round. */
const roundsPerWorld = 10;

test(`${rounds} rounds of chaos over accounts`, { timeout: 2 ** 31 - 1 }, async () => {
  const startedMs = systemClock.monotonicMs();
  const reports: AgencyReport[] = [];
  for (let left = rounds; left > 0; left -= roundsPerWorld) {
    const seed = firstSeed + reports.length;
    const report = await runAgencyRounds({
      seed,
      rounds: Math.min(left, roundsPerWorld),
      onRound: (round) => print(describeAgencyRound(seed, round)),
      keepLogAs: join(tmpdir(), `widget-sync-soak-accounts-${seed}.log`),
    });
    reports.push(report);
    if (report.rounds.at(-1)?.violations.length !== 0) print(describeAgency(report));
  }
  const all = reports.flatMap((report) => report.rounds);
  const violations = all.flatMap((round) => round.violations);
  const writes = reports.map(({ writes: { fernwood, harbor } }) => fernwood + harbor);
  const sum = (of: readonly number[]) => of.reduce((total, one) => total + one, 0);
  const calms = all.map(({ calmMs }) => calmMs).sort((a, b) => a - b);
  print(
    `${all.length} rounds in ${reports.length} worlds, ${Math.round((systemClock.monotonicMs() - startedMs) / 1000)} s: ` +
      `${sum(reports.map(({ runs }) => runs))} runs of the daemon, ${sum(writes)} writes stored beside the account that fails, ` +
      `calm after ${Math.round(calms[Math.floor(calms.length / 2)] ?? 0)} ms (median), ${Math.round(calms.at(-1) ?? 0)} ms (longest); ` +
      `${violations.length} violations`,
  );
  expect(violations).toEqual([]);
  expect(all.length, 'rounds').toBeGreaterThan(0);
});

/** At once, past the test runner. */
function print(line: string): void {
  writeSync(1, `${line}\n`);
}
