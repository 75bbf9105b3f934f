import pino from 'pino';
import { expect, test } from 'vitest';
import { narrateOutage } from '../../src/observe/log-outage.ts';
import { unavailable } from '../support/changes.ts';
import { FakeClock } from '../support/fake-clock.ts';

test('an outage is a warning and stands in the status, with its next try, until it is over', () => {
  const lines: unknown[] = [];
  const log = pino(
    { base: null, timestamp: false, formatters: { level: (level) => ({ level }) }, level: 'debug' },
    { write: (line: string) => void lines.push(JSON.parse(line)) },
  );
  const blocked: unknown[] = [];
  // Something else keeps the first try from starting for longer.
  const limiter = { outage: { nextTryInMs: 3000 } };
  const board = { blocked: (...facts: unknown[]) => void blocked.push(facts) };
  const observer = narrateOutage(log, { board, limiter, clock: new FakeClock() });
  const since = new Date('2026-03-01T07:59:00Z');
  observer.opened({ error: unavailable, failures: 5, since, nextTryInMs: 512.4 });
  observer.postponed?.({ nextTryInMs: 60_000.4 });
  observer.closed({ durationMs: 60_000.2 });
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
  const blockedUntil = (next: string) => [
    'service',
    `the service has been failing since 2026-03-01T07:59:00.000Z, one request at a time tries it, the next one at ${next}: answered 503`,
  ];
  expect(blocked).toEqual([
    blockedUntil('2026-03-01T08:00:03.000Z'),
    blockedUntil('2026-03-01T08:01:00.000Z'),
    ['service', null],
  ]);
});
