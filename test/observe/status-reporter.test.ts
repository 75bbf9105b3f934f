import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { ApiError, StateError } from '../../src/base/errors.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { Change, Plan } from '../../src/model/plan.ts';
import type { StatusRecord } from '../../src/model/status-record.ts';
import { StatusBoard } from '../../src/observe/status-reporter.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { openState } from '../../src/state/file/file-store.ts';
import { readStatus } from '../../src/state/file/file-view.ts';
import type { Wait } from '../../src/sync/rate/wait.ts';
import {
  accountOf,
  changed,
  documentOf,
  heldOf,
  idOf,
  recordOf,
  viewsOf,
} from '../plan/fixtures.ts';
import { stateOptions, temporaryDirectory } from '../state/fixtures/state-options.ts';
import { named } from '../support/changes.ts';

const startedAt = new Date('2026-03-01T08:00:00Z');
const origin = { command: 'run', directory: 'widgets' };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: startedAt });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A board whose reports are kept in the order in which they were written. */
function boardOf(write: () => Promise<void> = async () => {}) {
  const waiting = { count: 0 };
  const live = { readable: true };
  const limiter: { wait: Wait | null; refusedForMs: number } = { wait: null, refusedForMs: 0 };
  const pace: { about: number | null } = { about: null };
  const reports: StatusRecord[] = [];
  const failures: string[] = [];
  const state = {
    reportStatus(status: StatusRecord) {
      reports.push(status);
      return write();
    },
  };
  const onFailure = (message: string) => failures.push(message);
  return {
    board: new StatusBoard(origin, {
      state,
      clock: systemClock,
      pending: () => waiting.count,
      live,
      limiter,
      pace,
      onFailure,
    }),
    reports,
    failures,
    waiting,
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

describe('the status board', () => {
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
    const { board, reports } = boardOf();
    board.loaded({ source: 'checkout' });
    board.passed(makePlan(views, { ...changed, drift: 'report' }));
    await vi.advanceTimersByTimeAsync(500);
    expect(reports).toEqual([
      {
        ...origin,
        time: startedAt,
        revision: 'abc123',
        source: 'checkout',
        blocked: null,
        waiting: null,
        apiRate: null,
        isBlind: false,
        refusedChecksum: null,
        pending: 0,
        held: [heldOf(null, 'broken.yaml'), heldOf(3)],
        failed: [],
        drifted: [
          { widgetId: idOf(1), file: 'w1.yaml', why: 'policy', until: null, fields: ['/name'] },
        ],
        orphaned: [{ widgetId: idOf(2), file: 'w2.yaml' }],
        kept: [],
      },
    ]);
  });

  test('says what the API keeps otherwise, of a pass or of a write since, until a write sticks', async () => {
    const { board, reports } = boardOf();
    const { hash, spec, ...at } = documentOf(1, { widget_type: 'chat', name: 'ours' });
    const record = { ...recordOf({ hash, spec, ...at }), echo: { name: 'theirs' } };
    const desired = [{ hash, spec, ...at }];
    board.passed(makePlan(viewsOf({ desired, records: [record] }), changed));
    await vi.advanceTimersByTimeAsync(500);
    const name = { path: '/name', sent: 'ours', kept: 'theirs' };
    const since = record.appliedAt;
    expect(reports.at(-1)?.kept).toEqual([
      { widgetId: idOf(1), file: 'w1.yaml', since, fields: [name] },
    ]);

    const change = named(1, 'Ava');
    const written = { change, attempts: 1, durationMs: 1, httpStatus: 200 };
    board.ended({ ...written, status: 'applied', kept: [name], keptSince: since });
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.at(-1)?.kept).toMatchObject([
      { file: 'w1.yaml' },
      { file: change.file, since, fields: [name] },
    ]);
    board.ended({ ...written, status: 'applied', kept: [] });
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.at(-1)?.kept).toMatchObject([{ file: 'w1.yaml' }]);
  });

  test('says until when a widget that is fought over is left alone', async () => {
    const plan = planOf();
    const untilMs = Date.parse('2026-03-01T10:00:00Z');
    const drift = { widgetId: idOf(1), file: 'w1.yaml', fields: [], untilMs };
    const { board, reports } = boardOf();
    board.passed({ ...plan, drifted: [{ ...drift, why: 'fought-over' }] });
    await board.stop();
    expect(reports.at(-1)?.drifted).toEqual([
      {
        widgetId: idOf(1),
        file: 'w1.yaml',
        why: 'fought-over',
        until: new Date(untilMs),
        fields: [],
      },
    ]);
  });

  test('says how many changes wait or are in flight when it is written', async () => {
    const plan = planOf(1, 2, 3);
    const { board, reports, waiting } = boardOf();
    waiting.count = 3;
    board.passed(plan);
    await vi.advanceTimersByTimeAsync(500);
    waiting.count = 1;
    board.ended(applied(changeOf(plan, 1)));
    board.ended({ status: 'unsent', change: changeOf(plan, 2), why: 'told to stop' });
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.map(({ pending }) => pending)).toEqual([3, 1]);
  });

  test('says whether anything is read of what is live', async () => {
    const { board, reports, live } = boardOf();
    live.readable = false;
    board.passed(planOf(1));
    await board.stop();
    expect(reports).toMatchObject([{ isBlind: true }]);
  });

  test('says until when nothing is sent and why, and what the API takes', async () => {
    const { board, reports, limiter, pace } = boardOf();
    limiter.wait = { reason: 'retry-after', forMs: 12_000 };
    pace.about = 3.04;
    // Before the first pass, too: reading what is live may be what waits.
    board.refresh();
    await vi.advanceTimersByTimeAsync(500);
    limiter.wait = { reason: 'pace', forMs: 333 };
    board.passed(planOf(1));
    await vi.advanceTimersByTimeAsync(500);
    const until = new Date(startedAt.getTime() + 12_500);
    const why = 'the API asks for it (Retry-After)';
    expect(reports).toMatchObject([
      { time: null, waiting: { why, until }, apiRate: '3/s', blocked: null },
      { waiting: null, apiRate: '3/s' },
    ]);
  });

  test('takes a limit of the API for an obstacle once it has refused everything for long', async () => {
    const plan = planOf(1);
    const { board, reports, limiter } = boardOf();
    board.passed(plan);
    const error = new ApiError('too many', { ...unavailable, status: 429 });
    for (const ms of [119_999, 120_000, 0]) {
      limiter.refusedForMs = ms;
      board.retrying(changeOf(plan, 1), error, 1);
      await vi.advanceTimersByTimeAsync(500);
    }
    const blocked = 'the API has refused every request for 120 seconds (429)';
    expect(reports.map((report) => report.blocked)).toEqual([null, blocked, null]);
    // Nothing is wrong with the widget.
    expect(reports.flatMap(({ failed }) => failed)).toEqual([]);
  });

  test('says what stands in the way, and that it goes away by itself only', async () => {
    const { board, reports } = boardOf();
    board.passed(planOf(1));
    board.blocked('key', 'the API refused the key');
    await vi.advanceTimersByTimeAsync(500);
    board.blocked('sweep', 'the API cannot be reached');
    board.blocked('pass', null);
    board.passed(planOf(1));
    await vi.advanceTimersByTimeAsync(500);
    board.blocked('key', null);
    await vi.advanceTimersByTimeAsync(500);
    board.blocked('sweep', null);
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.map(({ blocked }) => blocked)).toEqual([
      'the API refused the key',
      'the API refused the key',
      'the API cannot be reached',
      null,
    ]);
  });

  test('says the worst of several, whichever came first', async () => {
    const { board, reports } = boardOf();
    board.blocked('sweep', 'the API cannot be reached');
    board.blocked('key', 'the API refused the key');
    await board.stop();
    expect(reports.map(({ blocked }) => blocked)).toEqual(['the API refused the key']);
  });

  test('says why nothing can be sent rather than what follows from it', async () => {
    const { board, reports } = boardOf();
    board.blocked('pass', 'the list answered 503');
    board.blocked('service', 'the service has been failing');
    await vi.advanceTimersByTimeAsync(500);
    board.blocked('service', null);
    await board.stop();
    expect(reports.map(({ blocked }) => blocked)).toEqual([
      'the service has been failing',
      'the list answered 503',
    ]);
  });

  test('says so also where no pass has ever succeeded', async () => {
    const { board, reports } = boardOf();
    board.blocked('pass', 'the directory is gone');
    await board.stop();
    expect(reports).toMatchObject([{ blocked: 'the directory is gone', held: [], failed: [] }]);
  });

  test('counts a widget as failed from its first failure to its success', async () => {
    const plan = planOf(1, 2);
    const { board, reports } = boardOf();
    board.passed(plan);
    await vi.advanceTimersByTimeAsync(400);
    board.retrying(changeOf(plan, 1), unavailable, 1);
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

    board.retrying(changeOf(plan, 1), unavailable, 2);
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.at(-1)?.failed).toMatchObject([{ attempts: 2 }]);

    board.ended(applied(changeOf(plan, 1)));
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.at(-1)).toMatchObject({ failed: [] });
  });

  test('keeps what failed for good, with no HTTP status where no answer came', async () => {
    const plan = planOf(1);
    const { board, reports } = boardOf();
    board.passed(plan);
    board.ended(failedBy(new StateError('no space is left'), changeOf(plan, 1)));
    await vi.advanceTimersByTimeAsync(500);
    const failed = [{ error: 'no space is left', httpStatus: null, attempts: 2 }];
    expect(reports.at(-1)).toMatchObject({ failed });
  });

  test('keeps a failure over later passes until the plan no longer asks for the widget', async () => {
    const plan = planOf(1, 2);
    const { board, reports } = boardOf();
    board.passed(plan);
    for (const n of [1, 2]) board.ended(failedBy(unavailable, changeOf(plan, n)));
    board.passed(planOf(2));
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.at(-1)?.failed).toMatchObject([{ widgetId: idOf(2) }]);
  });

  test('tells the time of the pass, not of what came after it', async () => {
    const plan = planOf(1);
    const { board, reports } = boardOf();
    board.passed(plan);
    await vi.advanceTimersByTimeAsync(60_000);
    board.ended(applied(changeOf(plan, 1)));
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.map(({ time }) => time)).toEqual([startedAt, startedAt]);
  });
});

describe('the status file is written', () => {
  test('at most twice a second, however many outcomes come', async () => {
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    const plan = planOf(...numbers);
    const { board, reports } = boardOf();
    board.passed(plan);
    for (const n of numbers) {
      board.ended(applied(changeOf(plan, n)));
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(500);
    expect(reports.length).toBeGreaterThanOrEqual(3);
    expect(reports.length).toBeLessThanOrEqual(5);
  });

  test('not at all before the first pass', async () => {
    const { board, reports } = boardOf();
    await vi.advanceTimersByTimeAsync(5_000);
    await board.stop();
    expect(reports).toEqual([]);
  });

  test('at the end without waiting, and never after it', async () => {
    const plan = planOf(1);
    const { board, reports } = boardOf();
    board.passed(plan);
    board.ended(applied(changeOf(plan, 1)));
    await board.stop();
    expect(reports).toHaveLength(1);
    board.passed(plan);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(reports).toHaveLength(1);
  });

  test('again after it could not be, which is said and no more', async () => {
    let full = true;
    const { board, reports, failures } = boardOf(async () => {
      if (full) throw new StateError('no space is left');
    });
    board.passed(planOf(1));
    await vi.advanceTimersByTimeAsync(500);
    expect(failures).toEqual(['no space is left']);
    full = false;
    board.passed(planOf(2));
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
    const board = new StatusBoard(origin, {
      state,
      clock: systemClock,
      pending: () => 1,
      limiter: { wait: null, refusedForMs: 0 },
      pace: { about: null },
      live: { readable: true },
      onFailure,
    });
    board.passed(plan);
    board.ended(failedBy(unavailable, changeOf(plan, 1)));
    await board.stop();
    await state.close();
    expect((await readStatus(directory, options.apiUrl)).status).toMatchObject({
      ...origin,
      time: startedAt,
      pending: 1,
      failed: [{ widgetId: idOf(1), error: 'the API answered 503' }],
    });
  });
});
