import { beforeEach, expect, test } from 'vitest';
import { Ticker } from '../../src/base/ticker.ts';
import { FakeClock } from '../support/fake-clock.ts';

let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});

/** How often it has acted. */
function counting() {
  const counted = { times: 0, act: () => {} };
  counted.act = () => {
    counted.times += 1;
  };
  return counted;
}

const noBug = (error: unknown) => expect.unreachable(String(error));

test('however many look, one timer wakes them all, and none is left once nobody looks', async () => {
  const ticker = new Ticker(clock);
  const looks = [counting(), counting(), counting()];
  const leave = looks.map(({ act }) => ticker.each(act, noBug));
  const times = () => looks.map((one) => one.times);
  await clock.advance(3000);
  expect(times()).toEqual([3, 3, 3]);
  expect(clock.sleeping).toBe(1);
  leave[1]?.();
  await clock.advance(1000);
  expect(times()).toEqual([4, 3, 4]);
  for (const one of leave) one();
  await clock.advance(0);
  expect(clock.sleeping).toBe(0);
});

test('goes on when somebody looks again after nobody did', async () => {
  const ticker = new Ticker(clock);
  const looked: number[] = [];
  ticker.each(() => void looked.push(-1), noBug)();
  await clock.advance(500);
  const leave = ticker.each(() => void looked.push(clock.monotonicMs()), noBug);
  await clock.advance(2000);
  expect(looked).toEqual([1500, 2500]);
  leave();
});

test('a look that takes longer than a tick is not begun again meanwhile, and holds up no other', async () => {
  const ticker = new Ticker(clock);
  const began: string[] = [];
  const leaves = [
    ticker.each(async () => {
      began.push('slow');
      await clock.sleep(2500);
    }, noBug),
    ticker.each(() => void began.push('quick'), noBug),
  ];
  await clock.advance(4000);
  expect(began).toEqual(['slow', 'quick', 'quick', 'quick', 'slow', 'quick']);
  for (const leave of leaves) leave();
});

test.each<[string, () => void | Promise<void>]>([
  [
    'throws',
    () => {
      throw new Error('no');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no'))],
])('what %s is told once, and ends that look alone', async (_, act) => {
  const ticker = new Ticker(clock);
  const bugs: unknown[] = [];
  const looks = counting();
  ticker.each(act, (bug) => bugs.push(bug));
  const leave = ticker.each(looks.act, noBug);
  await clock.advance(3000);
  expect(bugs).toEqual([new Error('no')]);
  expect(looks.times).toBe(3);
  leave();
});

test('one that leaves while it is its turn to come does not act any more', async () => {
  const ticker = new Ticker(clock);
  const acted = counting();
  const first = ticker.each(() => second(), noBug);
  const second = ticker.each(acted.act, noBug);
  await clock.advance(2000);
  expect(acted.times).toBe(0);
  first();
});
