// A gate that goes on from what earlier processes have spent.
import { describe, expect, test } from 'vitest';
import { type Permit, RateGate } from '../../../src/sync/rate/rate-limiter.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

const patient = () => new AbortController().signal;

/** A gate for 3 in a minute, the ends that it resumes from, and what it writes and says. */
async function resume(earlierMs: readonly number[]) {
  const clock = new FakeClock();
  await clock.advance(50_000);
  const gate = new RateGate({ limit: 3, windowMs: 60_000 }, clock);
  /** Requests under way, at each change of what is kept. */
  const kept: number[] = [];
  const said: number[] = [];
  let isBehind = true;
  gate.resume({
    earlierMs,
    ended: () => {
      isBehind = true;
    },
    async keep(underWay) {
      if (isBehind || kept.at(-1) !== underWay) kept.push(underWay);
      isBehind = false;
    },
  });
  gate.listen({
    waiting({ reason, forMs }) {
      if (reason === 'earlier-runs') said.push(forMs);
    },
  });
  const permits: Permit[] = [];
  const ask = (count: number) => {
    for (let n = 0; n < count; n += 1) {
      void gate.take(10, patient()).then((permit) => {
        if (permit === null) return;
        // Nobody has leave that the next process would not know of.
        expect(kept.at(-1)).toBeGreaterThan(permits.length - ended);
        permits.push(permit);
      });
    }
  };
  let ended = 0;
  const answerAll = () => {
    for (const permit of permits.slice(ended)) {
      ended += 1;
      permit.seen();
    }
  };
  return { clock, ask, answerAll, permits, kept, said };
}

test('places of earlier processes are free one window after their ends', async () => {
  const { clock, ask, permits } = await resume([10_000, 20_000, 50_000]);
  ask(5);
  await clock.advance(19_999);
  expect(permits).toHaveLength(0);
  await clock.advance(1);
  expect(permits).toHaveLength(1);
  await clock.advance(10_000);
  expect(permits).toHaveLength(2);
  await clock.advance(30_000);
  expect(permits).toHaveLength(3);
});

test('the most places that a rate can have are taken over, and let go together', async () => {
  const clock = new FakeClock();
  const limit = 999_999;
  const gate = new RateGate({ limit, windowMs: 60_000 }, clock);
  const earlierMs = Array.from({ length: limit }, () => 0);
  const spent = { earlierMs, ended: () => {}, keep: async () => {} };
  gate.resume(spent);
  let started = 0;
  const start = () => {
    started += 1;
  };
  for (let n = 0; n < 2; n += 1) void gate.take(10, patient()).then(start);
  await clock.advance(59_999);
  expect(started).toBe(0);
  await clock.advance(1);
  expect(started).toBe(2);
});

test('those who start together share one write', async () => {
  const { clock, ask, answerAll, kept } = await resume([]);
  ask(2);
  await settle();
  expect(kept.slice(-1)).toEqual([2]);
  ask(3);
  await settle();
  const before = kept.length;
  answerAll();
  expect(kept.slice(before)).toEqual([2, 1, 0]);
  await clock.advance(60_000);
  expect(kept.slice(before)).toEqual([2, 1, 0, 2]);
});

test('nothing starts before what it uses is kept, however long that takes', async () => {
  const gate = new RateGate({ limit: 3, windowMs: 60_000 }, new FakeClock());
  const kept = new Map<number, () => void>();
  gate.resume({
    earlierMs: [],
    ended: () => {},
    keep: (underWay) => new Promise((resolve) => void kept.set(underWay, resolve)),
  });
  let started = 0;
  const start = () => {
    started += 1;
  };
  for (let n = 0; n < 2; n += 1) void gate.take(10, patient()).then(start);
  await settle();
  expect(started).toBe(0);
  kept.get(1)?.();
  await settle();
  expect(started).toBe(1);
  kept.get(2)?.();
  await settle();
  expect(started).toBe(2);
});

describe('a start that waits for what earlier processes have spent', () => {
  test('is said of each wait that is longer than a moment', async () => {
    const { clock, ask, said } = await resume([10_000, 40_000, 50_000]);
    ask(2);
    await clock.advance(1000);
    ask(2);
    await clock.advance(40_000);
    expect(said).toEqual([20_000, 30_000]);
  });

  test.each<[string, number[], number]>([
    ['is not said where there is room', [10_000, 40_000], 1],
    ['is not said where the wait is short', [-6000, 40_000, 50_000], 1],
    ['is not said of one that waits for this process’s own', [], 4],
  ])('%s', async (_, earlierMs, count) => {
    const { clock, ask, answerAll, said } = await resume(earlierMs);
    ask(count);
    await settle();
    answerAll();
    await clock.advance(4000);
    expect(said).toEqual([]);
  });
});
