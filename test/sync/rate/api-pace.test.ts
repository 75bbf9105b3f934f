// What is told of the API's own limit beside a rate by the second, the minute or the hour.
import { describe, expect, test } from 'vitest';
import { formatPerSecond, parseRate } from '../../../src/config/rate.ts';
import type { LearntLimit } from '../../../src/state/state-store.ts';
import { listenerOf } from '../../../src/sync/events.ts';
import { ApiPace } from '../../../src/sync/rate/api-pace.ts';
import { apiError } from '../../support/changes.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const tooMany = apiError({ status: 429, retry: 'later' });

function open(rateText: string, earlier: LearntLimit | null = null) {
  const rate = parseRate(rateText);
  if (rate === null) throw new Error(`${rateText} is no rate`);
  const clock = new FakeClock();
  const pace = new ApiPace(rate, clock);
  const told: (string | null)[] = [];
  pace.listen(
    listenerOf({
      'limit-learnt': ({ about }) => void told.push(about === null ? null : formatPerSecond(about)),
    }),
  );
  pace.resume({ earlier, keep: () => {} });
  const take = () => pace.ended(pace.started(), { service: 'up' });
  const refuse = () =>
    pace.ended(pace.started(), { service: 'limited', error: tooMany, about: 'w1' });
  /** As soon as the pace allows it. */
  const takeAtPace = async () => {
    await clock.advance(Math.max(0, Math.ceil(pace.nextStartAtMs - clock.monotonicMs())));
    take();
  };
  return { clock, pace, told, take, refuse, takeAtPace };
}

function learntAbout(perSecond: number): LearntLimit {
  return { perSecond, refusedAt: perSecond, isConfirmed: true, about: perSecond };
}

describe('a limit that was met three requests into a second', () => {
  test.each([
    ['20/s', ['3/s']],
    ['3000/m', ['3/s']],
    ['36000/h', ['3/s']],
    ['3/s', []],
    ['10/m', []],
    ['1000/h', []],
  ])('beside a rate of %s is told where it is less: %j', (rate, expected) => {
    const { pace, told, take, refuse } = open(rate);
    for (let n = 0; n < 3; n += 1) take();
    refuse();
    expect(told).toEqual(expected);
    expect(pace.about).toBe(expected.length > 0 ? 3 : null);
    expect(pace.known).toBe(3);
  });

  test.each(['20/s', '10/m', '1000/h'])('is kept to all the same: %s', async (rate) => {
    const { clock, pace, take, refuse, takeAtPace } = open(rate);
    for (let n = 0; n < 3; n += 1) take();
    refuse();
    await takeAtPace();
    expect(pace.nextStartAtMs - clock.monotonicMs()).toBeGreaterThan(333);
  });
});

describe('what an earlier process has learnt', () => {
  test.each([
    ['1/s', 0.5, 0.5],
    ['10/m', 5 / 60, 5 / 60],
    ['10/m', 3, null],
    ['1000/h', 100 / 3600, 100 / 3600],
    ['1000/h', 3, null],
  ])('beside a rate of %s: %d a second counts as %j', (rate, earlier, about) => {
    expect(open(rate, learntAbout(earlier)).pace.about).toBe(about);
  });
});

test.each([
  ['10/m', 5 / 60],
  ['1000/h', 100 / 3600],
])('an API that takes well more than %s by now is told once', async (rate, earlier) => {
  const { pace, told, takeAtPace } = open(rate, learntAbout(earlier));
  for (let n = 0; n < 400; n += 1) await takeAtPace();
  expect(pace.about).toBeNull();
  expect(told.at(-1)).toBeNull();
  expect(told.filter((one) => one === null)).toHaveLength(1);
});
