// Servers that take less than the rate allows, answer 429 and name no time, each with its own idea of a
// limit: what they are asked, and how long that takes.
import { expect, test } from 'vitest';
import { apiError, named } from '../../support/changes.ts';
import { outageWorld } from '../fixtures/outage-world.ts';

const tooMany = apiError({ status: 429, retry: 'later' });

/** Whether a request at this time is taken. */
type Limiter = (atMs: number) => boolean;

function fixedWindow(limit: number, windowMs: number): Limiter {
  const used = { window: -1, count: 0 };
  return (atMs) => {
    const window = Math.floor(atMs / windowMs);
    if (window !== used.window) Object.assign(used, { window, count: 0 });
    if (used.count >= limit) return false;
    used.count += 1;
    return true;
  };
}

function slidingWindow(limit: number, windowMs: number): Limiter {
  let takenAtMs: number[] = [];
  return (atMs) => {
    takenAtMs = takenAtMs.filter((takenMs) => takenMs > atMs - windowMs);
    if (takenAtMs.length >= limit) return false;
    takenAtMs.push(atMs);
    return true;
  };
}

function bucket(perSecond: number, burst: number): Limiter {
  const tokens = { left: burst, atMs: 0 };
  return (atMs) => {
    tokens.left = Math.min(burst, tokens.left + ((atMs - tokens.atMs) * perSecond) / 1000);
    tokens.atMs = atMs;
    if (tokens.left < 1) return false;
    tokens.left -= 1;
    return true;
  };
}

/** So many edits in a world whose service has this limit. */
function limitedWorld({ rate = 20, edits = 40 }, first: Limiter) {
  const world = outageWorld({ rate });
  const limit = { takes: first };
  const answers: { readonly atMs: number; readonly isTaken: boolean }[] = [];
  world.service.answer = () => {
    const atMs = world.clock.monotonicMs();
    const isTaken = limit.takes(atMs);
    answers.push({ atMs, isTaken });
    if (!isTaken) throw tooMany;
  };
  world.submit(...Array.from({ length: edits }, (_, n) => named(n, 'first')));
  /** Seconds until all have arrived. */
  const finish = async (patienceS: number) => {
    for (let s = 0; s < patienceS && world.outcomes.length < edits; s += 1) {
      await world.clock.advance(1000);
    }
    expect(world.outcomes.map(({ status }) => status)).toEqual(Array(edits).fill('applied'));
    return (answers.at(-1)?.atMs ?? 0) / 1000;
  };
  return { ...world, answers, limit, finish };
}

function refusedPart(answers: readonly { readonly isTaken: boolean }[]): number {
  return answers.filter(({ isTaken }) => !isTaken).length / answers.length;
}

const limits: [string, () => Limiter, number][] = [
  ['3 in each second of the clock', () => fixedWindow(3, 1000), 3],
  ['3 in any second', () => slidingWindow(3, 1000), 3],
  ['a bucket of 3, filled with 3 a second', () => bucket(3, 3), 3],
  ['a bucket of 10, filled with 3 a second', () => bucket(3, 10), 3],
  ['12 in each second of the clock', () => fixedWindow(12, 1000), 12],
  ['100 in each minute', () => fixedWindow(100, 60_000), 100 / 60],
  ['100 in any minute', () => slidingWindow(100, 60_000), 100 / 60],
  ['1 in two seconds', () => fixedWindow(1, 2000), 0.5],
  ['1 in any two seconds', () => slidingWindow(1, 2000), 0.5],
];

const allowed = [20, 5];

test.each(limits.flatMap((limit) => allowed.map((rate) => ({ name: limit[0], limit, rate }))))(
  'a limit of $name, where the rate allows $rate/s, is found and kept to',
  async (world) => {
    const [, limiter, perSecond] = world.limit;
    if (perSecond >= world.rate) return;
    const few = limitedWorld({ rate: world.rate }, limiter());
    const fewS = await few.finish(3 * (40 / perSecond));
    expect(fewS).toBeLessThanOrEqual(1.5 * (40 / perSecond));
    const many = limitedWorld({ rate: world.rate, edits: 240 }, limiter());
    const manyS = await many.finish(3 * (240 / perSecond));
    expect(manyS).toBeLessThanOrEqual(1.5 * (240 / perSecond));
    expect(refusedPart(many.answers.slice(80))).toBeLessThanOrEqual(0.1);
    // A limit is no outage.
    expect([...few.told, ...many.told]).toEqual([]);
  },
);

test('what requests in flight together are refused is one signal', async () => {
  const world = limitedWorld({ edits: 30 }, slidingWindow(8, 1000));
  await world.clock.advance(900);
  // Four at a time: four are refused at once, and half of the eight that were taken is left.
  expect(refusedPart(world.answers)).toBeCloseTo(4 / 12);
  expect(world.pace.about).toBe(8);
  expect(world.limiter.wait).toMatchObject({ reason: 'refused' });
  await world.clock.advance(1000);
  expect(world.answers.filter(({ isTaken }) => !isTaken)).toHaveLength(4);
});

test('a limit that is raised is followed, and one that is gone is forgotten', async () => {
  const world = limitedWorld({ edits: 1500 }, fixedWindow(3, 1000));
  await world.clock.advance(30_000);
  expect(world.pace.about).toBeCloseTo(3, 0);
  world.limit.takes = fixedWindow(12, 1000);
  await world.clock.advance(60_000);
  const from = world.answers.length;
  await world.clock.advance(20_000);
  expect(world.answers.slice(from).filter(({ isTaken }) => isTaken).length).toBeGreaterThan(160);
  world.limit.takes = () => true;
  await world.clock.advance(60_000);
  expect(world.pace.about).toBeNull();
});

test('a read is not given up while the limit is looked for, and is after two minutes of nothing else', async () => {
  const world = outageWorld({ live: 'auto' });
  let refusals = 6;
  world.service.answer = () => {
    refusals -= 1;
    if (refusals >= 0) throw tooMany;
  };
  const read = world.sweep([1]);
  await world.clock.advance(120_000);
  expect((await read)?.widgets.size).toBe(1);
  refusals = Number.POSITIVE_INFINITY;
  const inVain = world.sweep([2]);
  await world.clock.advance(300_000);
  expect((await inVain)?.widgets.size).toBe(0);
  expect(world.told.at(-1)).toBe('unread');
});

test('a service that refuses everything for a while is asked a few times, and nothing is lost', async () => {
  const world = limitedWorld({ edits: 20 }, (atMs) => atMs > 600_000);
  await world.clock.advance(600_000);
  expect(world.answers.length).toBeLessThan(25);
  expect(world.told).toEqual([]);
  await world.finish(300);
});
