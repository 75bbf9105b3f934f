// When the last pass was, as `status` tells it: a stamp that moved without one would hide that the
// daemon cannot look.
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { StatusReporter } from '../../../src/observe/status/status-reporter.ts';
import type { StatusRecord } from '../../../src/status/status-record.ts';
import { settle } from '../../support/fake-clock.ts';
import { LoopWorld, yaml } from '../../support/loop-world.ts';

const two = { 'ava.yaml': yaml(1, 'Ava'), 'ben.yaml': yaml(2, 'Ben') };
const minuteMs = 60_000;

/** A daemon that has applied both, with a status reporter that hears what happens, as in `run`. */
async function watched() {
  const reports: StatusRecord[] = [];
  const looks: { failure: UsageError | null } = { failure: null };
  const world = await LoopWorld.make(two, {
    change: ({ emit, clock, directory }) => {
      const reporter = new StatusReporter(
        { command: 'run', directory: 'widgets' },
        {
          state: {
            records: new Map(),
            status: async () => ({ status: null, damaged: null }),
            reportStatus: async (status) => void reports.push(status),
          },
          ...{ clock, emit, liveness: { isAlive: true } },
          directory: { locate: () => null, compose: () => null },
          queued: () => [],
          self: { pid: 42, host: 'here' },
          live: { readable: true },
          limiter: { wait: null, refusedForMs: 0, outage: null },
          pace: { about: null },
          onFailure: (message) => expect.fail(message),
        },
      );
      return {
        directory: {
          dir: directory.dir,
          look() {
            if (looks.failure !== null) throw looks.failure;
            return directory.look();
          },
        },
        emit(event) {
          reporter.hear(event);
          emit(event);
        },
      };
    },
  });
  await world.startAndApply(2);
  await world.until(() => world.state.records.size === 2);
  await world.clock.advance(1000);
  /** What stands in the status by now. */
  const last = async () => {
    await settle();
    await world.clock.advance(1000);
    return reports.at(-1);
  };
  return { world, looks, last };
}

type Watched = Awaited<ReturnType<typeof watched>>;

interface Trouble {
  /** From here on no pass completes. */
  begin(daemon: Watched): Promise<void>;
  readonly told: RegExp;
  end(daemon: Watched): Promise<void>;
}

const elsewhere = ({ world }: Watched) => join(world.root, 'elsewhere');

const troubles: readonly (readonly [string, Trouble])[] = [
  [
    'while the directory is gone',
    {
      begin: (daemon) => rename(daemon.world.widgets, elsewhere(daemon)),
      told: /^postponed missing$/,
      end: (daemon) => rename(elsewhere(daemon), daemon.world.widgets),
    },
  ],
  [
    'while nothing is left in the directory',
    {
      async begin({ world }) {
        for (const file of Object.keys(two)) await rm(join(world.widgets, file));
      },
      told: /^postponed emptied$/,
      async end({ world }) {
        for (const [file, text] of Object.entries(two)) world.write(file, text);
      },
    },
  ],
  [
    'while each look fails',
    {
      async begin({ looks }) {
        looks.failure = new UsageError('not a directory');
      },
      told: /^UsageError (?:files|retry) /,
      async end({ looks }) {
        looks.failure = null;
      },
    },
  ],
];

test.each(troubles)(
  'the time of the last pass stands still %s, and moves with the next one',
  async (_, trouble) => {
    const daemon = await watched();
    const { world, last } = daemon;
    const before = await last();
    expect(before).toMatchObject({ time: expect.any(Date), obstacles: [] });

    await trouble.begin(daemon);
    const isTold = () => world.told.filter((line) => trouble.told.test(line)).length;
    for (let hints = 1; hints <= 3; hints += 1) {
      const told = isTold();
      world.hint();
      await world.clock.advance(minuteMs);
      await world.until(() => isTold() > told);
    }
    const meanwhile = await last();
    expect(meanwhile?.time).toEqual(before?.time);
    expect(meanwhile?.obstacles).not.toEqual([]);

    await trouble.end(daemon);
    const passes = world.plans.length;
    const endedMs = world.clock.now().getTime();
    world.hint();
    await world.clock.advance(minuteMs);
    await world.until(() => world.plans.length > passes);
    const after = await last();
    expect(after?.time?.getTime()).toBeGreaterThanOrEqual(endedMs);
    expect(after?.obstacles).toEqual([]);
  },
);

test('the time of the last pass moves with one that finds nothing to do', async () => {
  const { world, last } = await watched();
  const before = await last();
  const passes = world.plans.length;
  world.hint();
  await world.clock.advance(minuteMs);
  await world.until(() => world.plans.length > passes);
  expect(world.plans.at(-1)?.changes).toEqual([]);
  const after = await last();
  expect(Number(after?.time) - Number(before?.time)).toBeGreaterThan(0);
});
