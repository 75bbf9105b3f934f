import { rename } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { StateError } from '../../../src/base/errors.ts';
import { apiError, unavailable } from '../../support/changes.ts';
import { settle } from '../../support/fake-clock.ts';
import { LoopWorld, stateWith, yaml } from '../../support/loop-world.ts';

const two = { 'ava.yaml': yaml(1, 'Ava'), 'ben.yaml': yaml(2, 'Ben') };

describe('a pass that fails', () => {
  test('because of a record that cannot be written has still handed its changes over, and is tried again after growing waits', async () => {
    let isFull = true;
    const world = await LoopWorld.make(two, {
      change: ({ state }) => ({
        state: stateWith(state, {
          saveUnlessMoved: (record, found) =>
            isFull
              ? Promise.reject(new StateError('the disk is full'))
              : state.saveUnlessMoved(record, found),
        }),
      }),
    });
    await world.startAndApply(2);
    await rename(`${world.widgets}/ava.yaml`, `${world.widgets}/ada.yaml`);
    world.write('cleo.yaml', yaml(3, 'Cleo'));
    world.hint();
    await world.clock.advance(250);
    await world.until(() => world.outcomes.length === 3);
    expect(world.told.at(-1)).toBe('StateError files 1500');
    await world.clock.advance(1500);
    await world.until(() => world.told.at(-1) === 'StateError retry 2500');
    isFull = false;
    await world.clock.advance(2500);
    await world.until(() =>
      [...world.state.records.values()].some((one) => one.file === 'ada.yaml'),
    );
    expect(world.passes()).toEqual(['start', 'files', 'retry', 'retry']);
    expect(world.puts).toEqual(['Ava', 'Ben', 'Cleo']);
  });

  test.each<[string, Error, string]>([
    [
      'for want of an answer of the API waits until it may be asked',
      unavailable,
      'ApiError start 60000',
    ],
    [
      'for another reason does not wait for the API',
      new StateError('the disk is full'),
      'StateError start 1500',
    ],
  ])('%s, and says so', async (_, error, told) => {
    const world = await LoopWorld.make(two, {
      change: ({ limiter }) => ({
        rescan: { rescanMs: 3_600_000, pollMs: null, begin: 'relying' },
        live: {
          readable: true,
          reset: () => {},
          async read(_wanted, { priority, signal }) {
            if (limiter.wait !== null) throw error;
            const slot = await limiter.take(priority, signal);
            const later = apiError({ status: 429, retry: 'later', retryAfterMs: 60_000 });
            slot?.ended({ service: 'limited', error: later, about: 'w1' });
            slot?.release();
            throw error;
          },
        },
      }),
    });
    await world.loop.start();
    await world.until(() => world.told.length > 0);
    expect(world.told).toEqual([told]);
    const waitMs = Number(told.split(' ').at(-1));
    await world.clock.advance(waitMs - 1);
    expect(world.told).toEqual([told]);
    await world.clock.advance(1);
    await world.until(() => world.told.length === 2);
    expect(world.told.at(-1)).toMatch(/^\w+ retry /);
  });

  test('for a reason that nobody foresaw is told as a bug', async () => {
    const bug = new TypeError('not part of the game');
    const world = await LoopWorld.make(two, {
      change: () => ({
        directory: {
          dir: 'widgets',
          look() {
            throw bug;
          },
        },
      }),
    });
    await world.loop.start();
    await settle();
    expect(world.bugs).toEqual([bug]);
    await world.loop.stop({ deadlineMs: 0 });
  });
});

test('a file that was being written is looked at again in a moment', async () => {
  let isWriting = true;
  const world = await LoopWorld.make(two, {
    change: ({ directory }) => ({
      directory: {
        ...directory,
        look() {
          const seen = directory.look();
          if (!isWriting || 'unsettled' in seen) return seen;
          const { tree } = seen;
          const [held, ...documents] = tree.documents;
          if (held === undefined) throw new Error('there is a document to hold');
          const { file, widgetId } = held;
          const message = 'being written';
          const changing = { file, widgetId, code: 'changing-file', message } as const;
          return { tree: { ...tree, documents, held: [changing] } };
        },
      },
    }),
  });
  await world.startAndApply(1);
  expect(world.puts).toEqual(['Ben']);
  await world.clock.advance(499);
  expect(world.passes()).toEqual(['start']);
  isWriting = false;
  await world.clock.advance(1);
  await world.until(() => world.outcomes.length === 2);
  expect(world.passes()).toEqual(['start', 'unsettled']);
  expect(world.puts).toEqual(['Ben', 'Ava']);
  await world.clock.advance(10_000);
  expect(world.passes()).toHaveLength(2);
});

describe('the key', () => {
  const wanted = (spec: { display_name?: string | null }, key: string) =>
    key === 'in-second' || spec.display_name === undefined
      ? { httpStatus: 200, widget: null }
      : Promise.reject(apiError({ status: 401, scope: 'account' }));

  test('that is refused halts everything until its file holds another', async () => {
    const world = await LoopWorld.make(two);
    world.answer = wanted;
    await world.loop.start();
    await world.until(() => world.told.includes('halted'));
    await world.clock.advance(60_000);
    expect(world.puts).toEqual(['Ava']);
    world.write('../key', 'in-second');
    await world.clock.advance(1000);
    await world.until(() => world.outcomes.length === 2);
    expect(world.told).toEqual(['passed start', 'halted', 'key changed', 'resumed', 'passed key']);
    expect(world.outcomes.map(({ status }) => status)).toEqual(['applied', 'applied']);
  });

  test('that is refused is given another try by a resync', async () => {
    const world = await LoopWorld.make(two);
    world.answer = wanted;
    await world.loop.start();
    await world.until(() => world.told.includes('halted'));
    world.answer = () => ({ httpStatus: 200, widget: null });
    world.due();
    await world.until(() => world.outcomes.length === 2);
    expect(world.told).toEqual(['passed start', 'halted', 'resumed', 'passed resync']);
  });

  test('stays in force while its file cannot be used, which is said once', async () => {
    const world = await LoopWorld.make(two);
    await world.startAndApply(2);
    world.write('../key', 'not a key');
    await world.clock.advance(10_000);
    expect(world.told).toEqual(['passed start', 'key problem']);
    world.write('../key', 'in-second');
    await world.clock.advance(1000);
    await world.until(() => world.passes().length === 2);
    expect(world.told).toEqual(['passed start', 'key problem', 'key changed', 'passed key']);
    expect(world.puts).toHaveLength(2);
  });
});

describe('a loop that is stopped', () => {
  test('waits for the request in flight, and starts nothing more, whatever happens', async () => {
    const world = await LoopWorld.make(two);
    let answered = () => {};
    world.answer = () =>
      new Promise((resolve) => {
        answered = () => resolve({ httpStatus: 200, widget: null });
      });
    await world.loop.start();
    await world.until(() => world.puts.length === 1);
    let isStopped = false;
    const stopped = world.loop.stop({ deadlineMs: 10_000 }).then(() => {
      isStopped = true;
    });
    world.hint();
    world.due();
    world.loop.sweep('signal');
    world.write('../key', 'in-second');
    await world.clock.advance(9000);
    expect(isStopped).toBe(false);
    answered();
    await stopped;
    await world.clock.advance(60_000);
    expect(world.stopped.sort()).toEqual(['schedule', 'watch']);
    expect(world.passes()).toEqual(['start']);
    expect(world.puts).toEqual(['Ava']);
    expect(world.outcomes.map(({ status }) => status).sort()).toEqual(['applied', 'unsent']);
    expect([...world.state.records.values()].map(({ file }) => file)).toEqual(['ava.yaml']);
    expect(world.clock.sleeping).toBe(0);
    expect(world.bugs).toEqual([]);
  });

  test('waits for the pass that is under way', async () => {
    let saved = () => {};
    const world = await LoopWorld.make(two, {
      change: ({ state }) => ({
        state: stateWith(state, {
          saveUnlessMoved: (record, found) =>
            new Promise<void>((resolve) => {
              saved = resolve;
            }).then(() => state.saveUnlessMoved(record, found)),
        }),
      }),
    });
    await world.startAndApply(2);
    await rename(`${world.widgets}/ava.yaml`, `${world.widgets}/ada.yaml`);
    world.hint();
    await world.clock.advance(250);
    await world.until(() => world.passes().length === 2);
    let isStopped = false;
    const stopped = world.loop.stop({ deadlineMs: 10_000 }).then(() => {
      isStopped = true;
    });
    await world.clock.advance(60_000);
    expect(isStopped).toBe(false);
    saved();
    await stopped;
    expect([...world.state.records.values()].map(({ file }) => file)).toContain('ada.yaml');
  });

  test('that never started stops at once', async () => {
    const world = await LoopWorld.make(two);
    await world.loop.stop({ deadlineMs: 10_000 });
    expect(world.told).toEqual([]);
  });
});
