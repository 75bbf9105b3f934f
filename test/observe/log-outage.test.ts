import { expect, test } from 'vitest';
import { logOutage } from '../../src/observe/log-outage.ts';
import { unavailable } from '../support/changes.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { captureLog } from './notify/capture-log.ts';

test('an outage is a warning, an error once it lasts for two minutes, and then over', async () => {
  const { log, lines } = captureLog();
  const clock = new FakeClock(new Date('2026-03-01T07:59:30Z'));
  // Something else keeps the first try from starting for longer.
  const hear = logOutage(log, { outage: { nextTryInMs: 3000 } }, clock);
  const since = new Date('2026-03-01T07:59:00Z');
  hear({ kind: 'outage-began', error: unavailable, failures: 5, since, nextTryInMs: 512.4 });
  await clock.advance(89_000);
  hear({ kind: 'outage-continued', nextTryInMs: 60_000.4 });
  await clock.advance(1000);
  hear({ kind: 'outage-continued', nextTryInMs: 60_000.4 });
  hear({ kind: 'outage-continued', nextTryInMs: 60_000.4 });
  hear({ kind: 'outage-ended', durationMs: 180_000.2 });
  expect(lines()).toEqual([
    {
      level: 'warn',
      msg: 'the service is down: one request at a time tries it',
      since: '2026-03-01T07:59:00.000Z',
      failures: 5,
      error: 'answered 503',
      retry_in_ms: 3000,
    },
    { level: 'debug', msg: 'the service is still down', retry_in_ms: 60_000 },
    {
      level: 'error',
      msg: 'the service stays down',
      since: '2026-03-01T07:59:00.000Z',
      duration_ms: 120_000,
      retry_in_ms: 60_000,
    },
    { level: 'debug', msg: 'the service is still down', retry_in_ms: 60_000 },
    { level: 'info', msg: 'the service is back', duration_ms: 180_000 },
  ]);
});
