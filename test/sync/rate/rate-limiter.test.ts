import { describe, expect, test } from 'vitest';
import { CircuitBreaker, daemonBreaker } from '../../../src/sync/rate/circuit-breaker.ts';
import type { Slot } from '../../../src/sync/rate/rate-limiter.ts';
import type { RequestOutcome } from '../../../src/sync/rate/request-outcome.ts';
import { apiError } from '../../support/changes.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { openLimiter } from '../../support/open-limiter.ts';

/** A signal of one's own that is never aborted. */
const patient = () => new AbortController().signal;

const askedToWait = (retryAfterMs: number): RequestOutcome => {
  const error = apiError({ status: 503, retry: 'later', retryAfterMs });
  return { service: 'down', error, about: 'w1' };
};

test('each request that may start tells how long it waited, and one that leaves the line does not', async () => {
  const clock = new FakeClock();
  const limiter = openLimiter({ limit: 2, windowMs: 1000 }, clock);
  const waitedMs: number[] = [];
  limiter.listen((event) => {
    if (event.kind === 'slot-taken') waitedMs.push(event.waitedMs);
  });
  const left = new AbortController();
  const start = (signal: AbortSignal) =>
    void limiter.take(10, signal).then((slot) => {
      slot?.ended();
      slot?.release();
    });
  for (let n = 0; n < 3; n += 1) start(patient());
  start(left.signal);
  left.abort();
  await clock.advance(400);
  start(patient());
  await clock.advance(5000);
  expect(waitedMs).toEqual([0, 0, 1000, 600]);
});

describe('a limiter for 3 in 1000 ms', () => {
  /** Asks `count` times at once and notes when each may start. */
  function crowd(count: number, onStart: (slot: Slot, clock: FakeClock) => void) {
    const clock = new FakeClock();
    const limiter = openLimiter({ limit: 3, windowMs: 1000 }, clock);
    const startsMs: number[] = [];
    for (let n = 0; n < count; n += 1) {
      void limiter.take(10, patient()).then((slot) => {
        if (slot === null) return;
        startsMs.push(clock.monotonicMs());
        onStart(slot, clock);
      });
    }
    return { clock, limiter, startsMs };
  }

  test.each<[string, number, (slot: Slot, clock: FakeClock) => void]>([
    ['at once costs no throughput', 1000, (slot) => slot.ended()],
    [
      'after 40 ms costs these 40 ms',
      1040,
      (slot, clock) => void clock.sleep(40).then(() => slot.ended()),
    ],
    [
      'after a second costs this second',
      2000,
      (slot, clock) => void clock.sleep(1000).then(() => slot.ended()),
    ],
  ])('an answer that comes %s', async (_, periodMs, onStart) => {
    const { clock, startsMs } = crowd(9, onStart);
    await clock.advance(10_000);
    expect(startsMs).toEqual([0, periodMs, 2 * periodMs].flatMap((ms) => [ms, ms, ms]));
  });

  test('counts a request as seen at its first answer, not at a later one', async () => {
    const { clock, startsMs } = crowd(4, (slot, clock) => {
      slot.ended();
      void clock.sleep(90).then(() => slot.ended());
    });
    await clock.advance(10_000);
    expect(startsMs).toEqual([0, 0, 0, 1000]);
  });

  test('lets nobody take the place of a request that has not ended', async () => {
    const slots: Slot[] = [];
    const { clock, startsMs } = crowd(5, (slot) => slots.push(slot));
    await clock.advance(3_600_000);
    expect(startsMs).toEqual([0, 0, 0]);
    slots[1]?.ended();
    await clock.advance(999);
    expect(startsMs).toHaveLength(3);
    await clock.advance(1);
    expect(startsMs).toHaveLength(4);
  });

  test('gives a place that was given back to the next at once', async () => {
    const { clock, startsMs } = crowd(5, (slot) => slot.release());
    await clock.advance(1);
    expect(startsMs).toEqual([0, 0, 0, 0, 0]);
  });

  test('takes no place back of a request that was seen', async () => {
    const { clock, startsMs } = crowd(4, (slot) => {
      slot.ended();
      slot.release();
    });
    await clock.advance(10_000);
    expect(startsMs).toEqual([0, 0, 0, 1000]);
  });

  test.each([
    ['a longer hold extends a shorter one', [500, 2000], 2000],
    ['a shorter hold does not cut a longer one', [2000, 500], 2000],
    ['a hold of nothing lets start', [0], 0],
  ])('%s', async (_, holds, expectedMs) => {
    const clock = new FakeClock();
    const limiter = openLimiter({ limit: 3, windowMs: 1000 }, clock);
    const slots = await Promise.all(holds.map(() => limiter.take(10, patient())));
    for (const [n, ms] of holds.entries()) slots[n]?.ended(askedToWait(ms));
    let startedMs = Number.NaN;
    void limiter.take(10, patient()).then(() => {
      startedMs = clock.monotonicMs();
    });
    await clock.advance(5000);
    expect(startedMs).toBe(expectedMs);
  });

  test('a hold also stops those who were only waiting for the budget', async () => {
    const slots: Slot[] = [];
    const { clock, startsMs } = crowd(4, (slot) => slots.push(slot));
    await settle();
    slots[0]?.ended();
    await clock.advance(999);
    slots[1]?.ended(askedToWait(5000));
    await clock.advance(20_000);
    expect(startsMs).toEqual([0, 0, 0, 5999]);
  });

  test('an answer with Retry-After holds before anybody takes the place that it leaves', async () => {
    const clock = new FakeClock();
    const limiter = openLimiter({ limit: 3, windowMs: 100 }, clock);
    const slots = await Promise.all([1, 2, 3].map(() => limiter.take(10, patient())));
    let startedMs = Number.NaN;
    void limiter.take(10, patient()).then(() => {
      startedMs = clock.monotonicMs();
    });
    slots[0]?.ended(askedToWait(5000));
    await clock.advance(20_000);
    expect(startedMs).toBe(5000);
  });

  test('gives nothing, and takes nothing, for a signal that is aborted already', async () => {
    const { limiter, startsMs } = crowd(0, () => {});
    await expect(limiter.take(30, AbortSignal.abort())).resolves.toBeNull();
    for (let n = 0; n < 3; n += 1) void limiter.take(10, patient()).then(() => startsMs.push(n));
    await settle();
    expect(startsMs).toEqual([0, 1, 2]);
  });

  test('sleeps once however many wait, and not at all when nobody does', async () => {
    const { clock, startsMs } = crowd(50, (slot) => slot.ended());
    await settle();
    expect(clock.sleeping).toBe(1);
    await clock.advance(60_000);
    expect(startsMs).toHaveLength(50);
    expect(clock.sleeping).toBe(0);
  });
});

test('a request counts among those under way until whatever follows from it is done', async () => {
  const clock = new FakeClock();
  const limiter = openLimiter({ limit: 3, windowMs: 1000 }, clock, { concurrency: 1 });
  const first = await limiter.take(10, patient());
  let second: Slot | null = null;
  void limiter.take(10, patient()).then((slot) => {
    second = slot;
  });
  first?.ended();
  await clock.advance(5000);
  expect(second).toBeNull();
  first?.release();
  await settle();
  expect(second).not.toBeNull();
});

test('nothing waits behind the valve: whatever comes while it is shut may still go first', async () => {
  const clock = new FakeClock();
  const limiter = openLimiter({ limit: 1, windowMs: 1000 }, clock, { concurrency: 4 });
  const started: string[] = [];
  const go = async (name: string, priority: number) => {
    const slot = await limiter.take(priority, patient());
    started.push(name);
    slot?.ended();
    slot?.release();
  };
  for (const name of ['first', 'a', 'b', 'c']) void go(name, 10);
  await settle();
  expect(limiter.waiting).toBe(3);
  void go('urgent', 30);
  await clock.advance(4000);
  expect(started).toEqual(['first', 'urgent', 'a', 'b', 'c']);
});

test('one that asks just as others may start goes before those that are less urgent', async () => {
  const clock = new FakeClock();
  const limiter = openLimiter({ limit: 3, windowMs: 1000 }, clock);
  const started: string[] = [];
  const go = async (name: string, priority: number) => {
    if ((await limiter.take(priority, patient())) !== null) started.push(name);
  };
  (await limiter.take(10, patient()))?.ended(askedToWait(25));
  // This one's sleep began before the limiter's, and so it wakes, and asks, before the limiter does.
  void clock.sleep(25).then(() => go('urgent', 20));
  await clock.advance(1);
  void go('waiting', 10);
  await clock.advance(24);
  expect(started).toEqual(['urgent', 'waiting']);
});

test('a request that hangs after an outage holds the next one up for a minute, and not for ever', async () => {
  const clock = new FakeClock();
  const breaker = new CircuitBreaker(daemonBreaker, { clock, random: () => 0.5 });
  const error = apiError({ status: 503, retry: 'later' });
  for (const about of ['a', 'b', 'c', 'd', 'e']) breaker.ended({ service: 'down', error, about });
  breaker.ended({ service: 'up' });
  const limiter = openLimiter({ limit: 3, windowMs: 1000 }, clock, { breaker });
  const startsMs: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    void limiter.take(10, patient()).then(() => startsMs.push(clock.monotonicMs()));
  }
  await clock.advance(3_600_000);
  expect(startsMs).toEqual([1000, 60_000, 60_000]);
});
