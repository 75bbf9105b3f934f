import fc from 'fast-check';
import { expect, test } from 'vitest';
import { debounce, defaultQuiet } from '../../../src/sync/loop/debounce.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { law } from '../../support/law.ts';

/** When it was quiet, for hints at these times. */
async function quietAfter(hintsMs: readonly number[], stopMs: number | null = null) {
  const clock = new FakeClock();
  const quietMs: number[] = [];
  const hints = debounce({ quietMs: 250, longestMs: 2000 }, clock, () => {
    quietMs.push(clock.monotonicMs());
  });
  for (const ms of hintsMs) void clock.sleep(ms).then(() => hints.hint());
  if (stopMs !== null) void clock.sleep(stopMs).then(() => hints.stop());
  await clock.advance(100_000);
  expect(clock.sleeping).toBe(0);
  return quietMs;
}

const every = (stepMs: number, count: number) =>
  Array.from({ length: count }, (_, n) => n * stepMs);

test.each([
  ['one hint is one look, after the quiet time', [0], [250]],
  ['hints close together are one look', [0, 100, 340], [590]],
  ['a hint right after the quiet time begins another', [0, 251], [250, 501]],
  ['hints far apart are a look each', [0, 1000], [250, 1250]],
  ['hints without end are looked after all the same', every(200, 15), [2000, 3050]],
  ['the longest wait counts from the first hint of each look', [0, 10_000, 10_200], [250, 10_450]],
  ['no hint, no look', [], []],
])('%s', async (_, hintsMs, looksMs) => {
  expect(await quietAfter(hintsMs)).toEqual(looksMs);
});

test('nothing follows once it was stopped', async () => {
  expect(await quietAfter([0, 1000, 1100], 1200)).toEqual([250]);
});

test('by default files are quiet after a quarter of a second, and waited for two seconds at most', () => {
  expect(defaultQuiet).toEqual({ quietMs: 250, longestMs: 2000 });
});

law.prop([fc.array(fc.nat({ max: 20_000 }), { maxLength: 40 })])(
  'every hint is followed by a look, which comes once it is quiet or the longest wait is over',
  async (hintsMs) => {
    const looksMs = await quietAfter(hintsMs);
    for (const [index, lookMs] of looksMs.entries()) {
      const sinceMs = looksMs[index - 1] ?? 0;
      const seenMs = hintsMs.filter((ms) => ms >= sinceMs && ms <= lookMs);
      const isQuiet = lookMs - Math.max(...seenMs) >= 250;
      expect(isQuiet || lookMs - Math.min(...seenMs) === 2000).toBe(true);
    }
    for (const ms of hintsMs) {
      expect(looksMs.some((lookMs) => lookMs >= ms && lookMs <= ms + 2000)).toBe(true);
    }
  },
);
