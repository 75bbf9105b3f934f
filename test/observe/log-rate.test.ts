import pino from 'pino';
import { expect, test } from 'vitest';
import { logRate } from '../../src/observe/log-rate.ts';
import { FakeClock } from '../support/fake-clock.ts';

const rate = { limit: 20, windowMs: 1000 };

function narrate() {
  const lines: unknown[] = [];
  const log = pino(
    { base: null, timestamp: false, formatters: { level: (level) => ({ level }) } },
    { write: (line: string) => void lines.push(JSON.parse(line)) },
  );
  return { hear: logRate(log, new FakeClock()), lines };
}

test('a wait is told with its end and its reason', () => {
  const { hear, lines } = narrate();
  hear({ kind: 'rate-waiting', wait: { reason: 'retry-after', forMs: 12_000.4 }, rate });
  hear({ kind: 'rate-waiting', wait: { reason: 'rate', forMs: 60_000 }, rate });
  // One is told as an outage, the other as what was learnt.
  hear({ kind: 'rate-waiting', wait: { reason: 'outage', forMs: 60_000 }, rate });
  hear({ kind: 'rate-waiting', wait: { reason: 'pace', forMs: 60_000 }, rate });
  expect(lines).toEqual([
    {
      level: 'info',
      msg: 'nothing is sent for now: the API asks for it (Retry-After)',
      rate: '20/s',
      wait_ms: 12_000,
      until: '2026-03-01T08:00:12.000Z',
    },
    {
      level: 'info',
      msg: 'nothing is sent for now: --rate is used up',
      rate: '20/s',
      wait_ms: 60_000,
      until: '2026-03-01T08:01:00.000Z',
    },
  ]);
});

test('what the API takes is told beside what the rate allows', () => {
  const { hear, lines } = narrate();
  hear({ kind: 'limit-learnt', about: 2.96, rate });
  hear({ kind: 'limit-learnt', about: null, rate });
  expect(lines).toEqual([
    {
      level: 'info',
      msg: 'the API takes about 3/s, --rate allows 20/s',
      rate: '20/s',
      api_rate: '3/s',
    },
    { level: 'info', msg: 'the API takes what --rate allows again', rate: '20/s' },
  ]);
});
