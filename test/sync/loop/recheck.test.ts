// When a tree asks to be looked at again, however many passes there are until then.
import { expect, test } from 'vitest';
import { Delays } from '../../../src/base/timers.ts';
import type { HeldFile, LoadedTree } from '../../../src/model/document.ts';
import { LookAgain } from '../../../src/sync/loop/recheck.ts';
import { FakeClock } from '../../support/fake-clock.ts';
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

function world() {
  const clock = new FakeClock();
  const stopping = new AbortController();
  const asked: string[] = [];
  const again = new LookAgain(clock, new Delays(clock, stopping.signal), (trigger) => {
    asked.push(`${trigger} ${clock.monotonicMs()}`);
  });
  return { clock, again, asked, stopping };
}

test.each<[string, Tree, string[]]>([
  ['with a file that is being written is looked at in half a second', busy, ['unsettled 500']],
  ['with a suspension is looked at when that ends', suspended, ['until 600000']],
  [
    'with both is looked at for each',
    { ...busy, nextUntil: suspended.nextUntil },
    ['unsettled 500', 'until 600000'],
  ],
  ['at rest is not looked at again', atRest, []],
  [
    'with a suspension that is over by now is looked at at once',
    { ...atRest, nextUntil: new Date(startMs - minuteMs) },
    ['until 0'],
  ],
])('a tree %s', async (_, tree, expected) => {
  const { clock, again, asked } = world();
  again.for(tree);
  await clock.advance(60 * minuteMs);
  expect(asked).toEqual(expected);
});

test.each<[string, Tree, number, string]>([
  ['a file that stays busy', busy, 1, 'unsettled 10400'],
  ['a suspended file', suspended, 1, 'until 600000'],
  ['both', { ...busy, nextUntil: suspended.nextUntil }, 2, 'unsettled 10400'],
])(
  'a hundred passes beside %s leave no more timers than one does',
  async (_, tree, timers, next) => {
    const { clock, again, asked } = world();
    for (let pass = 0; pass < 100; pass += 1) {
      again.for(tree);
      expect(clock.sleeping).toBe(timers);
      await clock.advance(100);
    }
    expect(asked).toEqual([]);
    await clock.advance(60 * minuteMs);
    expect(asked[0]).toBe(next);
    // Once each pass in between had asked for one more.
    expect(asked).toHaveLength(timers);
  },
);

test('what an earlier tree needed is forgotten with it', async () => {
  const { clock, again, asked } = world();
  again.for({ ...busy, nextUntil: suspended.nextUntil });
  again.for(atRest);
  expect(clock.sleeping).toBe(0);
  await clock.advance(60 * minuteMs);
  expect(asked).toEqual([]);
});

test('nothing is looked at once the daemon stops', async () => {
  const { clock, again, asked, stopping } = world();
  again.for({ ...busy, nextUntil: suspended.nextUntil });
  stopping.abort();
  again.for({ ...busy, nextUntil: suspended.nextUntil });
  expect(clock.sleeping).toBe(0);
  await clock.advance(60 * minuteMs);
  expect(asked).toEqual([]);
});

test('a daemon whose file stays busy through many passes has as many timers as after the first', async () => {
  const world = await LoopWorld.make(
    { 'ava.yaml': yaml(1, 'Ava') },
    {
      change: ({ directory }) => ({
        directory: {
          dir: directory.dir,
          look() {
            const seen = directory.look();
            if ('unsettled' in seen) return seen;
            return { tree: { ...seen.tree, held: [busyFile] } };
          },
        },
      }),
    },
  );
  await world.startAndApply(1);
  await world.until(() => world.passes().includes('start'));
  const hintedPass = async () => {
    const before = world.plans.length;
    world.hint();
    await world.clock.advance(250);
    await world.until(() => world.plans.length > before);
    await world.clock.advance(0);
  };
  await hintedPass();
  const { sleeping } = world.clock;
  for (let pass = 0; pass < 50; pass += 1) await hintedPass();
  expect(world.clock.sleeping).toBe(sleeping);
  // Each pass puts it off: none of the earlier ones asks as well.
  expect(world.passes()).not.toContain('unsettled');
  await world.clock.advance(500);
  await world.until(() => world.passes().includes('unsettled'));
});
