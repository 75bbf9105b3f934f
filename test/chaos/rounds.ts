// Rounds of chaos in one world: each a schedule, the calm after it, and the checks.
import { copyFileSync, readFileSync } from 'node:fs';
import { calmDown, pastOf } from './calm.ts';
import { checkKeys, type Trace, tracesBelow } from './key-checks.ts';
import { mostInOneSecond, overwrittenEdits } from './requests-checks.ts';
import { drawSchedule, type RoundKind, type Step } from './schedule.ts';
import { stalestMs } from './stale-checks.ts';
import { carryOut, startTally, type Tally } from './steps.ts';
import { openWorld, type World } from './world.ts';

export interface RoundReport {
  readonly round: number;
  readonly kind: RoundKind;
  readonly steps: readonly Step[];
  readonly calmMs: number;
  /** Why widgets were left as they were until the daemon was asked to look, or to send, again. */
  readonly excuses: readonly string[];
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
  readonly outages: number;
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
    const tally = startTally();
    const rounds: RoundReport[] = [];
    for (let round = 1; round <= options.rounds; round += 1) {
      const made = await runRound({ world, tally, round, kind: options.kindOf(round) });
      const isLast = round === options.rounds || made.violations.length > 0;
      const found = isLast ? checkKeys([...world.keys], tracesOf(world)) : [];
      const report = { ...made, violations: [...made.violations, ...found] };
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

/** In a world without a schedule; what is wrong afterwards, if anything. */
export async function runSteps(steps: readonly Step[]): Promise<readonly string[]> {
  const world = await openWorld(unscheduledSeed);
  try {
    const tally = startTally();
    world.daemon.start();
    const before = await calmDown(world);
    for (const step of steps) await carryOut(step, world, tally);
    world.setFaults(null);
    const { violations } = await calmDown(world);
    const found = checkKeys([...world.keys], tracesOf(world));
    return [...before.violations, ...violations, ...found];
  } finally {
    await world.close();
  }
}

/** Whose world has no resyncs by schedule: they would help the daemon. */
const unscheduledSeed = 5;

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
  const { violations, tookMs, excuses } = await calmDown(world);
  return { round, kind, steps, calmMs: tookMs, excuses, violations };
}

/** Everything that the daemon has left behind, and all that it has said. */
export function tracesOf({ stateDirectory, logFile, daemon }: World): Trace[] {
  const said = daemon.endings.map(({ stderr }, index) => ({
    name: `stderr of run ${index + 1}`,
    text: stderr,
  }));
  return [
    ...tracesBelow(stateDirectory),
    { name: 'the log', text: readFileSync(logFile, 'utf8') },
    ...said,
  ];
}

function reportOn(
  world: World,
  report: Pick<WorldReport, 'seed' | 'rounds' | 'tally'>,
): WorldReport {
  const { journal, daemon, disk, faultCounts } = world;
  const { entries, edits } = journal;
  const past = pastOf(world);
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
    outages: daemon.outages.length,
    canFillDisk: disk.canFill,
  };
}
