// A tree of widget files, an account, a daemon between the two, and everything that can happen to them.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import type { FaultPlan } from '../../src/sandbox/faults/fault-rules.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import type { SeedWidget } from '../../src/sandbox/widget-store.ts';
import { widgetId } from '../support/sandbox.ts';
import { seedFields } from './contents.ts';
import { Daemon } from './daemon.ts';
import { type Dice, rollDice } from './dice.ts';
import { Faults, journaling } from './faulty-requests.ts';
import { Journal } from './journal.ts';
import type { Leap } from './requests-checks.ts';
import { mountDisk, type StateDisk } from './small-disk.ts';
import { WidgetFiles } from './widget-files.ts';

/** Low enough to be felt by a burst of edits. */
export const requestsPerSecond = 10;

export interface World {
  readonly dice: Dice;
  readonly files: WidgetFiles;
  readonly sandbox: Sandbox;
  readonly journal: Journal;
  readonly leaps: readonly Leap[];
  readonly daemon: Daemon;
  readonly disk: StateDisk;
  readonly stateDirectory: string;
  readonly logFile: string;
  /** Resyncs come by schedule; else only when they are asked for. */
  readonly hasSchedule: boolean;
  /** Faults suffered so far, by kind. */
  readonly faultCounts: ReadonlyMap<string, number>;
  setFaults(plan: FaultPlan | null): void;
  shiftClock(shiftMs: number): void;
  /** The account takes only this key. */
  acceptKey(key: string): void;
  /** The daemon's key file holds this key. */
  writeKey(key: string): void;
  /** Every key that either of them has ever had. */
  readonly keys: ReadonlySet<string>;
  /** When the key file was last written. */
  readonly keyWrittenAtMs: number;
  close(): Promise<void>;
}

export async function openWorld(seed: number): Promise<World> {
  const dice = rollDice(seed);
  const root = mkdtempSync(join(tmpdir(), 'widget-sync-chaos-'));
  const stateDirectory = join(root, 'state');
  for (const name of ['widgets', 'state', 'secret']) mkdirSync(join(root, name));
  const disk = mountDisk(stateDirectory);
  const count = dice.between(10, 14);
  const hasSchedule = dice.lucky(0.3);
  const faults = new Faults();
  const journal = new Journal(() => daemon.runs);
  const sandbox = await startSandbox({
    apiKey: firstKey,
    put: dice.pick(['merge', 'replace']),
    widgets: seedWidgets(count),
    onRequest: journaling(journal, faults, () => sandbox),
  });
  const files = new WidgetFiles(join(root, 'widgets'), count, dice);
  for (let n = 0; n < count; n += 1) await files.write(n, 'replaced');
  const [keyFile, clockFile] = [join(root, 'secret/key'), join(root, 'clock')];
  const [logFile, args] = [join(root, 'daemon.log'), daemonArguments(sandbox.url, hasSchedule)];
  const onEnd = (run: number) => journal.recorded.set(run, recordsIn(stateDirectory));
  const daemon = new Daemon({ cwd: root, args, keyFile, clockFile, logFile, onEnd });
  const keys = new Set<string>();
  let keyWrittenAtMs = 0;
  // A harness that is told to end in the middle leaves neither a process nor a mount behind.
  const clear = () => {
    daemon.killAtOnce();
    disk.remove();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', clear);
  const leaps: Leap[] = [];
  const world: World = {
    leaps,
    ...{ dice, files, sandbox, journal, daemon, disk, stateDirectory, logFile, hasSchedule },
    faultCounts: faults.counts,
    setFaults: (plan) => faults.set(plan),
    shiftClock: (wantedMs) => {
      const furthestMs = faults.clockShiftMs + longestLeapMs;
      const before = faults.clockShiftMs;
      faults.clockShiftMs = hasSchedule ? Math.min(wantedMs, furthestMs) : wantedMs;
      if (faults.clockShiftMs > before) {
        leaps.push({
          atMs: systemClock.monotonicMs(),
          run: daemon.runs + (daemon.isRunning ? 0 : 1),
        });
      }
      replaceFile(clockFile, String(faults.clockShiftMs));
    },
    keys,
    get keyWrittenAtMs() {
      return keyWrittenAtMs;
    },
    acceptKey: (key) => {
      keys.add(key);
      sandbox.setApiKey(key);
    },
    writeKey: (key) => {
      keys.add(key);
      replaceFile(keyFile, key);
      keyWrittenAtMs = systemClock.monotonicMs();
    },
    async close() {
      await daemon.kill();
      daemon.close();
      await sandbox.close();
      process.off('exit', clear);
      clear();
    },
  };
  world.writeKey(firstKey);
  return world;
}

/** A schedule of seconds would have to catch up with every tick that a longer leap jumps over. */
const longestLeapMs = 3 * 60_000;

/** Some of what is in a key is written otherwise in a URL. */
export function nameKey(n: number): string {
  return `in-chaos/${n}+key`;
}

const firstKey = nameKey(0);

function seedWidgets(count: number): SeedWidget[] {
  return Array.from({ length: count }, (_, n) => ({
    widgetId: widgetId(n),
    fields: seedFields(n),
  }));
}

function daemonArguments(url: string, hasSchedule: boolean): string[] {
  return [
    ...['run', 'widgets', '--api-url', url, '--state', 'state'],
    ...['--rate', `${requestsPerSecond}/s`, '--timeout', '1s', '--rescan', '1s'],
    ...['--resync', hasSchedule ? '*/2 * * * * *' : 'off'],
    ...['--log-level', 'debug', '--log-format', 'json'],
  ];
}

function recordsIn(stateDirectory: string): ReadonlySet<string> {
  const directory = join(stateDirectory, 'widgets');
  return new Set(
    existsSync(directory) ? readdirSync(directory).map((name) => name.replace(/\.json$/, '')) : [],
  );
}

function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
