import { describe, expect, test } from 'vitest';
import type { LearntLimit } from '../../../src/state/state-store.ts';
import { type ApiLimit, nothingLearnt, refused, taken } from '../../../src/sync/rate/api-limit.ts';

const rate = { limit: 20, windowMs: 1000 };

function limitOf(learnt: Partial<LearntLimit>, pauseMs = 0): ApiLimit {
  const about = { perSecond: 2, refusedAt: 4, isConfirmed: true, about: 4 };
  return { learnt: { ...about, ...learnt }, pauseMs };
}

describe('a refusal', () => {
  test.each<[string, ApiLimit, number, Partial<LearntLimit> & { pauseMs: number }]>([
    [
      'the first: half of what the API took in the last second, once that second is over',
      nothingLearnt,
      3,
      { perSecond: 1.5, refusedAt: 3, isConfirmed: false, about: 3, pauseMs: 1000 },
    ],
    [
      'the first of all requests: half of what the rate allows',
      nothingLearnt,
      0,
      { perSecond: 10, refusedAt: 20, isConfirmed: false, about: 10, pauseMs: 1000 },
    ],
    [
      'at about the rate of the one before: the limit is known',
      limitOf({ perSecond: 3.2, refusedAt: 3, isConfirmed: false }),
      3,
      { perSecond: 1.6, refusedAt: 3.2, isConfirmed: true, about: 3.2, pauseMs: 625 },
    ],
    [
      'far above the one before: the limit is another one',
      limitOf({ perSecond: 8, refusedAt: 4 }),
      8,
      { perSecond: 4, refusedAt: 8, isConfirmed: false, about: 8, pauseMs: 250 },
    ],
    [
      'at half the rate of the one before, which was not taken for long: still less',
      limitOf({ perSecond: 2, refusedAt: 4 }),
      0,
      { perSecond: 1, refusedAt: 2, isConfirmed: false, about: 1, pauseMs: 1000 },
    ],
    [
      'however often: never less than one in a minute',
      limitOf({ perSecond: 1 / 60, refusedAt: 1 / 30 }),
      0,
      { perSecond: 1 / 60, refusedAt: 1 / 60, pauseMs: 60_000 },
    ],
  ])('%s', (_, before, took, { pauseMs, ...learnt }) => {
    const after = refused(before, { rate, taken: took });
    expect(after.learnt).toMatchObject(learnt);
    expect(after.pauseMs).toBeCloseTo(pauseMs, 6);
  });

  test('after a refusal, with nothing taken in between, is the same: the pause alone grows, to a minute', () => {
    let limit = refused(limitOf({ perSecond: 3, refusedAt: 3 }), { rate, taken: 3 });
    const { learnt } = limit;
    const pausesMs = Array.from({ length: 9 }, () => {
      limit = refused(limit, { rate, taken: 0 });
      expect(limit.learnt).toBe(learnt);
      return Math.round(limit.pauseMs);
    });
    expect(pausesMs).toEqual([1333, 2667, 5333, 10_667, 21_333, 42_667, 60_000, 60_000, 60_000]);
  });

  test('counts a burst within a long window for what it was', () => {
    const anHour = { limit: 1000, windowMs: 3_600_000 };
    expect(refused(nothingLearnt, { rate: anHour, taken: 30 }).learnt?.perSecond).toBe(15);
  });
});

describe('an answer', () => {
  test.each<[string, Partial<LearntLimit>, number]>([
    ['far below the refused rate adds a twelfth of it', { perSecond: 2, refusedAt: 4 }, 2.333],
    ['near it adds a two-hundredth', { perSecond: 3.7, refusedAt: 4 }, 3.72],
    ['beyond it adds a two-hundredth still', { perSecond: 4.3, refusedAt: 4 }, 4.32],
    ['where none is known near by adds a half', { perSecond: 0.5, isConfirmed: false }, 0.75],
    ['adds no more than so much', { perSecond: 6, isConfirmed: false }, 6.4],
  ])('%s', (_, learnt, perSecond) => {
    expect(taken(limitOf(learnt), rate).learnt?.perSecond).toBeCloseTo(perSecond, 3);
  });

  test('ends the pause', () => {
    expect(taken(limitOf({}, 8000), rate).pauseMs).toBe(0);
  });

  test('well beyond the refused rate says that the limit is another one by now', () => {
    const beyond = limitOf({ perSecond: 4.39, refusedAt: 4 });
    expect(taken(beyond, rate).learnt).toMatchObject({ isConfirmed: false });
  });

  test('at twice what the rate allows says that nothing is known any more', () => {
    const high = limitOf({ perSecond: 39.9, refusedAt: 15, isConfirmed: false });
    expect(taken(high, rate)).toEqual(nothingLearnt);
  });

  test('takes more than ten from one refusal to the next where the limit is known', () => {
    for (const limit of [0.05, 0.5, 1.7, 3, 12, 100]) {
      const wide = { limit: 1000, windowMs: 1000 };
      const beforehand = limitOf({ perSecond: limit, refusedAt: limit });
      let state = refused(beforehand, { rate: wide, taken: 1 });
      let answers = 0;
      while ((state.learnt?.perSecond ?? 0) <= limit) {
        state = taken(state, wide);
        answers += 1;
      }
      expect(answers, `a limit of ${limit}/s`).toBeGreaterThan(10);
    }
  });
});
