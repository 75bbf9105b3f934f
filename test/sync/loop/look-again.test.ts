// When a tree asks to be looked at again, however many passes there are until then.
import { expect, test } from 'vitest';
import type { HeldFile, LoadedTree } from '../../../src/model/document.ts';
import { LoopWorld, yaml } from '../../support/loop-world.ts';

const startMs = Date.parse('2026-03-01T08:00:00Z');
const minuteMs = 60_000;

type Tree = Pick<LoadedTree, 'held' | 'nextUntil'>;

const busyFile: HeldFile = {
  file: 'w1.yaml',
  widgetId: null,
  code: 'changing-file',
  message: 'is being written',
};
const atRest: Tree = { held: [], nextUntil: null };
const busy: Tree = { ...atRest, held: [busyFile] };
const suspended: Tree = { ...atRest, nextUntil: new Date(startMs + 10 * minuteMs) };
const both: Tree = { ...busy, nextUntil: suspended.nextUntil };

/** A daemon that has applied the one file there is, in a tree that looks as the test says. */
async function watching(first: Tree) {
  const tree = { now: first };
  const world = await LoopWorld.make(
    { 'ava.yaml': yaml(1, 'Ava') },
    {
      change: ({ directory, clock }) => ({
        directory: {
          dir: directory.dir,
          look() {
            const seen = directory.look();
            if ('unsettled' in seen) return seen;
            // As a real one: what is over is no longer suspended.
            const { nextUntil } = tree.now;
            const isOver = nextUntil !== null && nextUntil <= clock.now();
            return { tree: { ...seen.tree, ...tree.now, ...(isOver && { nextUntil: null }) } };
          },
        },
        rescan: { rescanMs: 365 * 24 * 60 * minuteMs, pollMs: null, begin: 'relying' },
      }),
    },
  );
  await world.startAndApply(1);
  await world.clock.advance(0);
  const passesMs: [string, number][] = [];
  /** Passes within so many milliseconds, each with its time since the start. */
  const during = async (ms: number) => {
    const untilMs = world.clock.monotonicMs() + ms;
    for (; world.clock.monotonicMs() < untilMs; ) {
      const before = world.passes().length;
      await world.clock.advance(Math.min(100, untilMs - world.clock.monotonicMs()));
      const made = world.passes().slice(before);
      for (const trigger of made) passesMs.push([trigger, world.clock.monotonicMs()]);
      if (made.includes('unsettled')) tree.now = { ...tree.now, held: [] };
    }
    return passesMs;
  };
  const hintedPass = async () => {
    const before = world.plans.length;
    world.hint();
    await world.clock.advance(250);
    await world.until(() => world.plans.length > before);
    await world.clock.advance(0);
  };
  return { world, tree, during, hintedPass };
}

test.each<[string, Tree, [string, number][]]>([
  [
    'with a file that is being written is looked at in half a second, for as long as it is',
    busy,
    [
      ['unsettled', 500],
      ['unsettled', 1000],
    ],
  ],
  ['with a suspension is looked at when that ends', suspended, [['until', 10 * minuteMs]]],
  ['at rest is not looked at again', atRest, []],
])('a tree %s', async (_, tree, expected) => {
  const { during } = await watching(tree);
  expect(await during(20 * minuteMs)).toEqual(expected);
});

test('a tree with both is looked at for each', async () => {
  const { world, tree, during } = await watching(both);
  await world.clock.advance(400);
  tree.now = suspended;
  await world.clock.advance(100);
  await world.until(() => world.passes().length === 2);
  expect(world.passes()).toEqual(['start', 'unsettled']);
  await world.clock.advance(0);
  expect(await during(20 * minuteMs)).toEqual([['until', 10 * minuteMs]]);
});

test('what an earlier tree needed is forgotten with it', async () => {
  const { tree, during, hintedPass } = await watching(both);
  tree.now = atRest;
  await hintedPass();
  expect(await during(20 * minuteMs)).toEqual([]);
});

test('nothing is looked at once the daemon stops', async () => {
  const { world } = await watching(both);
  await world.loop.stop({ deadlineMs: 0 });
  expect(world.clock.sleeping).toBe(0);
  await world.clock.advance(60 * minuteMs);
  expect(world.passes()).toEqual(['start']);
});

test('a daemon whose file stays busy through many passes has as many timers as after the first', async () => {
  const { world, hintedPass } = await watching(busy);
  await hintedPass();
  const { sleeping } = world.clock;
  for (let pass = 0; pass < 50; pass += 1) await hintedPass();
  expect(world.clock.sleeping).toBe(sleeping);
  // Each pass puts it off: none of the earlier ones asks as well.
  expect(world.passes()).not.toContain('unsettled');
  await world.clock.advance(500);
  await world.until(() => world.passes().includes('unsettled'));
});
