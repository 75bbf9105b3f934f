import { describe, expect, test } from 'vitest';
import { keyRefused, named, unavailable, wanted } from '../../support/changes.ts';
import { outageWorld } from '../fixtures/outage-world.ts';

const minuteMs = 60_000;
const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => from + index);

/** Pauses of half a second, one, two, four, …, then thirty seconds each; and what came before them. */
const fewRequests = 35;

describe('a service that is down for ten minutes', () => {
  test.each(['off', 'auto'] as const)(
    'is hardly asked by 200 edits, which all arrive within a minute of its return (live %s)',
    async (live) => {
      const world = outageWorld({ live });
      world.service.goDown();
      world.submit(...range(0, 200).map((n) => named(n, 'first')));
      const inOutage = await world.during(10 * minuteMs);
      expect(inOutage.length).toBeGreaterThan(10);
      expect(inOutage.length).toBeLessThan(fewRequests);
      world.service.comeBack();
      await world.clock.advance(minuteMs);
      expect(world.outcomes.map(({ status }) => status)).toEqual(
        range(0, 200).map(() => 'applied'),
      );
      expect(world.told).toEqual(['down', 'back']);
    },
  );

  test('is hardly asked by a sweep of 200 widgets, which goes on where it was', async () => {
    const world = outageWorld({ live: 'auto' });
    const sweep = world.sweep(range(0, 200));
    const before = await world.during(3000);
    expect(before.length).toBeGreaterThan(20);
    world.service.goDown();
    const inOutage = await world.during(10 * minuteMs);
    expect(inOutage.length).toBeGreaterThan(10);
    expect(inOutage.length).toBeLessThan(fewRequests);
    world.service.comeBack();
    await world.clock.advance(minuteMs);
    expect((await sweep)?.widgets.size).toBe(200);
    // The list and each widget once, but for what failed.
    expect(world.asked.length).toBe(201 + inOutage.length);
    expect(world.told.filter((what) => what !== 'retrying a read')).toEqual(['down', 'back']);
    expect(world.told).not.toContain('unread');
  });

  test('is tried by two edits as often as by many, and both arrive within a minute', async () => {
    const world = outageWorld();
    world.service.goDown();
    world.submit(named(1, 'first'), named(2, 'first'));
    const inOutage = await world.during(30 * minuteMs);
    expect(inOutage.length).toBeGreaterThan(55);
    expect(inOutage.length).toBeLessThan(75);
    world.service.comeBack();
    await world.clock.advance(minuteMs);
    expect(world.outcomes).toHaveLength(2);
  });

  test('makes a small sweep give up none of its widgets', async () => {
    const world = outageWorld({ live: 'auto' });
    await Promise.all([world.pass([1]), world.during(1000)]);
    world.service.goDown();
    world.submit(...range(0, 5).map((n) => named(n, 'first')));
    await world.clock.advance(1000);
    world.queue.retain([]);
    const sweep = world.sweep([6, 7, 8]);
    await world.clock.advance(10 * minuteMs);
    world.service.comeBack();
    await world.clock.advance(minuteMs);
    expect((await sweep)?.widgets.size).toBe(3);
    expect(world.told.slice(-2)).toEqual(['down', 'back']);
  });

  test('is asked by one request at a time, however many may be under way otherwise', async () => {
    const world = outageWorld({ concurrency: 16, rate: 1000 });
    world.service.goDown();
    world.submit(...range(0, 200).map((n) => named(n, 'first')));
    await world.clock.advance(10 * minuteMs);
    const startsMs = world.asked.map(({ atMs }) => atMs);
    const tries = startsMs.filter((ms) => ms > 100);
    for (const [place, ms] of tries.slice(1).entries()) {
      expect(ms - (tries[place] ?? ms)).toBeGreaterThanOrEqual(500);
    }
    // Each of the four failures that said little yet made room for one more.
    expect(startsMs.length - tries.length).toBe(16 + 4);
  });

  test('is told the newest content first, before all that has been waiting', async () => {
    const world = outageWorld();
    world.service.goDown();
    const first = range(0, 50).map((n) => named(n, 'first', 'drifted'));
    world.submit(...first);
    await world.clock.advance(5 * minuteMs);
    const edit = named(33, 'second');
    world.queue.retain(wanted(...first.filter((_, n) => n !== 33), edit));
    world.submit(edit);
    const [next] = await world.during(minuteMs);
    expect(next).toBe('put 33 second');
    world.service.comeBack();
    await world.clock.advance(2 * minuteMs);
    expect(world.outcomes).toHaveLength(50);
    expect([...world.shown.values()].sort().slice(-2)).toEqual(['first', 'second']);
  });

  test('is told another content at once in the place of one that it failed to take', async () => {
    const world = outageWorld();
    world.service.goDown();
    world.submit(...range(0, 6).map((n) => named(n, 'first')));
    await world.clock.advance(5 * minuteMs);
    world.submit(named(4, 'second'));
    const [next] = await world.during(minuteMs);
    expect(next).toBe('put 4 second');
  });

  test('holds up no pass, which has hashes to go by', async () => {
    const world = outageWorld({ live: 'auto' });
    await Promise.all([world.pass([1]), world.during(1000)]);
    world.service.goDown();
    const interrupted = world.pass(range(0, 50));
    const before = await world.during(10_000);
    expect((await interrupted)?.widgets.size).toBe(0);
    expect(before.length).toBeLessThan(10);
    expect((await world.pass(range(0, 50)))?.widgets.size).toBe(0);
    expect(await world.during(1000)).toEqual([]);
  });

  test('is asked again at once by the next request after long silence', async () => {
    const world = outageWorld();
    world.service.goDown();
    world.submit(named(1, 'first'), named(2, 'first'));
    await world.clock.advance(minuteMs);
    world.queue.retain([]);
    expect(await world.during(10 * minuteMs)).toEqual([]);
    world.service.comeBack();
    world.submit(named(3, 'first'));
    expect(await world.during(100)).toEqual(['put 3 first']);
    expect(world.told).toEqual(['down', 'back']);
  });

  test('keeps nobody who leaves, and leaves nothing behind that sleeps', async () => {
    const world = outageWorld({ live: 'auto' });
    await Promise.all([world.pass([1]), world.during(1000)]);
    world.service.goDown();
    world.submit(...range(0, 50).map((n) => named(n, 'first')));
    await world.clock.advance(5 * minuteMs);
    const sweep = world.sweep(range(0, 50));
    await world.clock.advance(1000);
    world.stopping.abort();
    const stopped = world.queue.stop({ deadlineMs: 10_000 });
    await world.clock.advance(100);
    expect(await sweep).toBeNull();
    await stopped;
    expect(world.outcomes.map(({ status }) => status)).toEqual(range(0, 50).map(() => 'unsent'));
    expect(world.clock.sleeping).toBe(0);
  });

  test('and comes back with another mind about the key halts everything', async () => {
    const world = outageWorld();
    world.service.goDown();
    world.submit(...range(0, 50).map((n) => named(n, 'first')));
    await world.clock.advance(minuteMs);
    world.service.answer = () => {
      throw keyRefused;
    };
    const refused = await world.during(10 * minuteMs);
    expect(world.told).toEqual(['down', 'back', 'halted']);
    expect(refused.length).toBeLessThanOrEqual(4);
    world.service.comeBack();
    world.queue.retryRejected();
    await world.clock.advance(minuteMs);
    expect(world.outcomes).toHaveLength(50);
  });
});

describe('two widgets that always fail', () => {
  const poison = (what: string) => {
    if (/^(put|get) [01] /.test(`${what} `)) throw unavailable;
  };
  const reasons = ['edited', 'drifted', 'forced'] as const;

  test.each(
    reasons.flatMap((reason) => (['auto', 'off'] as const).map((live) => [reason, live] as const)),
  )('do not keep 60 %s ones in an outage that is over (live %s)', async (reason, live) => {
    const world = outageWorld({ live, rate: 5 });
    world.service.goDown();
    world.submit(named(0, 'first'), named(1, 'first'));
    world.submit(...range(100, 160).map((n) => named(n, 'first', reason)));
    await world.clock.advance(minuteMs);
    world.service.answer = poison;
    await world.clock.advance(2 * minuteMs);
    expect(world.outcomes).toHaveLength(60);
  });

  test.each(reasons)('let another one that is %s try before them', async (reason) => {
    const world = outageWorld();
    world.service.goDown();
    world.submit(named(0, 'first'), named(1, 'first'));
    await world.clock.advance(10 * minuteMs);
    world.submit(...range(100, 103).map((n) => named(n, 'first', reason)));
    const tries = await world.during(6 * minuteMs);
    expect(tries.slice(0, 3).sort()).toEqual(range(100, 103).map((n) => `put ${n} first`));
    // Then all of them in turn.
    const rounds = [tries.slice(3, 8), tries.slice(4, 9), tries.slice(5, 10)];
    expect(rounds.map((round) => new Set(round).size)).toEqual([5, 5, 5]);
  });

  test('let a change try that has failed before, beside a sweep that reads them', async () => {
    const world = outageWorld({ live: 'auto' });
    await Promise.all([world.pass([9]), world.during(1000)]);
    world.service.goDown();
    const sweep = world.sweep([0, 1]);
    world.submit(named(100, 'first'), named(101, 'first'));
    await world.clock.advance(10 * minuteMs);
    world.service.answer = poison;
    await world.clock.advance(5 * minuteMs);
    expect(world.outcomes).toHaveLength(2);
    expect((await sweep)?.widgets.size).toBe(0);
  });
});

test('a write follows the read of its base at once, whatever else waits', async () => {
  const world = outageWorld({ live: 'auto', rate: 1, concurrency: 1 });
  await Promise.all([world.pass([9]), world.during(2000)]);
  world.submit(...range(0, 3).map((n) => named(n, 'first', 'drifted')));
  const before = await world.during(500);
  world.submit(...range(3, 6).map((n) => named(n, 'first')));
  const asked = [...before, ...(await world.during(20_000))];
  const inTurn = [0, 3, 4, 5, 1, 2].flatMap((n) => [`get ${n}`, `put ${n} first`]);
  expect(asked).toEqual(inTurn);
});

test('one widget that fails alone is nobody else’s trouble', async () => {
  const world = outageWorld();
  world.service.answer = (what) => {
    if (what.startsWith('put 7 ')) throw unavailable;
  };
  world.submit(named(7, 'first'));
  await world.clock.advance(10 * minuteMs);
  world.submit(...range(20, 60).map((n) => named(n, 'first')));
  await world.clock.advance(3000);
  expect(world.outcomes).toHaveLength(40);
  expect(world.told).toEqual([]);
});
