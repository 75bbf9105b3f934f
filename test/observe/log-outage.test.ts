import pino from 'pino';
import { expect, test } from 'vitest';
import { logOutage } from '../../src/observe/log-outage.ts';
import { unavailable } from '../support/changes.ts';

test('an outage is a warning, with its next try, until it is over', () => {
  const lines: unknown[] = [];
  const log = pino(
    { base: null, timestamp: false, formatters: { level: (level) => ({ level }) }, level: 'debug' },
    { write: (line: string) => void lines.push(JSON.parse(line)) },
  );
  // Something else keeps the first try from starting for longer.
  const hear = logOutage(log, { outage: { nextTryInMs: 3000 } });
  const since = new Date('2026-03-01T07:59:00Z');
  hear({ kind: 'outage-began', error: unavailable, failures: 5, since, nextTryInMs: 512.4 });
  hear({ kind: 'outage-continued', nextTryInMs: 60_000.4 });
  hear({ kind: 'outage-ended', durationMs: 60_000.2 });
  expect(lines).toEqual([
    {
      level: 'warn',
      msg: 'the service is down: one request at a time tries it',
      since: '2026-03-01T07:59:00.000Z',
      failures: 5,
      error: 'answered 503',
      retry_in_ms: 3000,
    },
    { level: 'debug', msg: 'the service is still down', retry_in_ms: 60_000 },
    { level: 'info', msg: 'the service is back', duration_ms: 60_000 },
  ]);
});
