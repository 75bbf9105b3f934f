import { describe, expect, test } from 'vitest';
import { CircuitBreaker, daemonBreaker } from '../../../src/sync/rate/circuit-breaker.ts';
import { RateLimiter, type Slot } from '../../../src/sync/rate/rate-limiter.ts';
import { apiError } from '../../support/changes.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

/** A signal of one's own that is never aborted. */
const patient = () => new AbortController().signal;

describe('a limiter for 3 in 1000 ms', () => {
  /** Asks `count` times at once and notes when each may start. */
  function crowd(count: number, onStart: (slot: Slot, clock: FakeClock) => void) {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ limit: 3, windowMs: 1000 }, clock);
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
    const { clock, startsMs } = crowd(5, (slot) => slot.giveBack());
    await clock.advance(1);
    expect(startsMs).toEqual([0, 0, 0, 0, 0]);
  });

  test('takes no place back of a request that was seen', async () => {
    const { clock, startsMs } = crowd(4, (slot) => {
      slot.ended();
      slot.giveBack();
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
    const limiter = new RateLimiter({ limit: 3, windowMs: 1000 }, clock);
    for (const ms of holds) limiter.hold(ms);
    let startedMs = Number.NaN;
    void limiter.take(10, patient()).then(() => {
      startedMs = clock.monotonicMs();
    });
    await clock.advance(5000);
    expect(startedMs).toBe(expectedMs);
  });

  test('a hold also stops those who were only waiting for the budget', async () => {
    const { clock, limiter, startsMs } = crowd(4, (slot) => slot.ended());
    await clock.advance(999);
    limiter.hold(5000);
    await clock.advance(20_000);
    expect(startsMs).toEqual([0, 0, 0, 5999]);
  });

  test('an answer with Retry-After holds before anybody takes the place that it leaves', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ limit: 3, windowMs: 100 }, clock);
    const error = apiError({ status: 429, retry: 'later', retryAfterMs: 5000 });
    const slots = await Promise.all([1, 2, 3].map(() => limiter.take(10, patient())));
    let startedMs = Number.NaN;
    void limiter.take(10, patient()).then(() => {
      startedMs = clock.monotonicMs();
    });
    slots[0]?.ended({ service: 'down', error, about: 'w1' });
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

test('one that asks just as others may start goes before those that are less urgent', async () => {
  const clock = new FakeClock();
  const limiter = new RateLimiter({ limit: 3, windowMs: 1000 }, clock);
  const started: string[] = [];
  const go = async (name: string, priority: number) => {
    if ((await limiter.take(priority, patient())) !== null) started.push(name);
  };
  limiter.hold(25);
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
  const limiter = new RateLimiter({ limit: 3, windowMs: 1000 }, clock, breaker);
  const startsMs: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    void limiter.take(10, patient()).then(() => startsMs.push(clock.monotonicMs()));
  }
  await clock.advance(3_600_000);
  expect(startsMs).toEqual([1000, 60_000, 60_000]);
});
