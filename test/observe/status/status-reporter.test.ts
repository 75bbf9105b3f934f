import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { ApiError, StateError, UsageError } from '../../../src/base/errors.ts';
import type { AppliedRecord } from '../../../src/model/applied-record.ts';
import type { LoadedTree } from '../../../src/model/document.ts';
import type { Outcome } from '../../../src/model/outcome.ts';
import type { Change, Plan } from '../../../src/model/plan.ts';
import type { WidgetId } from '../../../src/model/widget.ts';
import { StatusReporter } from '../../../src/observe/status/status-reporter.ts';
import { makePlan } from '../../../src/plan/make-plan.ts';
import { openState } from '../../../src/state/file/file-store.ts';
import { readStatus } from '../../../src/state/file/file-view.ts';
import type { StatusRecord } from '../../../src/status/status-record.ts';
import type { SyncEvent, Work } from '../../../src/sync/events.ts';
import type { QueuedChange } from '../../../src/sync/queue/queued-changes.ts';
import type { Wait } from '../../../src/sync/rate/wait.ts';
import {
  accountOf,
  changed,
  documentOf,
  heldOf,
  idOf,
  recordOf,
  viewsOf,
} from '../../plan/fixtures.ts';
import { stateOptions, temporaryDirectory } from '../../state/fixtures/state-options.ts';
import { named } from '../../support/changes.ts';

const startedAt = new Date('2026-03-01T08:00:00Z');
const origin = { command: 'run', directory: 'widgets' };
const self = { pid: 42, host: 'here' };
const directory = { locate: () => null, compose: () => null };
const lifetime = {
  ...{ ...self, startedAt, heartbeat: null, endedAt: null },
  ...{ lastResync: null, nextResync: null, lastWrite: null },
};

function blockedOf({ obstacles: [worst] }: StatusRecord): string | null {
  return worst?.says ?? null;
}

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'],
    now: startedAt,
  });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A reporter whose reports are kept in the order in which they were written. */
function reporterOf(write: () => Promise<void> = async () => {}) {
  const queue: QueuedChange[] = [];
  const live = { readable: true };
  const limiter: {
    wait: Wait | null;
    refusedForMs: number;
    outage: { nextTryInMs: number } | null;
  } = { wait: null, refusedForMs: 0, outage: null };
  const pace: { about: number | null } = { about: null };
  const records = new Map<WidgetId, AppliedRecord>();
  const reports: StatusRecord[] = [];
  const failures: string[] = [];
  const state = {
    records,
    status: async () => ({ status: null, damaged: null }),
    reportStatus(status: StatusRecord) {
      reports.push(status);
      return write();
    },
  };
  const onFailure = (message: string) => failures.push(message);
  return {
    reporter: new StatusReporter(origin, {
      state,
      clock: systemClock,
      ...{ directory, self, live, limiter, pace, onFailure },
      queued: () => queue,
      liveness: { isAlive: true },
      emit: () => {},
    }),
    records,
    reports,
    failures,
    queue,
    live,
    limiter,
    pace,
  };
}

/** A plan to send these widgets for the first time. */
function planOf(...numbers: number[]): Plan {
  const desired = numbers.map((n) => documentOf(n, { widget_type: 'chat', name: `w${n}` }));
  return makePlan(viewsOf({ desired }), changed);
}

function changeOf(plan: Plan, n: number): Change {
  const change = plan.changes.find(({ widgetId }) => widgetId === idOf(n));
  if (change === undefined) throw new Error(`the plan does not change widget ${n}`);
  return change;
}

/** In the line, not tried yet. */
function toSend(change: Change): QueuedChange {
  const nothing = { attempts: 0, failure: null, nextTry: null };
  return { change, phase: 'queued', place: 1, ...nothing, since: startedAt };
}

function applied(change: Change): Outcome {
  const facts = { attempts: 1, durationMs: 5, httpStatus: 200, kept: [] };
  return { status: 'applied', change, ...facts };
}

function failedBy(error: ApiError | StateError, change: Change): Outcome {
  return { status: 'failed', change, attempts: 2, durationMs: 5, error };
}

const unavailable = new ApiError('the API answered 503', {
  status: 503,
  retry: 'later',
  scope: 'widget',
  retryAfterMs: null,
  refusedFields: [],
});

const tree: LoadedTree = {
  ...{ documents: [], held: [], problems: [], notes: [], fragments: [], nextUntil: null },
  ...{ revision: null, committedAt: null, folders: new Map(), source: 'plain' },
};
const passed = (plan: Plan): SyncEvent => ({
  ...{ kind: 'plan-made', tree, plan, refusal: null, trigger: 'files', durationMs: 1 },
});
const ended = (outcome: Outcome): SyncEvent => ({ kind: 'change-ended', outcome });
const retried = (change: Change, error: ApiError, attempts: number): SyncEvent => ({
  ...{ kind: 'change-retried', change, error, attempts, retryInMs: 1 },
});
const unable = (work: Work, message: string): SyncEvent => ({
  ...{ kind: 'work-failed', work, error: new UsageError(message), trigger: 'retry', retryInMs: 1 },
});
const loadedFrom = (source: LoadedTree['source']): SyncEvent => ({
  kind: 'files-loaded',
  tree: { ...tree, source },
});
const halted: SyncEvent = {
  kind: 'sending-halted',
  error: new ApiError('the API refused the key', { ...unavailable, status: 401, scope: 'account' }),
  isFinal: false,
};
const outage: SyncEvent = {
  ...{ kind: 'outage-began', error: unavailable, failures: 5, nextTryInMs: 512.4 },
  since: new Date('2026-03-01T07:59:00Z'),
};

describe('the status reporter', () => {
  test('writes what the pass found', async () => {
    const drifting = documentOf(1, { widget_type: 'chat', name: 'git' });
    const orphan = documentOf(2, { widget_type: 'chat' });
    const views = viewsOf({
      desired: [drifting],
      held: [heldOf(3), heldOf(null, 'broken.yaml')],
      records: [recordOf(drifting), recordOf(orphan)],
      live: accountOf([[1, { widget_type: 'chat', name: 'dashboard' }]]),
      revision: 'abc123',
    });
    const { reporter, reports } = reporterOf();
    reporter.hear(loadedFrom('checkout'));
    reporter.hear(passed(makePlan(views, { ...changed, drift: 'report' })));
    await vi.advanceTimersByTimeAsync(500);
    const since = startedAt;
    const file = (n: number) => ({ widgetId: idOf(n), file: `w${n}.yaml` });
    expect(reports).toEqual([
      {
        ...origin,
        time: startedAt,
        revision: 'abc123',
        commit: null,
        source: 'checkout',
        files: { lookedAt: startedAt, found: 0, unsettled: null },
        unseen: [],
        obstacles: [],
        waiting: null,
        apiRate: null,
        isBlind: false,
        refusedChecksum: null,
        lifetime,
        queue: [],
        held: [heldOf(null, 'broken.yaml'), heldOf(3)].map((held) => {
          return { ...held, line: null, until: null, since };
        }),
        failed: [],
        drifted: [{ ...file(1), why: 'policy', until: null, fields: ['/name'], since }],
        orphaned: [{ ...file(2), since }],
        kept: [],
      },
    ]);
  });

  test('says what the API keeps otherwise, of a pass or of a write since, until a write sticks', async () => {
    const { reporter, reports } = reporterOf();
    const { hash, spec, ...at } = documentOf(1, { widget_type: 'chat', name: 'ours' });
    const record = { ...recordOf({ hash, spec, ...at }), echo: { name: 'theirs' } };
    const desired = [{ hash, spec, ...at }];
    reporter.hear(passed(makePlan(viewsOf({ desired, records: [record] }), changed)));
    await vi.advanceTimersByTimeAsync(500);
    const name = { path: '/name', sent: 'ours', kept: 'theirs' };
    const since = record.appliedAt;
    expect(reports.at(-1)?.kept).toEqual([
      { widgetId: idOf(1), file: 'w1.yaml', since, fields: [name] },
    ]);

    const change = named(1, 'Ava');
    const written = { change, attempts: 1, durationMs: 1, httpStatus: 200 };
    reporter.hear(ended({ ...written, status: 'applied', kept: [name], keptSince: since }));
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.at(-1)?.kept).toMatchObject([
      { file: 'w1.yaml' },
      { file: change.file, since, fields: [name] },
    ]);
    reporter.hear(ended({ ...written, status: 'applied', kept: [] }));
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.at(-1)?.kept).toMatchObject([{ file: 'w1.yaml' }]);
  });

  test('says until when a widget that is fought over is left alone', async () => {
    const plan = planOf();
    const untilMs = Date.parse('2026-03-01T10:00:00Z');
    const drift = { widgetId: idOf(1), file: 'w1.yaml', fields: [], untilMs };
    const { reporter, reports } = reporterOf();
    reporter.hear(passed({ ...plan, drifted: [{ ...drift, why: 'fought-over' }] }));
    await reporter.stop();
    expect(reports.at(-1)?.drifted).toEqual([
      {
        widgetId: idOf(1),
        file: 'w1.yaml',
        why: 'fought-over',
        until: new Date(untilMs),
        fields: [],
        since: startedAt,
      },
    ]);
  });

  test('names what waits while a refused key keeps a plan from being made', async () => {
    const [applied, edited] = [
      documentOf(1, { widget_type: 'chat', name: 'one' }),
      documentOf(1, { widget_type: 'chat', name: 'two' }),
    ];
    const { reporter, reports, records } = reporterOf();
    records.set(applied.widgetId, recordOf(applied));
    reporter.hear(passed(makePlan(viewsOf({ desired: [applied] }), changed)));
    const broken = heldOf(3, 'broken.yaml');
    const files = { ...tree, documents: [edited, documentOf(2, {})], held: [broken] };
    reporter.hear({ kind: 'files-loaded', tree: files });
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.at(-1)?.queue, 'a plan is made in a moment').toEqual([]);
    reporter.hear(halted);
    await vi.advanceTimersByTimeAsync(500);
    const of = (n: number, reason: string) => ({
      ...{ widgetId: idOf(n), file: `w${n}.yaml`, reason, phase: 'unplanned', place: null },
    });
    expect(reports.at(-1)).toMatchObject({
      queue: [of(1, 'edited'), of(2, 'new')],
      held: [{ file: 'broken.yaml', code: 'yaml-syntax' }],
    });
    reporter.hear({ kind: 'sending-resumed' });
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.at(-1)).toMatchObject({ queue: [], held: [] });
  });

  test('writes the less often the longer that takes', async () => {
    const slow = reporterOf(() => new Promise((resolve) => setTimeout(resolve, 300)));
    for (let n = 0; n < 200; n += 1) {
      slow.reporter.hear(passed(planOf(1)));
      await vi.advanceTimersByTimeAsync(100);
    }
    // 40 without that.
    expect(slow.reports.length).toBeLessThan(10);
  });

  test('says which changes wait or are in flight when it is written', async () => {
    const plan = planOf(1, 2, 3);
    const { reporter, reports, queue } = reporterOf();
    queue.push(...plan.changes.map((change) => toSend(change)));
    reporter.hear(passed(plan));
    await vi.advanceTimersByTimeAsync(500);
    queue.splice(0, 2);
    reporter.hear(ended(applied(changeOf(plan, 1))));
    reporter.hear(ended({ status: 'unsent', change: changeOf(plan, 2), why: 'told to stop' }));
    await vi.advanceTimersByTimeAsync(500);
    const files = reports.map((report) => report.queue.map(({ file }) => file));
    expect(files).toEqual([
      ['w1.yaml', 'w2.yaml', 'w3.yaml'],
      ['w3.yaml', 'w2.yaml'],
    ]);
  });

  test('says whether anything is read of what is live', async () => {
    const { reporter, reports, live } = reporterOf();
    live.readable = false;
    reporter.hear(passed(planOf(1)));
    await reporter.stop();
    expect(reports).toMatchObject([{ isBlind: true }]);
  });

  test('says until when nothing is sent and why, and what the API takes', async () => {
    const { reporter, reports, limiter, pace } = reporterOf();
    limiter.wait = { reason: 'retry-after', forMs: 12_000 };
    pace.about = 3.04;
    // Before the first pass, too: reading what is live may be what waits.
    reporter.hear({ kind: 'rate-waiting', wait: limiter.wait, rate: { limit: 1, windowMs: 1000 } });
    await vi.advanceTimersByTimeAsync(500);
    limiter.wait = { reason: 'pace', forMs: 333 };
    reporter.hear(passed(planOf(1)));
    await vi.advanceTimersByTimeAsync(500);
    const until = new Date(startedAt.getTime() + 12_500);
    const why = 'the API asks for it (Retry-After)';
    expect(reports).toMatchObject([
      { time: null, waiting: { why, until }, apiRate: '3/s', obstacles: [] },
      { waiting: null, apiRate: '3/s' },
    ]);
  });

  test('takes a limit of the API for an obstacle once it has refused everything for long', async () => {
    const plan = planOf(1);
    const { reporter, reports, limiter } = reporterOf();
    reporter.hear(passed(plan));
    const error = new ApiError('too many', { ...unavailable, status: 429 });
    for (const ms of [119_999, 120_000, 0]) {
      limiter.refusedForMs = ms;
      reporter.hear(retried(changeOf(plan, 1), error, 1));
      await vi.advanceTimersByTimeAsync(500);
    }
    const blocked = 'the API has refused every request for 120 seconds (429)';
    expect(reports.map(blockedOf)).toEqual([null, blocked, null]);
    // Nothing is wrong with the widget.
    expect(reports.flatMap(({ failed }) => failed)).toEqual([]);
  });

  test('says what stands in the way, and that it goes away by itself only', async () => {
    const { reporter, reports } = reporterOf();
    reporter.hear(passed(planOf(1)));
    reporter.hear(halted);
    await vi.advanceTimersByTimeAsync(500);
    reporter.hear(unable('sweep', 'the API cannot be reached'));
    reporter.hear(passed(planOf(1)));
    await vi.advanceTimersByTimeAsync(500);
    reporter.hear({ kind: 'sending-resumed' });
    await vi.advanceTimersByTimeAsync(500);
    reporter.hear({ kind: 'sweep-ended' });
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.map(blockedOf)).toEqual([
      'the API refused the key',
      'the API refused the key',
      'the API cannot be reached',
      null,
    ]);
  });

  test('says the worst of several, whichever came first', async () => {
    const { reporter, reports } = reporterOf();
    reporter.hear(unable('sweep', 'the API cannot be reached'));
    reporter.hear(halted);
    await reporter.stop();
    expect(reports.map(blockedOf)).toEqual(['the API refused the key']);
  });

  test('says why nothing can be sent rather than what follows from it', async () => {
    const { reporter, reports } = reporterOf();
    reporter.hear(unable('pass', 'the list answered 503'));
    reporter.hear(outage);
    await vi.advanceTimersByTimeAsync(500);
    reporter.hear({ kind: 'outage-ended', durationMs: 1 });
    await reporter.stop();
    expect(reports.map(blockedOf)).toEqual([
      expect.stringMatching(/^the service has been failing since /),
      'the list answered 503',
    ]);
  });

  test('says of an outage since when it lasts, until it is over', async () => {
    const { reporter, reports, limiter, queue } = reporterOf();
    queue.push(toSend(changeOf(planOf(1), 1)));
    limiter.outage = { nextTryInMs: 3000 };
    reporter.hear(passed(planOf(1)));
    reporter.hear(outage);
    await vi.advanceTimersByTimeAsync(500);
    limiter.outage = { nextTryInMs: 0 };
    reporter.hear({ kind: 'outage-continued', nextTryInMs: 0 });
    await vi.advanceTimersByTimeAsync(500);
    limiter.outage = null;
    reporter.hear({ kind: 'outage-ended', durationMs: 60_000.2 });
    await reporter.stop();
    const lasting =
      'the service has been failing since 2026-03-01T07:59:00Z, one request at a time tries it: the API answered 503';
    expect(reports.map(blockedOf)).toEqual([lasting, lasting, null]);
  });

  test('forgets an outage after a while in which nothing waits to ask again', async () => {
    const { reporter, reports, limiter, queue } = reporterOf();
    const blockedAfter = async (ms: number) => {
      reporter.hear(loadedFrom('plain'));
      await vi.advanceTimersByTimeAsync(ms);
      reporter.hear(loadedFrom('plain'));
      await vi.advanceTimersByTimeAsync(500);
      return reports.at(-1)?.obstacles.map(({ by }) => by);
    };
    reporter.hear(passed(planOf(1)));
    reporter.hear(outage);
    limiter.outage = { nextTryInMs: 0 };
    expect(await blockedAfter(60_000)).toEqual(['service']);
    expect(await blockedAfter(120_000)).toEqual([]);
    queue.push(toSend(changeOf(planOf(1), 1)));
    expect(await blockedAfter(0)).toEqual(['service']);
  });

  test('says that the API asks to wait for long, which no refusal tells', async () => {
    const { reporter, reports, limiter } = reporterOf();
    reporter.hear(passed(planOf(1)));
    const waiting = async (forMs: number) => {
      limiter.wait = { reason: 'retry-after', forMs };
      reporter.hear({
        kind: 'rate-waiting',
        wait: limiter.wait,
        rate: { limit: 1, windowMs: 1000 },
      });
      await vi.advanceTimersByTimeAsync(500);
      return reports.at(-1)?.obstacles.map(({ by }) => by);
    };
    expect(await waiting(10 * 60_000)).toEqual([]);
    expect(await waiting(16 * 60_000)).toEqual(['limit']);
    // It is the same wait, and nearly over.
    expect(await waiting(60_000)).toEqual(['limit']);
    limiter.wait = null;
    reporter.hear({ kind: 'sweep-ended' });
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.at(-1)?.obstacles).toEqual([]);
  });

  test('says which plan waits for a person, and why, until none does', async () => {
    const { reporter, reports } = reporterOf();
    const refused = { checksum: 'abc', changes: 9, most: 1 } as const;
    const refusal = { code: 'too-many-changes', ...refused } as const;
    const facts = { tree, plan: planOf(1), trigger: 'files', durationMs: 1 } as const;
    reporter.hear({ kind: 'plan-made', refusal, ...facts });
    await vi.advanceTimersByTimeAsync(500);
    reporter.hear({ kind: 'plan-made', refusal: null, ...facts });
    await reporter.stop();
    expect(reports).toMatchObject([
      {
        refusedChecksum: 'abc',
        obstacles: [{ by: 'changes', says: expect.stringMatching(/^9 widgets would change/) }],
        queue: [{ file: 'w1.yaml', phase: 'refused', place: null }],
      },
      { refusedChecksum: null, obstacles: [], queue: [] },
    ]);
  });

  test('says so also where no pass has ever succeeded', async () => {
    const { reporter, reports } = reporterOf();
    reporter.hear(unable('pass', 'the directory is gone'));
    await reporter.stop();
    const obstacles = [{ by: 'pass', says: 'the directory is gone', since: startedAt }];
    expect(reports).toMatchObject([{ obstacles, held: [], failed: [] }]);
  });

  test('counts a widget as failed from its first failure to its success', async () => {
    const plan = planOf(1, 2);
    const { reporter, reports } = reporterOf();
    reporter.hear(passed(plan));
    await vi.advanceTimersByTimeAsync(400);
    reporter.hear(retried(changeOf(plan, 1), unavailable, 1));
    await vi.advanceTimersByTimeAsync(100);
    const failure = {
      widgetId: idOf(1),
      file: 'w1.yaml',
      error: 'the API answered 503',
      httpStatus: 503,
      attempts: 1,
      time: new Date('2026-03-01T08:00:00.400Z'),
    };
    expect(reports.at(-1)).toMatchObject({ failed: [failure] });

    reporter.hear(retried(changeOf(plan, 1), unavailable, 2));
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.at(-1)?.failed).toMatchObject([{ attempts: 2 }]);

    reporter.hear(ended(applied(changeOf(plan, 1))));
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.at(-1)).toMatchObject({ failed: [] });
  });

  test('keeps what failed for good, with no HTTP status where no answer came', async () => {
    const plan = planOf(1);
    const { reporter, reports } = reporterOf();
    reporter.hear(passed(plan));
    reporter.hear(ended(failedBy(new StateError('no space is left'), changeOf(plan, 1))));
    await vi.advanceTimersByTimeAsync(500);
    const failed = [{ error: 'no space is left', httpStatus: null, attempts: 2 }];
    expect(reports.at(-1)).toMatchObject({ failed });
  });

  test('keeps a failure over later passes until the plan no longer asks for the widget', async () => {
    const plan = planOf(1, 2);
    const { reporter, reports } = reporterOf();
    reporter.hear(passed(plan));
    for (const n of [1, 2]) reporter.hear(ended(failedBy(unavailable, changeOf(plan, n))));
    reporter.hear(passed(planOf(2)));
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.at(-1)?.failed).toMatchObject([{ widgetId: idOf(2) }]);
  });

  test('tells the time of the pass, not of what came after it', async () => {
    const plan = planOf(1);
    const { reporter, reports } = reporterOf();
    reporter.hear(passed(plan));
    await vi.advanceTimersByTimeAsync(60_000);
    reporter.hear(ended(applied(changeOf(plan, 1))));
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.map(({ time }) => time)).toEqual([startedAt, startedAt]);
  });
});

describe('the status file is written', () => {
  test('at most twice a second, however many outcomes come', async () => {
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    const plan = planOf(...numbers);
    const { reporter, reports } = reporterOf();
    reporter.hear(passed(plan));
    for (const n of numbers) {
      reporter.hear(ended(applied(changeOf(plan, n))));
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.length).toBeGreaterThanOrEqual(3);
    expect(reports.length).toBeLessThanOrEqual(5);
  });

  test('not at all before the first pass', async () => {
    const { reporter, reports } = reporterOf();
    await vi.advanceTimersByTimeAsync(5_000);
    await reporter.stop();
    expect(reports).toEqual([]);
  });

  test('at the end without waiting, and never after it', async () => {
    const plan = planOf(1);
    const { reporter, reports } = reporterOf();
    reporter.hear(passed(plan));
    reporter.hear(ended(applied(changeOf(plan, 1))));
    await reporter.stop();
    expect(reports).toHaveLength(1);
    reporter.hear(passed(plan));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(reports).toHaveLength(1);
  });

  test('again after it could not be, which is said and no more', async () => {
    let full = true;
    const { reporter, reports, failures } = reporterOf(async () => {
      if (full) throw new StateError('no space is left');
    });
    reporter.hear(passed(planOf(1)));
    await vi.advanceTimersByTimeAsync(500);
    expect(failures).toEqual(['no space is left']);
    full = false;
    reporter.hear(passed(planOf(2)));
    await vi.advanceTimersByTimeAsync(500);
    expect({ failures, written: reports.length }).toEqual({
      failures: ['no space is left'],
      written: 2,
    });
  });

  test('where status reads it', async () => {
    const directory = await temporaryDirectory();
    const options = stateOptions(directory);
    const state = await openState(options);
    const plan = planOf(1, 2);
    const onFailure = (message: string) => expect.fail(message);
    const reporter = new StatusReporter(origin, {
      state,
      clock: systemClock,
      ...{ directory: { locate: () => null, compose: () => null }, self },
      queued: () => plan.changes.slice(0, 1).map((change) => toSend(change)),
      liveness: { isAlive: true },
      emit: () => {},
      limiter: { wait: null, refusedForMs: 0, outage: null },
      pace: { about: null },
      live: { readable: true },
      onFailure,
    });
    reporter.hear(passed(plan));
    reporter.hear(ended(failedBy(unavailable, changeOf(plan, 1))));
    await reporter.stop();
    await state.close();
    expect((await readStatus(directory, options.apiUrl)).status).toMatchObject({
      ...origin,
      time: startedAt,
      queue: [{ widgetId: idOf(1) }],
      failed: [{ widgetId: idOf(1), error: 'the API answered 503' }],
    });
  });
});
