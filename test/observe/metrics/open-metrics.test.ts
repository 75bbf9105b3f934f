// What a rendering holds, whatever has happened: every series from the start, none per widget, in a format
// that Prometheus takes, in no time to speak of.
import { describe, expect, test } from 'vitest';
import { openMetrics } from '../../../src/observe/metrics/open-metrics.ts';
import { accountStatus } from '../../../src/status/account-status.ts';
import type { StatusRecord } from '../../../src/status/status-record.ts';
import type { AccountStatus } from '../../../src/status/widget-status.ts';
import { documentOf, recordOf } from '../../plan/fixtures.ts';
import { times } from '../../support/account.ts';
import { checkMetrics, hasPromtool } from '../../support/promtool.ts';
import { seriesOf, typesOf, valueAlone, valuesOf } from '../../support/read-metrics.ts';

const now = new Date('2026-03-01T09:00:00Z');
const clock = { now: () => now };
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);

const nothing: AccountStatus = accountStatus([], null);

const metricsOf = (status: AccountStatus) =>
  openMetrics({ version: '1.2.3', clock, status: () => status });

const quiet: StatusRecord = {
  ...{ time: minutesAgo(1), command: 'run', directory: 'widgets', revision: null, commit: null },
  ...{ files: null, unseen: [] },
  ...{ source: 'plain', obstacles: [], waiting: null, apiRate: null, isBlind: false },
  ...{
    refusedChecksum: null,
    queue: [],
    held: [],
    failed: [],
    drifted: [],
    orphaned: [],
    kept: [],
  },
  lifetime: {
    ...{ pid: 1, host: 'here', startedAt: minutesAgo(90), heartbeat: now, endedAt: null },
    ...{ lastResync: minutesAgo(30), nextResync: null, lastWrite: minutesAgo(20) },
  },
};

function queuedSince(n: number, since: Date): StatusRecord['queue'][number] {
  const { widgetId, file } = documentOf(n, {});
  return {
    ...{ widgetId, file, name: null, widgetType: null, reason: 'edited', fields: ['/name'] },
    ...{ revision: null, phase: 'queued', place: 1, attempts: 0, answered: null },
    ...{ httpStatus: null, nextTry: null, since },
  };
}

describe('the metrics', () => {
  test('are all there from the start, at 0 but for the version', async () => {
    const { text } = await metricsOf(nothing).render(null);
    const own = [...seriesOf(text)].filter(([name]) => name.startsWith('widget_sync_'));
    expect(own.filter(([, value]) => value !== 0)).toEqual([
      ['widget_sync_build_info{version="1.2.3"}', 1],
    ]);
    expect(own.length).toBeGreaterThan(100);
    expect(own.length).toBeLessThanOrEqual(200);
  });

  test('have the names and types that alerts and pages rest on', async () => {
    const { text } = await metricsOf(nothing).render(null);
    const types = [...typesOf(text)];
    const named = (wanted: string) =>
      types
        .flatMap(([name, type]) => (type === wanted ? [name.replace('widget_sync_', '')] : []))
        .sort();
    expect(named('gauge')).toEqual([
      ...['behind', 'blind', 'blocked', 'build_info', 'last_pass_timestamp_seconds'],
      ...['last_resync_timestamp_seconds', 'last_write_timestamp_seconds'],
      ...['oldest_pending_age_seconds', 'widgets'],
    ]);
    expect(named('counter')).toEqual([
      ...['adopted_total', 'drift_found_total', 'not_stuck_total', 'notifications_total'],
      ...['outages_total', 'passes_total', 'requests_total', 'writes_total'],
    ]);
    expect(named('histogram')).toEqual([
      ...['commit_to_live_seconds', 'pass_duration_seconds', 'rate_wait_seconds'],
      'request_duration_seconds',
    ]);
  });

  test('show the status', async () => {
    const records = times(5, (n) => recordOf(documentOf(n, { name: `w${n}` })));
    const status = accountStatus(records, {
      ...quiet,
      isBlind: true,
      files: {
        ...{ lookedAt: null, found: 0 },
        unsettled: { code: 'behind', says: 'older files', since: now },
      },
      obstacles: [{ by: 'service', says: 'down', since: now }],
      queue: [queuedSince(0, minutesAgo(2)), queuedSince(1, minutesAgo(7))],
    });
    const { text } = await metricsOf(status).render(null);
    expect(valuesOf(text, 'widgets', 'state')).toEqual({ pending: 2, applied: 3 });
    expect(valuesOf(text, 'blocked', 'by')).toEqual({ service: 1 });
    expect(valueAlone(text, 'blind')).toBe(1);
    expect(valueAlone(text, 'behind')).toBe(1);
    expect(valueAlone(text, 'oldest_pending_age_seconds')).toBe(7 * 60);
    expect(valueAlone(text, 'last_pass_timestamp_seconds')).toBe(minutesAgo(1).getTime() / 1000);
    expect(valueAlone(text, 'last_resync_timestamp_seconds')).toBe(minutesAgo(30).getTime() / 1000);
    expect(valueAlone(text, 'last_write_timestamp_seconds')).toBe(minutesAgo(20).getTime() / 1000);
  });

  test('forget what the status no longer says', async () => {
    const obstacles = [{ by: 'key' as const, says: 'refused', since: now }];
    const queue = [queuedSince(0, minutesAgo(9))];
    let status = accountStatus([], { ...quiet, obstacles, queue, isBlind: true });
    const metrics = openMetrics({ version: '1', clock, status: () => status });
    await metrics.render(null);
    status = accountStatus([], quiet);
    const { text } = await metrics.render(null);
    expect(valuesOf(text, 'widgets', 'state')).toEqual({});
    expect(valuesOf(text, 'blocked', 'by')).toEqual({});
    expect(valueAlone(text, 'blind')).toBe(0);
    expect(valueAlone(text, 'behind')).toBe(0);
    expect(valueAlone(text, 'oldest_pending_age_seconds')).toBe(0);
  });

  test('tell of the process, and give no gauge the name of a counter', async () => {
    const { text } = await metricsOf(nothing).render(null);
    const series = seriesOf(text);
    expect(series.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(series.get('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(series.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
    for (const [name, type] of typesOf(text, '')) {
      expect(name.endsWith('_total'), `${name} is a ${type}`).toBe(type === 'counter');
    }
  });

  test('are the same series in both formats, whichever is asked for first', async () => {
    const metrics = metricsOf(nothing);
    const open = await metrics.render('application/openmetrics-text');
    const plain = await metrics.render(null);
    expect([...seriesOf(open.text).keys()].sort()).toEqual([...seriesOf(plain.text).keys()].sort());
    expect(open.text.endsWith('\n# EOF\n')).toBe(true);
    expect(typesOf(open.text).get('widget_sync_writes')).toBe('counter');
    expect(typesOf(plain.text).get('widget_sync_writes_total')).toBe('counter');
  });

  test.skipIf(!hasPromtool)('are what promtool takes without a remark', async () => {
    const status = accountStatus([], quiet);
    const { text } = await metricsOf(status).render(null);
    expect(checkMetrics(text)).toEqual({ code: 0, said: '' });
  });
});

test('10,000 widgets add no series, and are rendered in a few milliseconds', async () => {
  const records = times(10_000, (n) => recordOf(documentOf(n, { name: `w${n}` })));
  const queue = times(5000, (n) => queuedSince(n, minutesAgo(n)));
  const status = accountStatus(records, { ...quiet, queue });
  const metrics = metricsOf(status);
  const { text } = await metrics.render(null);
  const few = await metricsOf(nothing).render(null);
  const ownOf = (rendered: string) =>
    [...seriesOf(rendered).keys()].filter((name) => name.startsWith('widget_sync_'));
  expect(ownOf(text)).toEqual(ownOf(few.text));
  const tookMs: number[] = [];
  for (let n = 0; n < 40; n += 1) {
    const startedMs = performance.now();
    await metrics.render(null);
    tookMs.push(performance.now() - startedMs);
  }
  // Whatever else the machine does meanwhile makes some of them longer, and none shorter.
  expect(Math.min(...tookMs)).toBeLessThan(6);
});
