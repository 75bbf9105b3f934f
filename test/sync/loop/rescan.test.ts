import { describe, expect, test } from 'vitest';
import { Rescan, type RescanPolicy } from '../../../src/sync/loop/rescan.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

/** Events are relied on, and no interval of polling is named. */
const usual: RescanPolicy = { rescanMs: 60_000, pollMs: null, begin: 'relying' };
const polling: RescanPolicy = { ...usual, begin: 'polling' };

/** Running; `dueMs` is when looks were due. The jitter is `random` of the most there is. */
function start(policy: RescanPolicy, random: () => number = () => 0) {
  const clock = new FakeClock();
  const dueMs: number[] = [];
  const rescan = new Rescan(policy, {
    clock,
    random,
    onDue: () => dueMs.push(clock.monotonicMs()),
  });
  const ended = rescan.run();
  return { clock, dueMs, rescan, ended };
}

describe('looks are due', () => {
  test.each<[string, RescanPolicy, number[]]>([
    ['as told, while events are relied on', usual, [60_000, 120_000]],
    ['each second while nothing is known of what a look costs', polling, [1000, 2000]],
    ['as told, while files are polled', { ...polling, pollMs: 7000 }, [7000, 14_000]],
    [
      'as told, while files are polled, even where that is rarer than rescans',
      { ...polling, rescanMs: 5000, pollMs: 7000 },
      [7000, 14_000],
    ],
    ['more often than any look would fit, if so told', { ...polling, rescanMs: 400 }, [400, 800]],
  ])('%s', async (_, policy, times) => {
    const { clock, dueMs } = start(policy);
    await clock.advance((times[1] ?? 0) + 1);
    expect(dueMs).toEqual(times);
  });
});

describe('what polling costs', () => {
  test.each([
    ['nothing', 0, 1000],
    ['less than a second has room for', 49, 1000],
    ['a twentieth of a second', 50, 1000],
    ['a tenth of a second', 100, 2000],
    ['a second', 1000, 20_000],
    ['as much as half a minute has room for', 1500, 30_000],
    ['more than half a minute has room for', 20_000, 30_000],
  ])('where a look takes %s sets how often', (_, lookMs, intervalMs) => {
    const { rescan } = start(polling);
    rescan.looked(lookMs);
    expect(rescan.intervalMs).toBe(intervalMs);
  });

  test('follows the last look, from the next turn on', async () => {
    const { clock, dueMs, rescan } = start(polling);
    await clock.advance(500);
    rescan.looked(200);
    await clock.advance(4500);
    rescan.looked(1);
    await clock.advance(5000);
    expect(dueMs).toEqual([1000, 5000, 9000, 10_000]);
  });

  test('is nothing that an interval in the settings asks for, nor one that events have', () => {
    const told = start({ ...polling, pollMs: 2000 }).rescan;
    const relying = start(usual).rescan;
    for (const rescan of [told, relying]) rescan.looked(10_000);
    expect([told.intervalMs, relying.intervalMs]).toEqual([2000, 60_000]);
  });

  test('never makes polling rarer than rescans of its own accord', () => {
    const { rescan } = start({ ...polling, rescanMs: 10_000 });
    rescan.looked(20_000);
    expect(rescan.intervalMs).toBe(10_000);
  });
});

describe('a change of mind', () => {
  test('in the middle of a turn begins another one, of the other length', async () => {
    const { clock, dueMs, rescan } = start(usual);
    await clock.advance(30_000);
    rescan.set('polling');
    await clock.advance(2500);
    expect(dueMs).toEqual([31_000, 32_000]);
    rescan.set('relying');
    await clock.advance(60_000);
    // A long turn ends with a whole second.
    expect(dueMs).toEqual([31_000, 32_000, 92_000]);
    expect(clock.sleeping).toBe(1);
  });

  test('that is none leaves the turn alone', async () => {
    const { clock, dueMs, rescan } = start(usual);
    await clock.advance(59_000);
    rescan.set('relying');
    await clock.advance(1000);
    expect(dueMs).toEqual([60_000]);
  });

  test('and back again in one moment begins the turn anew, once', async () => {
    const { clock, dueMs, rescan } = start(usual);
    await clock.advance(10_000);
    rescan.set('polling');
    rescan.set('relying');
    await clock.advance(60_000);
    expect(dueMs).toEqual([70_000]);
    expect(clock.sleeping).toBe(1);
  });

  test('before the first turn sets its length', async () => {
    const clock = new FakeClock();
    const dueMs: number[] = [];
    const onDue = () => dueMs.push(clock.monotonicMs());
    const rescan = new Rescan(usual, { clock, random: () => 0, onDue });
    rescan.set('polling');
    void rescan.run();
    await clock.advance(1000);
    expect(dueMs).toEqual([1000]);
  });
});

test('replicas that began together drift apart by up to a tenth, never beyond the interval', async () => {
  const luck = [0, 0.5, 1 - Number.EPSILON];
  const { clock, dueMs } = start(usual, () => luck.shift() ?? 0);
  await clock.advance(180_000);
  expect(dueMs.map(Math.round)).toEqual([60_000, 117_000, 171_000]);
});

test('long turns end with a whole second, so that accounts look together; short ones as told', async () => {
  const luck = () => 0.123;
  const [long, short] = [start(usual, luck), start({ ...polling, pollMs: 7000 }, luck)];
  await long.clock.advance(180_000);
  await short.clock.advance(14_000);
  expect(long.dueMs).toEqual([59_000, 118_000, 177_000]);
  expect(short.dueMs.map(Math.round)).toEqual([6914, 13_828]);
});

describe('once stopped', () => {
  test('nothing is due any more, and the run ends at once', async () => {
    const { clock, dueMs, rescan, ended } = start(usual);
    await clock.advance(60_000);
    rescan.stop();
    await ended;
    expect(clock.sleeping).toBe(0);
    rescan.set('polling');
    await clock.advance(600_000);
    expect(dueMs).toEqual([60_000]);
  });

  test('from within a look that was due, there is no other', async () => {
    const clock = new FakeClock();
    let looks = 0;
    const onDue = () => {
      looks += 1;
      rescan.stop();
    };
    const rescan = new Rescan(usual, { clock, random: () => 0, onDue });
    const ended = rescan.run();
    await clock.advance(60_000);
    await ended;
    await clock.advance(600_000);
    expect([looks, clock.sleeping]).toEqual([1, 0]);
  });

  test('before it began, it never begins', async () => {
    const clock = new FakeClock();
    const rescan = new Rescan(usual, { clock, random: () => 0, onDue: () => {} });
    rescan.stop();
    await rescan.run();
    expect(clock.sleeping).toBe(0);
  });

  test('what a look throws ends the run, and is handed on', async () => {
    const clock = new FakeClock();
    const onDue = () => {
      throw new Error('a bug');
    };
    const ended = new Rescan(usual, { clock, random: () => 0, onDue }).run();
    const failed = expect(ended).rejects.toThrow('a bug');
    await clock.advance(60_000);
    await failed;
    await settle();
    expect(clock.sleeping).toBe(0);
  });
});
