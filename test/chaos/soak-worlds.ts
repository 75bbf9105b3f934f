// Rounds of chaos for as long as they are asked for, in worlds of a few rounds each.
import { writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';

interface Round {
  readonly calmMs: number;
  readonly violations: readonly string[];
}

interface Report<OneRound extends Round> {
  readonly rounds: readonly OneRound[];
}

interface WorldOptions<OneRound> {
  readonly seed: number;
  readonly rounds: number;
  readonly onRound: (round: OneRound) => void;
  readonly keepLogAs: string;
}

export interface SoakedWorlds<OneRound extends Round, OneReport extends Report<OneRound>> {
  /** In the names of the logs that are kept. */
  readonly lane: string;
  readonly run: (options: WorldOptions<OneRound>) => Promise<OneReport>;
  readonly describe: (report: OneReport) => string;
  readonly describeRound: (seed: number, round: OneRound) => string;
  /** What all of them did. */
  readonly sum: (reports: readonly OneReport[]) => string;
}

/** All that happened is checked again after each round. */
const roundsPerWorld = 10;

/** To be called once by a file that the soak alone runs. */
export function soakWorlds<OneRound extends Round, OneReport extends Report<OneRound>>(
  worlds: SoakedWorlds<OneRound, OneReport>,
): void {
  const { lane, run, describe, describeRound, sum } = worlds;
  const { SOAK_ROUNDS, SOAK_SEED } = process.env;
  const rounds = Number(SOAK_ROUNDS);
  const firstSeed = Number(SOAK_SEED);
  // The runner, or whoever started it, is gone: the worlds clear up behind them.
  process.on('disconnect', () => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

  test(`${rounds} rounds of ${lane}`, { timeout: 2 ** 31 - 1 }, async () => {
    const startedMs = systemClock.monotonicMs();
    const reports: OneReport[] = [];
    for (let left = rounds; left > 0; left -= roundsPerWorld) {
      const seed = firstSeed + reports.length;
      const report = await run({
        seed,
        rounds: Math.min(left, roundsPerWorld),
        onRound: (round) => print(describeRound(seed, round)),
        keepLogAs: join(tmpdir(), `widget-sync-soak-${lane}-${seed}`),
      });
      reports.push(report);
      if (report.rounds.at(-1)?.violations.length !== 0) print(describe(report));
    }
    const all = reports.flatMap((report) => report.rounds);
    const violations = all.flatMap((round) => round.violations);
    const calms = all.map(({ calmMs }) => calmMs).sort((a, b) => a - b);
    print(
      `${all.length} rounds in ${reports.length} worlds, ${Math.round((systemClock.monotonicMs() - startedMs) / 1000)} s: ` +
        `${sum(reports)}, ` +
        `calm after ${Math.round(calms[Math.floor(calms.length / 2)] ?? 0)} ms (median), ${Math.round(calms.at(-1) ?? 0)} ms (longest); ` +
        `${violations.length} violations`,
    );
    expect(violations).toEqual([]);
    expect(all.length, 'rounds').toBeGreaterThan(0);
  });
}

/** At once, past the test runner. */
function print(line: string): void {
  writeSync(1, `${line}\n`);
}
