// What a process leaves of itself: its sign of life, its end, and the findings of the one before it.
import { expect, onTestFinished, test } from 'vitest';
import { StateError } from '../../../src/base/errors.ts';
import type { AppliedRecord } from '../../../src/model/applied-record.ts';
import type { WidgetId } from '../../../src/model/widget.ts';
import { StatusReporter } from '../../../src/observe/status/status-reporter.ts';
import type { FoundStatus } from '../../../src/state/state-store.ts';
import type { StatusRecord } from '../../../src/status/status-record.ts';
import type { SyncEvent } from '../../../src/sync/events.ts';
import {
  foundAt,
  obstacleOf,
  queuedOf,
  recordOf,
  statusOf,
  unknownLifetime,
} from '../../state/fixtures/state-options.ts';
import { named, planOf } from '../../support/changes.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

const tree = {
  ...{ documents: [], held: [], problems: [], notes: [], fragments: [], nextUntil: null },
  ...{ revision: null, committedAt: null, folders: new Map(), source: 'plain' as const },
};
const passed: SyncEvent = {
  ...{ kind: 'plan-made', tree, plan: planOf({}), refusal: null, trigger: 'files', durationMs: 1 },
};

interface World {
  readonly before?: StatusRecord;
  readonly status?: () => Promise<FoundStatus>;
  readonly clock?: FakeClock;
}

function beating({ before, status, clock = new FakeClock() }: World = {}) {
  const reports: StatusRecord[] = [];
  const events: SyncEvent[] = [];
  const failures: string[] = [];
  const liveness = { isAlive: true };
  const records = new Map<WidgetId, AppliedRecord>();
  const reporter = new StatusReporter(
    { command: 'run', directory: 'widgets' },
    {
      state: {
        records,
        status: status ?? (async () => ({ status: before ?? null, damaged: null })),
        reportStatus: async (report) => void reports.push(report),
      },
      ...{ clock, liveness, queued: () => [], self: { pid: 42, host: 'here' } },
      directory: { locate: () => null, compose: () => null },
      live: { readable: true },
      limiter: { wait: null, refusedForMs: 0, outage: null },
      pace: { about: null },
      emit: (event) => events.push(event),
      onFailure: (message) => failures.push(message),
    },
  );
  onTestFinished(() => reporter.stop());
  const since = (seconds: number) => new Date(clock.now().getTime() - seconds * 1000);
  return { clock, reporter, reports, events, failures, liveness, records, since };
}

test('it beats every 15 seconds while the loop turns, and says so also when nothing happens', async () => {
  const { clock, reporter, reports, liveness, since } = beating();
  const startedAt = clock.now();
  await reporter.start();
  reporter.hear(passed);
  for (const _ of [1, 2, 3, 4]) await clock.advance(15_000);
  const beats = reports.map(({ lifetime }) => Number(lifetime.heartbeat) - Number(startedAt));
  expect(beats).toEqual([0, 15_000, 30_000, 45_000]);
  expect(reports.at(-1)?.lifetime).toMatchObject({
    pid: 42,
    host: 'here',
    startedAt,
    endedAt: null,
  });

  liveness.isAlive = false;
  await clock.advance(15_000);
  liveness.isAlive = true;
  await clock.advance(60_000);
  expect(reports.at(-1)?.lifetime.heartbeat).toEqual(since(15));
});

test('what is written for a look saves the next beat, also soon after the last one', async () => {
  const { clock, reporter, reports } = beating();
  await reporter.start();
  await clock.advance(5000);
  reporter.hear(passed);
  const writtenAtMs: number[] = [];
  for (let atMs = 5000; atMs < 40_000; atMs += 100) {
    const before = reports.length;
    await clock.advance(100);
    if (reports.length > before) writtenAtMs.push(clock.monotonicMs());
  }
  expect(writtenAtMs).toEqual([5500, 20_500, 35_500]);
});

test('accounts that begin at any time beat together, and none later than each 15 seconds', async () => {
  const clock = new FakeClock();
  const accounts: ReturnType<typeof beating>[] = [];
  for (const restMs of [0, 130, 480, 260]) {
    await clock.advance(restMs);
    const account = beating({ clock });
    await account.reporter.start();
    accounts.push(account);
  }
  await clock.advance(60_000);
  const beats = accounts.map(({ reports }) =>
    reports.map(({ lifetime }) => Number(lifetime.heartbeat)),
  );
  for (const times of beats) {
    expect(times.length).toBeGreaterThanOrEqual(4);
    const apart = times.slice(1).map((time, n) => time - Number(times[n]));
    expect(Math.max(...apart)).toBeLessThanOrEqual(15_000);
  }
  expect(new Set(beats.map((times) => times.at(-1))).size).toBe(1);
});

test('its end is left in good order, after which nothing is written', async () => {
  const { clock, reporter, reports } = beating();
  await reporter.start();
  reporter.hear(passed);
  await clock.advance(7000);
  await reporter.stop();
  expect(reports.at(-1)?.lifetime.endedAt).toEqual(clock.now());
  const written = reports.length;
  reporter.hear(passed);
  reporter.planned(null);
  await clock.advance(60_000);
  expect(reports).toHaveLength(written);
});

const earlier = statusOf({
  revision: 'abc',
  lifetime: { ...unknownLifetime, pid: 7, lastResync: foundAt, lastWrite: foundAt },
  obstacles: [obstacleOf('the key is refused', 'key')],
  queue: [queuedOf('a')],
  held: [
    {
      ...{ widgetId: null, file: 'x.yaml', code: 'yaml-syntax', message: 'broken', line: 1 },
      ...{ until: null, since: foundAt },
    },
  ],
});

test('before its first pass it leaves what the process before has found, with its own sign of life', async () => {
  const { clock, reporter, reports } = beating({ before: earlier });
  await reporter.start();
  await clock.advance(1000);
  const { time, revision, held, queue } = earlier;
  expect(reports.at(-1)).toMatchObject({ time, revision, held, queue, obstacles: [] });
  expect(reports.at(-1)?.lifetime).toMatchObject({
    ...{ pid: 42, endedAt: null, lastResync: foundAt, lastWrite: foundAt },
  });

  reporter.hear(passed);
  await clock.advance(1000);
  expect(reports.at(-1)).toMatchObject({ held: [], queue: [], revision: null });
});

test('what is found again has been so since the process before found it', async () => {
  const { clock, reporter, reports } = beating({ before: earlier });
  await reporter.start();
  const held = { widgetId: null, file: 'x.yaml', code: 'yaml-syntax', message: 'broken' } as const;
  reporter.hear({ ...passed, plan: planOf({ held: [held] }) } as SyncEvent);
  await clock.advance(1000);
  expect(reports.at(-1)?.held).toMatchObject([{ file: 'x.yaml', since: foundAt }]);
});

test('a status that cannot be read is said, and nothing depends on it', async () => {
  const { clock, reporter, reports, failures } = beating({
    status: () => Promise.reject(new StateError('cannot read the status')),
  });
  await reporter.start();
  reporter.hear(passed);
  await clock.advance(1000);
  expect(failures).toEqual(['cannot read the status']);
  expect(reports).not.toEqual([]);
});

test('a change of the status is an event, at most twice a second, and then is what is asked for', async () => {
  const { clock, reporter, events, records } = beating();
  await reporter.start();
  await clock.advance(500);
  expect(reporter.current()).toBe(reporter.current());
  const before = events.length;
  const record = recordOf('a' as WidgetId);
  records.set(record.widgetId, record);
  const change = named(1, 'Ava');
  const outcome = {
    status: 'applied',
    change,
    attempts: 1,
    durationMs: 1,
    httpStatus: 200,
  } as const;
  for (let n = 0; n < 50; n += 1) {
    reporter.hear({ kind: 'change-ended', outcome: { ...outcome, kept: [] } });
    await clock.advance(20);
  }
  await settle();
  expect(events.slice(before)).toEqual([{ kind: 'status-changed' }, { kind: 'status-changed' }]);
  expect(reporter.current().counts).toMatchObject({ applied: 1 });
  expect(reporter.current().record?.lifetime.lastWrite).not.toBeNull();
});

test('the next resync is told as it is planned, and the last as it ends', async () => {
  const { clock, reporter, reports } = beating();
  await reporter.start();
  const nextResync = new Date('2026-03-01T09:00:00Z');
  reporter.planned(nextResync);
  const lastResync = clock.now();
  reporter.hear({ kind: 'sweep-ended' });
  await clock.advance(1000);
  expect(reports.at(-1)?.lifetime).toMatchObject({ nextResync, lastResync });
});
