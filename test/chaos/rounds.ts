// Rounds of chaos in one world: each a schedule, the calm after it, and the checks.
import { copyFileSync } from 'node:fs';
import { systemClock } from '../../src/clock.ts';
import { calmDown } from './calm.ts';
import { mostInOneSecond, overwrittenEdits, stalestMs } from './requests-checks.ts';
import { drawSchedule, type RoundKind, type Step } from './schedule.ts';
import { carryOut, type Tally } from './steps.ts';
import { openWorld, type World } from './world.ts';

export interface RoundReport {
  readonly round: number;
  readonly kind: RoundKind;
  readonly steps: readonly Step[];
  readonly calmMs: number;
  readonly excused: number;
  readonly violations: readonly string[];
}

export interface WorldReport {
  readonly seed: number;
  readonly rounds: readonly RoundReport[];
  readonly tally: Tally;
  readonly runs: number;
  readonly requests: number;
  readonly writes: number;
  readonly lateWrites: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly personalEdits: number;
  /** How old the edits were, in milliseconds, that a write took back. */
  readonly overwritten: readonly number[];
  readonly mostInOneSecond: number;
  readonly stalestMs: number;
  readonly canFillDisk: boolean;
}

export interface RoundsOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly kindOf: (round: number) => RoundKind;
  readonly onRound?: (report: RoundReport) => void;
  /** Where the daemon's log goes when something was wrong. */
  readonly keepLogAs?: string;
}

/** Ends early with the first round that finds something wrong: what follows would only repeat it. */
export async function runRounds(options: RoundsOptions): Promise<WorldReport> {
  const world = await openWorld(options.seed);
  try {
    const tally: Tally = { kills: 0, terminations: 0, edits: 0, skipped: 0 };
    const rounds: RoundReport[] = [];
    for (let round = 1; round <= options.rounds; round += 1) {
      const report = await runRound({ world, tally, round, kind: options.kindOf(round) });
      rounds.push(report);
      options.onRound?.(report);
      if (report.violations.length > 0) break;
    }
    const isWrong = rounds.at(-1)?.violations.length !== 0;
    if (isWrong && options.keepLogAs !== undefined) copyFileSync(world.logFile, options.keepLogAs);
    return reportOn(world, { seed: options.seed, rounds, tally });
  } finally {
    await world.close();
  }
}

interface Round {
  readonly world: World;
  readonly tally: Tally;
  readonly round: number;
  readonly kind: RoundKind;
}

async function runRound({ world, tally, round, kind }: Round): Promise<RoundReport> {
  const steps = drawSchedule(kind, world.files.count, world.dice);
  world.daemon.start();
  for (const step of steps) await carryOut(step, world, tally);
  world.setFaults(null);
  world.disk.free();
  world.daemon.start();
  // A restart finds everything by itself; so does a schedule.
  if (kind === 'storm' && !world.hasSchedule) await askForResync(world);
  const { violations, tookMs, excused } = await calmDown(world);
  return { round, kind, steps, calmMs: tookMs, excused, violations };
}

/** A process that has not spoken yet has everything before it. */
async function askForResync({ daemon }: World): Promise<void> {
  for (let tries = 0; tries < 100 && !daemon.hasLooked; tries += 1) await systemClock.sleep(20);
  daemon.signal('SIGHUP');
}

function reportOn(
  world: World,
  report: Pick<WorldReport, 'seed' | 'rounds' | 'tally'>,
): WorldReport {
  const { journal, files, daemon, disk, faultCounts } = world;
  const { entries, edits } = journal;
  const past = { entries, edits, files: files.histories, requestsPerSecond: 0 };
  const stored = entries.flatMap((entry) => entry.stored ?? []);
  return {
    ...report,
    runs: daemon.runs,
    requests: entries.length,
    writes: stored.length,
    lateWrites: stored.filter(({ isLate }) => isLate).length,
    faults: Object.fromEntries(faultCounts),
    personalEdits: edits.length,
    overwritten: overwrittenEdits(past),
    mostInOneSecond: mostInOneSecond(entries),
    stalestMs: stalestMs(past),
    canFillDisk: disk.canFill,
  };
}
