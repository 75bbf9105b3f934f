// What each event adds to which series.
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import type { LoadedTree } from '../../../src/model/document.ts';
import type { Outcome } from '../../../src/model/outcome.ts';
import type { Change, Plan } from '../../../src/model/plan.ts';
import { countEvents } from '../../../src/observe/metrics/count-events.ts';
import type { SyncEvent, Trigger } from '../../../src/sync/events.ts';
import { documentOf } from '../../plan/fixtures.ts';
import { apiError, named, planOf, refused, unavailable } from '../../support/changes.ts';
import { seriesOf } from '../../support/read-metrics.ts';

const tree: LoadedTree = {
  ...{ documents: [], held: [], problems: [], notes: [], fragments: [], nextUntil: null },
  ...{ revision: null, committedAt: null, folders: new Map(), source: 'plain' },
};

const passed = (plan: Partial<Plan> = {}, trigger: Trigger = 'files'): SyncEvent => ({
  ...{ kind: 'plan-made', tree, plan: planOf(plan), refusal: null, trigger, durationMs: 20 },
});
const ended = (outcome: Outcome): SyncEvent => ({ kind: 'change-ended', outcome });
const applied = (change: Change, parts: object = {}): SyncEvent =>
  ended({
    status: 'applied',
    change,
    attempts: 1,
    durationMs: 5,
    httpStatus: 200,
    kept: [],
    ...parts,
  });
const failed = (change: Change): SyncEvent =>
  ended({ status: 'failed', change, attempts: 1, durationMs: 5, error: refused });

/** The series that are not 0 after these events, without the buckets of histograms. */
async function addedBy(...events: SyncEvent[]): Promise<Record<string, number>> {
  const registry = new Registry();
  const hear = countEvents(registry);
  for (const event of events) hear(event);
  const series = [...seriesOf(await registry.metrics())].flatMap(([name, value]) =>
    value === 0 || name.includes('_bucket{') ? [] : [[name.replace('widget_sync_', ''), value]],
  );
  return Object.fromEntries(series);
}

const unsettled = { code: 'git', message: 'git is at work', retryInMs: 100 } as const;
const refusal = { code: 'too-many-changes', checksum: 'c', changes: 9, most: 1 } as const;
const error = new UsageError('not a directory');

describe('a pass', () => {
  test('that the files postpone counts once, however often they are looked at meanwhile', async () => {
    const look: SyncEvent = { kind: 'files-unsettled', unsettled, sinceMs: 0, trigger: 'files' };
    const added = await addedBy(look, look, look, passed(), look, look);
    expect(added).toMatchObject({
      'passes_total{trigger="files",result="postponed"}': 2,
      'passes_total{trigger="files",result="ok"}': 1,
    });
  });

  test.each<[string, SyncEvent, string]>([
    ['that went through', passed({}, 'resync'), 'trigger="resync",result="ok"'],
    ['after a signal', passed({}, 'resend'), 'trigger="signal",result="ok"'],
    ['for another cause', passed({}, 'until'), 'trigger="other",result="ok"'],
    [
      'whose plan is refused',
      { ...passed({}, 'start'), refusal } as SyncEvent,
      'trigger="start",result="refused"',
    ],
    [
      'that failed',
      { kind: 'work-failed', work: 'pass', error, trigger: 'key', retryInMs: 1 },
      'trigger="key",result="failed"',
    ],
    [
      'whose key was refused',
      { kind: 'work-halted', work: 'pass', trigger: 'files' },
      'trigger="files",result="failed"',
    ],
    [
      'that the files postponed',
      { kind: 'files-unsettled', unsettled, sinceMs: 0, trigger: 'files' },
      'trigger="files",result="postponed"',
    ],
  ])('%s is counted so', async (_, event, labels) => {
    expect(await addedBy(event)).toMatchObject({ [`passes_total{${labels}}`]: 1 });
  });

  test('is timed where it came to a plan', async () => {
    expect(await addedBy(passed(), passed())).toMatchObject({
      pass_duration_seconds_count: 2,
      pass_duration_seconds_sum: 0.04,
    });
  });

  test('is no sweep that failed or was halted', async () => {
    const [work, trigger] = ['sweep', 'resync'] as const;
    expect(
      await addedBy(
        { kind: 'work-failed', work, error, trigger, retryInMs: 1 },
        { kind: 'work-halted', work, trigger },
      ),
    ).toEqual({});
  });
});

describe('a write', () => {
  test('is counted by its reason and its end, and a try that is repeated is none', async () => {
    const change = named(1, 'a');
    const retried = { kind: 'change-retried', change, attempts: 1, retryInMs: 1 } as const;
    expect(
      await addedBy(
        { ...retried, error: unavailable },
        applied(named(1, 'a')),
        applied(named(2, 'b', 'new')),
        failed(named(3, 'c', 'forced')),
        ended({ status: 'unsent', change: named(4, 'd'), why: 'stopping' }),
      ),
    ).toEqual({
      'writes_total{reason="edited",result="applied"}': 1,
      'writes_total{reason="new",result="applied"}': 1,
      'writes_total{reason="forced",result="failed"}': 1,
    });
  });

  test('tells how old its commit was, where that is known', async () => {
    expect(
      await addedBy(applied(named(1, 'a'), { sinceCommitMs: 4200 }), applied(named(2, 'b'))),
    ).toMatchObject({ commit_to_live_seconds_count: 1, commit_to_live_seconds_sum: 4.2 });
  });

  test('that did not stick is counted, one that is only spelled otherwise is not', async () => {
    const path = '/display_name';
    const spelled = { path, sent: '#ABC', kept: '#aabbcc', spelling: true } as const;
    const kept = [{ path, sent: 'a', kept: 'A' }];
    expect(
      await addedBy(
        applied(named(1, 'a'), { kept }),
        applied(named(2, 'b'), { kept: [spelled] }),
        applied(named(3, 'c')),
      ),
    ).toMatchObject({ not_stuck_total: 1 });
  });
});

describe('drift is counted', () => {
  const drift = { changes: [named(1, 'a', 'drifted')] };

  test('once, however many passes find it until it is corrected', async () => {
    expect(await addedBy(passed(drift), passed(drift), passed(), passed())).toMatchObject({
      drift_found_total: 1,
    });
  });

  test('again once it was corrected and comes back, also with no other pass in between', async () => {
    expect(
      await addedBy(passed(drift), applied(named(1, 'a', 'drifted')), passed(drift)),
    ).toMatchObject({ drift_found_total: 2 });
  });

  test('where it is only reported, and not where something is merely edited', async () => {
    const change = named(2, 'b');
    const { widgetId, file } = change;
    const why = { why: 'policy', untilMs: null, fields: [] } as const;
    const both = { drifted: [{ widgetId, file, ...why }], changes: [named(1, 'a')] };
    expect(await addedBy(passed(both), passed(both))).toMatchObject({ drift_found_total: 1 });
  });
});

test('what was found as declared is counted once, though it was not recorded at first', async () => {
  const { widgetId, file } = named(1, 'a');
  const document = documentOf(1, { name: 'a' });
  const live = { body: { name: 'a' }, readAtMs: 0 };
  const adopted = [{ widgetId, file, document, echo: null, applied: null, live }];
  expect(await addedBy(passed({ adopted }), passed({ adopted }))).toMatchObject({
    adopted_total: 1,
  });
});

describe('a request', () => {
  test.each([
    [200, '2xx'],
    [204, '2xx'],
    [307, '3xx'],
    [401, '4xx'],
    [422, '4xx'],
    [429, '429'],
    [503, '5xx'],
    [null, 'none'],
  ])('that is answered %s counts as %s', async (status, answer) => {
    expect(
      await addedBy({ kind: 'request-ended', method: 'PUT', status, durationMs: 250 }),
    ).toEqual({
      [`requests_total{method="PUT",answer="${answer}"}`]: 1,
      'request_duration_seconds_count{method="PUT"}': 1,
      'request_duration_seconds_sum{method="PUT"}': 0.25,
    });
  });

  test('tells how long it waited for its turn', async () => {
    expect(await addedBy({ kind: 'slot-taken', waitedMs: 1500 })).toEqual({
      rate_wait_seconds_count: 1,
      rate_wait_seconds_sum: 1.5,
    });
  });
});

test('outages and notifications are counted', async () => {
  const outage: SyncEvent = {
    ...{ kind: 'outage-began', error: apiError({ status: 503 }), failures: 5, nextTryInMs: 1 },
    since: new Date(0),
  };
  const results = ['sent', 'sent', 'failed', 'dropped'] as const;
  expect(
    await addedBy(
      outage,
      { kind: 'outage-continued', nextTryInMs: 1 },
      ...results.map((result) => ({ kind: 'notification-ended', result }) as const),
    ),
  ).toEqual({
    outages_total: 1,
    'notifications_total{result="sent"}': 2,
    'notifications_total{result="failed"}': 1,
    'notifications_total{result="dropped"}': 1,
  });
});
