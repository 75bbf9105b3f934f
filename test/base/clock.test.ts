import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { FakeClock } from '../support/fake-clock.ts';

// The fake clock stands in for the system's everywhere else, so both keep the same promises.
interface Case {
  readonly clock: Clock;
  readonly advance: (ms: number) => Promise<unknown>;
}

describe.each([
  ['the system clock', (): Case => ({ clock: systemClock, advance: vi.advanceTimersByTimeAsync })],
  [
    'the fake clock',
    (): Case => {
      const clock = new FakeClock();
      return { clock, advance: (ms) => clock.advance(ms) };
    },
  ],
])('%s', (_, make) => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Sleeps, and says when the sleep ended. */
  function sleeping(
    { clock }: Case,
    ms: number,
    signal?: AbortSignal,
  ): { endedAtMs: () => number } {
    let endedAtMs = Number.NaN;
    const startedMs = clock.monotonicMs();
    void clock.sleep(ms, signal).then(() => {
      endedAtMs = clock.monotonicMs() - startedMs;
    });
    return { endedAtMs: () => endedAtMs };
  }

  test('sleeps as long as it was told', async () => {
    const one = make();
    const sleep = sleeping(one, 100);
    await one.advance(99);
    expect(sleep.endedAtMs()).toBeNaN();
    await one.advance(1);
    expect(sleep.endedAtMs()).toBe(100);
  });

  test.each([0, -1])('does not sleep for %i ms', async (ms) => {
    const one = make();
    const sleep = sleeping(one, ms);
    await one.advance(0);
    expect(sleep.endedAtMs()).toBe(0);
  });

  test.each([
    ['just more than one timer can', 2 ** 31],
    ['a month', 31 * 24 * 3_600_000],
    ['much more than a timer can', 3 * 2 ** 31],
  ])('sleeps %s', async (_, ms) => {
    const one = make();
    const sleep = sleeping(one, ms);
    await one.advance(ms - 1);
    expect(sleep.endedAtMs()).toBeNaN();
    await one.advance(1);
    expect(sleep.endedAtMs()).toBe(ms);
  });

  test.each([100, 2 ** 31 + 100, Number.POSITIVE_INFINITY])(
    'wakes at once from %d ms when it is aborted, and never rejects',
    async (ms) => {
      const one = make();
      const abort = new AbortController();
      const sleep = sleeping(one, ms, abort.signal);
      await one.advance(40);
      expect(sleep.endedAtMs()).toBeNaN();
      abort.abort(new Error('for a reason'));
      await one.advance(0);
      expect(sleep.endedAtMs()).toBe(40);
    },
  );

  test('does not sleep under a signal that was aborted before', async () => {
    const one = make();
    const sleep = sleeping(one, 100, AbortSignal.abort());
    await one.advance(0);
    expect(sleep.endedAtMs()).toBe(0);
  });

  test('leaves nothing behind on a signal that is used for many sleeps', async () => {
    const one = make();
    const { signal } = new AbortController();
    for (let round = 0; round < 20; round += 1) {
      sleeping(one, 10, signal);
      await one.advance(10);
    }
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('wakes sleepers in the order in which they are due', async () => {
    const one = make();
    const woken: number[] = [];
    for (const ms of [30, 10, 20, 10.5]) void one.clock.sleep(ms).then(() => woken.push(ms));
    await one.advance(30);
    expect(woken).toEqual([10, 10.5, 20, 30]);
  });

  test('moves wall time and intervals together', async () => {
    const one = make();
    const before = { wallMs: one.clock.now().getTime(), ms: one.clock.monotonicMs() };
    await one.advance(1500);
    expect(one.clock.now().getTime() - before.wallMs).toBe(1500);
    expect(one.clock.monotonicMs() - before.ms).toBe(1500);
  });
});

test('a step of the wall clock does not step the intervals', () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    const beforeMs = systemClock.monotonicMs();
    vi.setSystemTime(systemClock.now().getTime() + 3_600_000);
    expect(systemClock.monotonicMs() - beforeMs).toBeLessThan(1_800_000);
  } finally {
    vi.useRealTimers();
  }
});

test('a fake clock lets what a sleeper sets off sleep within the same advance', async () => {
  const clock = new FakeClock();
  const woken: number[] = [];
  void (async () => {
    for (let round = 0; round < 3; round += 1) {
      await clock.sleep(10);
      woken.push(clock.monotonicMs());
    }
  })();
  await clock.advance(25);
  expect(woken).toEqual([10, 20]);
  expect(clock.monotonicMs()).toBe(25);
  expect(clock.sleeping).toBe(1);
});
