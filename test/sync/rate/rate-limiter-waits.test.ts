// What the gate tells of waits: for how long nothing can start, and why.
import { expect, test } from 'vitest';
import { Breaker, daemonBreaker } from '../../../src/sync/rate/circuit-breaker.ts';
import { type Permit, RateGate, type Wait } from '../../../src/sync/rate/rate-limiter.ts';
import type { Evidence } from '../../../src/sync/rate/request-outcome.ts';
import { apiError } from '../../support/changes.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const limited = (retryAfterMs: number | null): Evidence => {
  const error = apiError({ status: 429, retry: 'later', retryAfterMs });
  return { service: 'limited', error, about: 'w1' };
};

function open({ limit = 3, windowMs = 1000 } = {}) {
  const clock = new FakeClock();
  const breaker = new Breaker(daemonBreaker, { clock, random: () => 0.5 });
  const gate = new RateGate({ limit, windowMs }, clock, breaker);
  const told: Wait[] = [];
  gate.listen({ waiting: (wait) => void told.push(wait) });
  const take = async (): Promise<Permit> => {
    const permit = await gate.take(10, new AbortController().signal);
    if (permit === null) throw new Error('sent back');
    return permit;
  };
  return { clock, gate, told, take };
}

test('nothing waits at the beginning', () => {
  expect(open().gate.wait).toBeNull();
});

test('Retry-After is told once, at once, whoever waits for it', async () => {
  const { clock, gate, told, take } = open();
  const permits = await Promise.all([take(), take()]);
  for (const permit of permits) permit.seen(limited(12_000));
  const wait = { reason: 'retry-after', forMs: 12_000 };
  expect(gate.wait).toEqual(wait);
  expect(told).toEqual([wait]);
  await clock.advance(5000);
  expect(gate.wait).toEqual({ reason: 'retry-after', forMs: 7000 });
  await clock.advance(7000);
  expect(gate.wait).toBeNull();
  (await take()).seen(limited(30_000));
  expect(told.slice(1)).toEqual([{ reason: 'retry-after', forMs: 30_000 }]);
});

test('a wait that is over in a moment is known, and not told', async () => {
  const { gate, told, take } = open();
  (await take()).seen(limited(2000));
  expect(gate.wait).toEqual({ reason: 'retry-after', forMs: 2000 });
  expect(told).toEqual([]);
});

test('a rate whose places are all under way is no wait with an end', async () => {
  const { clock, gate, told, take } = open();
  await Promise.all([take(), take(), take()]);
  void gate.take(10, new AbortController().signal);
  await clock.advance(60_000);
  expect(gate.wait).toBeNull();
  expect(told).toEqual([]);
});

test('a rate that is used up is told when somebody waits for it', async () => {
  const { clock, gate, told, take } = open({ limit: 1, windowMs: 60_000 });
  (await take()).seen({ service: 'up' });
  await clock.advance(10_000);
  expect(gate.wait).toEqual({ reason: 'rate', forMs: 50_000 });
  expect(told).toEqual([]);
  void gate.take(10, new AbortController().signal);
  expect(told).toEqual([{ reason: 'rate', forMs: 50_000 }]);
});

test('an API that goes on refusing and names no time is told once the pauses are long', async () => {
  const { clock, gate, told, take } = open();
  for (const forMs of [1000, 2000, 4000, 8000]) {
    (await take()).seen(limited(null));
    expect(gate.wait).toEqual({ reason: 'refused', forMs });
    await clock.advance(forMs);
  }
  expect(told).toEqual([{ reason: 'refused', forMs: 8000 }]);
  expect(gate.refusedForMs).toBe(15_000);
  (await take()).seen({ service: 'up' });
  expect(gate.refusedForMs).toBe(0);
});

test('the next try of a service that is down is no sooner than the rate allows', async () => {
  const { gate, take } = open({ limit: 5, windowMs: 60_000 });
  const error = apiError({ status: 503, retry: 'later' });
  const permits = await Promise.all([take(), take(), take(), take(), take()]);
  for (const [n, permit] of permits.entries()) {
    permit.seen({ service: 'down', error, about: `w${n}` });
  }
  expect(gate.outage).toEqual({ nextTryInMs: 60_000 });
});
