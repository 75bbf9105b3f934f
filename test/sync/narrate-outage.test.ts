import pino from 'pino';
import { expect, test } from 'vitest';
import { narrateOutage } from '../../src/sync/narrate-outage.ts';
import { unavailable } from '../support/changes.ts';

test('an outage is a warning and stands in the status until it is over', () => {
  const lines: unknown[] = [];
  const log = pino(
    { base: null, timestamp: false, formatters: { level: (level) => ({ level }) } },
    { write: (line: string) => void lines.push(JSON.parse(line)) },
  );
  const blocked: unknown[] = [];
  const observer = narrateOutage(log, { blocked: (...facts) => void blocked.push(facts) });
  const since = new Date('2026-03-01T08:00:00Z');
  observer.opened({ error: unavailable, failures: 5, since, nextTryInMs: 512.4 });
  observer.closed({ durationMs: 60_000.2 });
  expect(lines).toEqual([
    {
      level: 'warn',
      msg: 'the service is down: one request at a time tries it',
      since: '2026-03-01T08:00:00.000Z',
      failures: 5,
      error: 'answered 503',
      retry_in_ms: 512,
    },
    { level: 'info', msg: 'the service is back', duration_ms: 60_000 },
  ]);
  expect(blocked).toEqual([
    [
      'service',
      'the service has been failing since 2026-03-01T08:00:00.000Z, one request at a time tries it: answered 503',
    ],
    ['service', null],
  ]);
});
