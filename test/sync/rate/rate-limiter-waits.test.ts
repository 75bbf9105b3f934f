// What the limiter tells of waits: for how long nothing can start, and why.
import { expect, test } from 'vitest';
import { listenerOf } from '../../../src/sync/events.ts';
import { CircuitBreaker, daemonBreaker } from '../../../src/sync/rate/circuit-breaker.ts';
import type { Slot } from '../../../src/sync/rate/rate-limiter.ts';
import type { RequestOutcome } from '../../../src/sync/rate/request-outcome.ts';
import type { Wait } from '../../../src/sync/rate/wait.ts';
import { apiError } from '../../support/changes.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { openLimiter } from '../../support/open-limiter.ts';

const limited = (retryAfterMs: number | null): RequestOutcome => {
  const error = apiError({ status: 429, retry: 'later', retryAfterMs });
  return { service: 'limited', error, about: 'w1' };
};

function open({ limit = 3, windowMs = 1000 } = {}) {
  const clock = new FakeClock();
  const breaker = new CircuitBreaker(daemonBreaker, { clock, random: () => 0.5 });
  const limiter = openLimiter({ limit, windowMs }, clock, { breaker });
  const told: Wait[] = [];
  limiter.listen(listenerOf({ 'rate-waiting': ({ wait }) => void told.push(wait) }));
  const take = async (): Promise<Slot> => {
    const slot = await limiter.take(10, new AbortController().signal);
    if (slot === null) throw new Error('sent back');
    return slot;
  };
  return { clock, limiter, told, take };
}

test('nothing waits at the beginning', () => {
  expect(open().limiter.wait).toBeNull();
});

test('Retry-After is told once, at once, whoever waits for it', async () => {
  const { clock, limiter, told, take } = open();
  const slots = await Promise.all([take(), take()]);
  for (const slot of slots) slot.ended(limited(12_000));
  const wait = { reason: 'retry-after', forMs: 12_000 };
  expect(limiter.wait).toEqual(wait);
  expect(told).toEqual([wait]);
  await clock.advance(5000);
  expect(limiter.wait).toEqual({ reason: 'retry-after', forMs: 7000 });
  await clock.advance(7000);
  expect(limiter.wait).toBeNull();
  (await take()).ended(limited(30_000));
  expect(told.slice(1)).toEqual([{ reason: 'retry-after', forMs: 30_000 }]);
});

test('a wait that is over in a moment is known, and not told', async () => {
  const { limiter, told, take } = open();
  (await take()).ended(limited(2000));
  expect(limiter.wait).toEqual({ reason: 'retry-after', forMs: 2000 });
  expect(told).toEqual([]);
});

test('a rate whose places are all under way is no wait with an end', async () => {
  const { clock, limiter, told, take } = open();
  await Promise.all([take(), take(), take()]);
  void limiter.take(10, new AbortController().signal);
  await clock.advance(60_000);
  expect(limiter.wait).toBeNull();
  expect(told).toEqual([]);
});

test('a rate that is used up is told when somebody waits for it', async () => {
  const { clock, limiter, told, take } = open({ limit: 1, windowMs: 60_000 });
  (await take()).ended({ service: 'up' });
  await clock.advance(10_000);
  expect(limiter.wait).toEqual({ reason: 'rate', forMs: 50_000 });
  expect(told).toEqual([]);
  void limiter.take(10, new AbortController().signal);
  expect(told).toEqual([{ reason: 'rate', forMs: 50_000 }]);
});

test('an API that goes on refusing and names no time is told once the pauses are long', async () => {
  const { clock, limiter, told, take } = open();
  for (const forMs of [1000, 2000, 4000, 8000]) {
    (await take()).ended(limited(null));
    expect(limiter.wait).toEqual({ reason: 'refused', forMs });
    await clock.advance(forMs);
  }
  expect(told).toEqual([{ reason: 'refused', forMs: 8000 }]);
  expect(limiter.refusedForMs).toBe(15_000);
  (await take()).ended({ service: 'up' });
  expect(limiter.refusedForMs).toBe(0);
});

test('the next try of a service that is down is no sooner than the rate allows', async () => {
  const { limiter, take } = open({ limit: 5, windowMs: 60_000 });
  const error = apiError({ status: 503, retry: 'later' });
  const slots = await Promise.all([take(), take(), take(), take(), take()]);
  for (const [n, slot] of slots.entries()) {
    slot.ended({ service: 'down', error, about: `w${n}` });
  }
  expect(limiter.outage).toEqual({ nextTryInMs: 60_000 });
});
