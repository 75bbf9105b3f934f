// Whatever keeps anything from being looked at or sent is an error or a warning in the log as well, so that an
// alert on levels sees what the status and the metrics show.
import { expect, test } from 'vitest';
import { ApiError } from '../../src/base/errors.ts';
import type { LoadedTree } from '../../src/model/document.ts';
import { logSending } from '../../src/observe/log-changes.ts';
import { logLimit } from '../../src/observe/log-limit.ts';
import { logOutage } from '../../src/observe/log-outage.ts';
import { logPasses } from '../../src/observe/log-passes.ts';
import { Obstacles } from '../../src/observe/status/obstacles.ts';
import { type ObstacleKind, obstacleKinds } from '../../src/status/status-record.ts';
import type { Refusal, SyncEvent } from '../../src/sync/events.ts';
import { planOf, unavailable } from '../support/changes.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { captureLog } from './notify/capture-log.ts';

const minuteMs = 60_000;

const tree: LoadedTree = {
  ...{ documents: [], held: [], problems: [], notes: [], fragments: [], nextUntil: null },
  ...{ revision: null, committedAt: null, folders: new Map(), source: 'plain' },
};

function passed(refusal: Refusal | null): SyncEvent {
  const plan = planOf({});
  return { kind: 'plan-made', tree, plan, refusal, trigger: 'files', durationMs: 1 };
}

const failedSweep: SyncEvent = {
  ...{ kind: 'work-failed', work: 'sweep', error: unavailable, trigger: 'resync' },
  retryInMs: 60_000,
};

const unsettled = { code: 'git', message: 'a merge is under way', retryInMs: 1000 } as const;

const refusedKey = new ApiError('the API refused the key', {
  ...{ status: 401, retry: 'never', scope: 'account', retryAfterMs: null, refusedFields: [] },
});

type Course = readonly [begins: SyncEvent | null, lasts: SyncEvent | null, ends: SyncEvent | null];

/** What is heard first, what each minute after that, and what at the end. */
const courses: Readonly<Record<ObstacleKind, Course>> = {
  key: [
    { kind: 'sending-halted', error: refusedKey, isFinal: false },
    null,
    { kind: 'sending-resumed' },
  ],
  service: [
    {
      ...{ kind: 'outage-began', error: unavailable, failures: 5 },
      since: new Date(0),
      nextTryInMs: 1,
    },
    { kind: 'outage-continued', nextTryInMs: 60_000 },
    { kind: 'outage-ended', durationMs: 1 },
  ],
  limit: [null, null, null],
  pass: [
    { kind: 'files-unsettled', unsettled, sinceMs: 0, trigger: 'files' },
    { kind: 'files-unsettled', unsettled, sinceMs: minuteMs, trigger: 'files' },
    passed(null),
  ],
  changes: [
    passed({ code: 'too-many-changes', checksum: 'abc', changes: 7, most: 5 }),
    null,
    passed(null),
  ],
  sweep: [failedSweep, failedSweep, { kind: 'sweep-ended' }],
  'key-file': [{ kind: 'key-unusable', problem: 'it is empty' }, null, { kind: 'key-usable' }],
};

test.each(obstacleKinds)(
  '%s: a line of error or warn once it lasts, and one when it is over',
  async (by) => {
    const { log, lines } = captureLog();
    const clock = new FakeClock(new Date('2026-03-01T08:00:00Z'));
    const limiter = { outage: null, wait: null, refusedForMs: 0 };
    const obstacles = new Obstacles({ clock, limiter, queued: () => 0 });
    const listeners = [
      ...[logSending(log), logPasses(log), logOutage(log, limiter, clock), logLimit(log, limiter)],
      obstacles.hear,
    ];
    const hear = (event: SyncEvent | null) => {
      const heard: SyncEvent[] = event === null ? [] : [event];
      for (const one of [...heard, { kind: 'status-changed' } as const]) {
        for (const listener of listeners) listener(one);
      }
    };
    const loud = () => lines().filter(({ level }) => level === 'error' || level === 'warn').length;
    const [begins, lasts, ends] = courses[by];
    hear(begins);
    for (let minute = 1; minute <= 5; minute += 1) {
      await clock.advance(minuteMs);
      if (by === 'limit') limiter.refusedForMs = minute * minuteMs;
      hear(lasts);
    }
    expect(obstacles.list()).toMatchObject([{ by }]);
    // Once it was noticed, and again at most where it turned out to last.
    expect(loud()).toBeGreaterThanOrEqual(1);
    expect(loud()).toBeLessThanOrEqual(2);
    const before = lines().length;
    limiter.refusedForMs = 0;
    hear(ends);
    expect(obstacles.list()).toEqual([]);
    expect(lines().slice(before)).toContainEqual(expect.objectContaining({ level: 'info' }));
  },
);

test('the log and the status of one account of several say what that account takes', () => {
  const { log, lines } = captureLog();
  const account = 'harbor';
  const limiter = { outage: null, wait: null, refusedForMs: 0 };
  const obstacles = new Obstacles({ clock: new FakeClock(), account, limiter, queued: () => 0 });
  const refused = passed({ code: 'too-many-changes', checksum: 'abc', changes: 7, most: 5 });
  for (const hear of [logPasses(log, account), obstacles.hear]) hear(refused);
  const says =
    '7 widgets would change, and max_changes of harbor allows 5: nothing is sent. ' +
    'widget-sync plan --account harbor shows all of it; if it is meant, apply exactly it with ' +
    'widget-sync apply --checksum abc --account harbor and the flags of this run';
  expect(obstacles.list()).toMatchObject([{ by: 'changes', says }]);
  expect(lines()).toContainEqual(expect.objectContaining({ level: 'error', detail: says }));
});

test('a limit is told as an error once it has lasted for two minutes, and once when it is over', () => {
  const { log, lines } = captureLog();
  const limiter = { refusedForMs: 0 };
  const hear = logLimit(log, limiter);
  for (const seconds of [0, 60, 119.9, 120, 180, 0, 0, 130]) {
    limiter.refusedForMs = seconds * 1000;
    hear({ kind: 'status-changed' });
  }
  const msg = 'the API refuses every request for its limit (429)';
  expect(lines()).toEqual([
    { level: 'error', duration_ms: 120_000, msg },
    { level: 'info', msg: 'the API takes requests again' },
    { level: 'error', duration_ms: 130_000, msg },
  ]);
});
