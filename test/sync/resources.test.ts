import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { RateLimiter } from '../../src/sync/rate/rate-limiter.ts';
import { LoopWorld, yaml } from '../support/loop-world.ts';
import { widgetId } from '../support/sandbox.ts';
import { few } from '../support/soak.ts';
import { deferred } from '../support/workspace.ts';
import { type Holdings, watchHoldings } from './fixtures/resources.ts';

/** What may be more at the end than at the beginning, whatever lies between. */
const slack = { descriptors: 5, active: 5, listeners: 5 };

function expectFlat(stocks: readonly Holdings[], leastLeakBytes: number): void {
  const [first, last] = [stocks[0], stocks.at(-1)];
  if (first === undefined || last === undefined) throw new Error('nothing was taken stock of');
  for (const name of ['descriptors', 'active', 'listeners'] as const) {
    expect(last[name] - first[name], name).toBeLessThan(slack[name]);
  }
  // The runtime takes memory now and then, when it compiles a function; a leak takes it every time.
  const growth = stocks
    .slice(1)
    .map(({ heapBytes }, at) => heapBytes - (stocks[at]?.heapBytes ?? 0));
  const median = growth.sort((a, b) => a - b)[growth.length >> 1];
  expect(median).toBeLessThan(leastLeakBytes);
}

/** The test's own notes are no leak of the loop. */
function forgetNotes(world: LoopWorld): void {
  const { told, plans, outcomes, compared, reads, puts } = world;
  for (const notes of [told, plans, outcomes, compared, reads, puts]) notes.length = 0;
}

const all = few(400, { soak: 10_000 });
/** Until the runtime has compiled what it will. */
const warmUp = few(160, { soak: 2000 });
const betweenStocks = few(48, { soak: 1600 });

test(`${all} passes and ${10 * all} events leave nothing behind`, {
  timeout: 180_000,
}, async () => {
  const takeStock = watchHoldings();
  const world = await LoopWorld.make({
    'a.yaml': yaml(0, 'first'),
    'b.yaml': yaml(1, 'first'),
    // Each pass sets an alarm for its end.
    'c.yaml': `${yaml(2, 'first')}sync:\n  suspend: true\n  until: 2036-01-01T00:00:00Z\n`,
    'd.yaml': 'widget_id: none\n',
  });
  await world.startAndApply(2);
  let passes = 0;

  async function pass(): Promise<void> {
    passes += 1;
    const name = passes % 100 === 0 ? `edit ${passes}` : null;
    if (name !== null) world.write('a.yaml', yaml(0, name));
    if (passes % 500 === 0) world.due();
    if (passes % 700 === 0) world.write('../key', `in-${passes}`);
    forgetNotes(world);
    for (let event = 0; event < 10; event += 1) world.hint();
    await world.clock.advance(name === null ? 300 : 3000);
    await world.until(() => world.plans.length > 0);
    if (name === null) return;
    const shown = () => world.account.get(widgetId(0))?.['display_name'];
    await world.until(() => shown() === name && world.loop.pending === 0);
  }

  while (passes < warmUp) await pass();
  const { sleeping } = world.clock;
  const stocks = [takeStock()];
  while (passes < all) {
    await pass();
    if ((passes - warmUp) % betweenStocks === 0) stocks.push(takeStock());
  }
  // A listener, a timer or a promise is more than 250 bytes. In a short run the compiler takes as much:
  // listeners and timers are counted, and here the memory tells of whole plans and requests.
  expectFlat(stocks, betweenStocks * few(2000, { soak: 250 }));
  expect(world.clock.sleeping).toBe(sleeping);
  expect(world.bugs).toEqual([]);
});

test('a server that never answers piles up no work, and afterwards the newest is sent', async () => {
  const takeStock = watchHoldings();
  const concurrency = 4;
  const widgets = 20;
  const names = Array.from({ length: widgets }, (_, n) => `first ${n}`);
  const file = (n: number) => `w${n}.yaml`;
  let line: Pick<RateLimiter, 'waiting'> | undefined;
  const world = await LoopWorld.make(
    Object.fromEntries(names.map((name, n) => [file(n), yaml(n, name)])),
    {
      live: 'off',
      concurrency,
      change: ({ limiter }) => {
        line = limiter;
        return {};
      },
    },
  );
  await world.startAndApply(widgets);
  const hang = deferred();
  onTestFinished(hang.resolve);
  let inFlight = 0;
  let most = 0;
  world.answer = async () => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    await hang.promise;
    inFlight -= 1;
    return { httpStatus: 200, widget: null };
  };

  const edit = async (edits: number) => {
    for (let n = 0; n < edits; n += 1) {
      const at = n % widgets;
      names[at] = `edit ${n} of ${edits}`;
      world.write(file(at), yaml(at, names[at]));
      forgetNotes(world);
      world.hint();
      await world.clock.advance(1000);
      await world.until(() => world.plans.length > 0);
    }
  };
  const edits = few(20, { soak: 100 });
  // More of them, until the runtime has compiled what it will.
  await edit(few(3, { soak: 2 }) * edits);
  const stocks = [takeStock()];
  for (let n = 0; n < 5; n += 1) {
    await edit(edits);
    stocks.push(takeStock());
  }
  expect(most).toBe(concurrency);
  expect(world.loop.pending).toBe(widgets);
  // Once each edit left its own place in the line behind.
  expect(line?.waiting).toBe(widgets - concurrency);
  expectFlat(stocks, edits * few(4000, { soak: 2000 }));

  hang.resolve();
  for (let turn = 0; world.loop.pending > 0; turn += 1) {
    expect(turn).toBeLessThan(200);
    await world.clock.advance(1000);
    await sleep(5);
  }
  const shown = names.map((_, n) => world.account.get(widgetId(n))?.['display_name']);
  expect(shown).toEqual(names);
  expect(most).toBe(concurrency);
  expect(world.bugs).toEqual([]);
});
