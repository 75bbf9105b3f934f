// The metrics of a daemon that works: they say what the server has counted, and what `status` says.
import { describe, expect, test } from 'vitest';
import type { FaultRule } from '../../../src/sandbox/faults/fault-rules.ts';
import type { SandboxRequest } from '../../../src/sandbox/request-log.ts';
import type { Sandbox } from '../../../src/sandbox/start-sandbox.ts';
import { times } from '../../support/account.ts';
import { yaml } from '../../support/loop-world.ts';
import { valueAlone, valuesOf } from '../../support/read-metrics.ts';
import { widgetId } from '../../support/sandbox.ts';
import { startMeasured } from './measured-daemon.ts';

const widgets = times(10, (n) => ({
  widgetId: widgetId(n),
  fields: { widget_type: 'chat', display_name: `w${n}` },
}));

function filesOf(...numbers: number[]): Record<string, string> {
  return Object.fromEntries(numbers.map((n) => [`w${n}.yaml`, yaml(n, `git ${n}`)]));
}

/** The requests as the server has them, by method and class of the answer that it gave. */
function countedBy({ requests }: Sandbox): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const request of requests) {
    const key = `${request.method} ${answerOf(request)}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

function answerOf({ status }: SandboxRequest): string {
  if (status === null) return 'none';
  return status === 429 ? '429' : `${Math.floor(status / 100)}xx`;
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** One of each kind, and widget 3 is never taken. */
const faults: readonly FaultRule[] = [
  { kind: 'status', status: 422, method: 'PUT', widgetId: widgetId(3) },
  { kind: 'status', status: 503, method: 'PUT', widgetId: widgetId(4), times: 1 },
  { kind: 'status', status: 429, method: 'PUT', widgetId: widgetId(5), times: 1 },
  { kind: 'reset', method: 'PUT', widgetId: widgetId(6), times: 1 },
  { kind: 'redirect', status: 307, method: 'PUT', widgetId: widgetId(7), times: 1 },
];

test('they are what the server and status count, whatever the API answers', async () => {
  const files = {
    ...filesOf(0, 3, 4, 5, 6, 7),
    'w1.yaml': yaml(1, 'w1'),
    'w2.yaml': `${yaml(2, 'git 2')}sync:\n  suspend: true\n`,
    'w8.yaml': yaml(8, 'git 8').replace('display_name', 'display_nam'),
  };
  const { sandbox, loop, write, until, statusSays } = await startMeasured(files, {
    widgets,
    faults: { rules: faults },
  });
  const text = await until((now) => {
    const states = { applied: 6, failed: 1, held: 1, suspended: 1 };
    expect(valuesOf(now, 'widgets', 'state')).toEqual(states);
    expect(valuesOf(now, 'requests_total', 'method', 'answer')).toEqual(countedBy(sandbox));
    expect(valueAlone(now, 'rate_wait_seconds_count')).toBe(sandbox.requests.length);
  });
  await statusSays(valuesOf(text, 'widgets', 'state'));
  expect(valuesOf(text, 'writes_total', 'reason', 'result')).toEqual({
    'new applied': 5,
    'new failed': 1,
  });
  expect(valueAlone(text, 'adopted_total')).toBe(1);
  const answers = valuesOf(text, 'requests_total', 'method', 'answer');
  const refusals = { 'PUT 3xx': 1, 'PUT 4xx': 1, 'PUT 429': 1, 'PUT 5xx': 1, 'PUT none': 1 };
  expect(answers).toMatchObject(refusals);
  expect(sum(valuesOf(text, 'request_duration_seconds_count', 'method'))).toBe(sum(answers));

  write('w0.yaml', yaml(0, 'again'));
  await until((now) =>
    expect(valuesOf(now, 'writes_total', 'reason', 'result')).toMatchObject({
      'edited applied': 1,
    }),
  );
  sandbox.edit(widgetId(1), { display_name: 'of the dashboard' });
  const startedMs = Date.now();
  loop.sweep('signal');
  const after = await until((now) => {
    expect(valuesOf(now, 'writes_total', 'reason', 'result')).toMatchObject({
      'drifted applied': 1,
    });
    expect(valuesOf(now, 'requests_total', 'method', 'answer')).toEqual(countedBy(sandbox));
    // The status is a moment behind the events.
    for (const name of ['last_write_timestamp_seconds', 'last_resync_timestamp_seconds']) {
      expect(valueAlone(now, name)).toBeGreaterThanOrEqual(startedMs / 1000);
    }
  });
  expect(valueAlone(after, 'last_write_timestamp_seconds')).toBeLessThanOrEqual(Date.now() / 1000);
  expect(valueAlone(after, 'drift_found_total')).toBe(1);
  expect(valuesOf(after, 'passes_total', 'trigger', 'result')).toMatchObject({ 'signal ok': 1 });
});

describe('what stands in the way shows while it does', () => {
  test('a refused key, and the passes and sweeps that it fails', async () => {
    const { sandbox, loop, until } = await startMeasured(filesOf(0, 1), { widgets });
    await until((now) => expect(valuesOf(now, 'widgets', 'state')).toEqual({ applied: 2 }));
    sandbox.setApiKey('in-another');
    loop.sweep('signal');
    await until((now) => expect(valuesOf(now, 'blocked', 'by')).toEqual({ key: 1 }));
    sandbox.setApiKey('in-measured');
    loop.sweep('signal');
    await until((now) => expect(valuesOf(now, 'blocked', 'by')).toEqual({}));
  });

  test('a service that is down', async () => {
    const faulty = { rules: [{ kind: 'status', status: 503, method: 'PUT' }] } as const;
    const { sandbox, until } = await startMeasured(filesOf(0, 1, 2, 3), {
      widgets,
      faults: faulty,
    });
    const down = await until((now) =>
      expect(valuesOf(now, 'blocked', 'by')).toEqual({ service: 1 }),
    );
    expect(valueAlone(down, 'outages_total')).toBe(1);
    sandbox.setFaults(null);
    const up = await until((now) => {
      expect(valuesOf(now, 'blocked', 'by')).toEqual({});
      expect(valuesOf(now, 'widgets', 'state')).toEqual({ applied: 4 });
      expect(valuesOf(now, 'requests_total', 'method', 'answer')).toEqual(countedBy(sandbox));
    });
    expect(valueAlone(up, 'outages_total')).toBe(1);
  });

  test('a plan that waits for a person, and how long it has waited', async () => {
    const maxChanges = { unit: 'widgets', most: 1 } as const;
    const { until, statusSays } = await startMeasured(filesOf(0, 1, 2), { widgets, maxChanges });
    const text = await until((now) => {
      expect(valuesOf(now, 'blocked', 'by')).toEqual({ changes: 1 });
      expect(valueAlone(now, 'oldest_pending_age_seconds')).toBeGreaterThan(0);
    });
    expect(valuesOf(text, 'widgets', 'state')).toEqual({ pending: 3 });
    await statusSays({ pending: 3 });
    expect(valuesOf(text, 'passes_total', 'trigger', 'result')).toMatchObject({
      'start refused': 1,
    });
  });
});
