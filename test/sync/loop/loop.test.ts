import { rename, rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Trigger } from '../../../src/sync/events.ts';
import { apiError } from '../../support/changes.ts';
import { settle } from '../../support/fake-clock.ts';
import { LoopWorld, type LoopWorldOptions, stateWith, yaml } from '../../support/loop-world.ts';

const two = { 'ava.yaml': yaml(1, 'Ava'), 'ben.yaml': yaml(2, 'Ben') };

describe('a loop that was started', () => {
  test('looks once, and sends what differs from what was applied', async () => {
    const world = await LoopWorld.make(two);
    await world.startAndApply(2);
    expect(world.passes()).toEqual(['start']);
    expect(world.puts).toEqual(['Ava', 'Ben']);
  });

  test('looks only once its watch can miss nothing', async () => {
    let armed = () => {};
    const arming = new Promise<void>((resolve) => {
      armed = resolve;
    });
    const world = await LoopWorld.make(two, {
      change: ({ watch }) => ({
        watch: (onHint) => arming.then(() => watch(onHint)),
      }),
    });
    const started = world.loop.start();
    await settle();
    expect(world.told).toEqual([]);
    armed();
    await started;
    await world.until(() => world.outcomes.length === 2);
    expect(world.passes()).toEqual(['start']);
  });

  test('looks again when files have been quiet, once for many hints', async () => {
    const world = await LoopWorld.make(two);
    await world.startAndApply(2);
    world.write('ava.yaml', yaml(1, 'Ada'));
    world.hint();
    await world.clock.advance(100);
    world.hint();
    await world.clock.advance(249);
    expect(world.passes()).toEqual(['start']);
    await world.clock.advance(1);
    await world.until(() => world.outcomes.length === 3);
    expect(world.passes()).toEqual(['start', 'files']);
    expect(world.puts.slice(2)).toEqual(['Ada']);
  });

  test.each<[string, Trigger, LoopWorldOptions, (world: LoopWorld) => void]>([
    [
      'the schedule is due and live state is not read',
      'resync',
      { live: 'off' },
      ({ due }) => due(),
    ],
    [
      'a signal comes and live state is not read',
      'signal',
      { live: 'off' },
      ({ loop }) => loop.sweep('signal'),
    ],
    ['a signal says so', 'resend', { live: 'off' }, ({ loop }) => loop.sweep('resend')],
    ['a signal says so, and live is equal', 'resend', {}, ({ loop }) => loop.sweep('resend')],
  ])('sends every widget again when %s', async (_, trigger, options, ask) => {
    const world = await LoopWorld.make(two, options);
    await world.startAndApply(2);
    await world.clock.advance(1000);
    ask(world);
    await world.until(() => world.outcomes.length === 4);
    expect(world.passes()).toEqual(['start', trigger]);
    expect(world.puts.slice(2)).toEqual(['Ava', 'Ben']);
    expect(world.outcomes.at(-1)?.change.reason).toBe('forced');
    expect(world.reads.length).toBe(options.live === 'off' ? 0 : 4);
  });

  test('makes few passes of requests that come together, and none is forgotten', async () => {
    const world = await LoopWorld.make(two, { live: 'off' });
    await world.startAndApply(2);
    world.hint();
    for (let n = 0; n < 5; n += 1) world.loop.sweep('signal');
    world.due();
    await world.until(() => world.outcomes.length === 4);
    await world.clock.advance(250);
    await world.until(() => world.passes().includes('files'));
    // All that was asked for in one moment is one; the files are waited for until they are quiet.
    expect(world.passes()).toEqual(['start', 'signal', 'files']);
  });

  test('serves a request that comes at any moment of a pass, also at its very end', async () => {
    for (let moment = 0; moment < 25; moment += 1) {
      let looks = 0;
      const world: LoopWorld = await LoopWorld.make(
        {},
        {
          change: ({ directory }) => ({
            directory: {
              ...directory,
              look() {
                looks += 1;
                if (looks === 1) void later(moment).then(() => world.loop.sweep('signal'));
                return directory.look();
              },
            },
          }),
        },
      );
      world.write('_nothing.yaml', '');
      await world.loop.start();
      await settle();
      expect(looks, `${moment} turns after the pass began`).toBe(2);
    }
  });

  test('never makes two passes at a time, and then one for all that was asked for', async () => {
    const waiting: (() => void)[] = [];
    const world = await LoopWorld.make(two, {
      live: 'off',
      change: ({ state }) => ({
        state: stateWith(state, {
          saveUnlessMoved: (record, found) =>
            new Promise<void>((resolve) => waiting.push(resolve)).then(() =>
              state.saveUnlessMoved(record, found),
            ),
        }),
      }),
    });
    await world.startAndApply(2);
    await rename(`${world.widgets}/ava.yaml`, `${world.widgets}/ada.yaml`);
    world.hint();
    await world.clock.advance(250);
    world.loop.sweep('signal');
    world.hint();
    await world.clock.advance(250);
    expect(world.passes()).toEqual(['start', 'files']);
    expect(waiting).toHaveLength(1);
    waiting.pop()?.();
    // The look at the files that was asked for last does not take the resync's place.
    await world.until(() => world.outcomes.length === 4);
    expect(world.passes()).toEqual(['start', 'files', 'signal']);
  });

  test('finishes a resync that an edit interrupts', async () => {
    const world = await LoopWorld.make({ ...two, 'cleo.yaml': yaml(3, 'Cleo') }, { live: 'off' });
    await world.startAndApply(3);
    let answered = () => {};
    world.answer = ({ display_name }) =>
      new Promise((resolve) => {
        const confirm = () => resolve({ httpStatus: 200, widget: null });
        if (display_name === 'Ava') answered = confirm;
        else confirm();
      });
    world.loop.sweep('signal');
    await world.until(() => world.puts.length === 4);
    world.write('ben.yaml', yaml(2, 'Bernard'));
    world.hint();
    await world.clock.advance(250);
    await world.until(() => world.passes().includes('files'));
    answered();
    await world.until(() => world.outcomes.length >= 5);
    world.write('marker.yaml', yaml(9, 'Marker'));
    world.hint();
    await world.clock.advance(250);
    await world.until(() => world.outcomes.some(({ change }) => change.file === 'marker.yaml'));
    await settle();
    expect(world.puts.slice(3).sort()).toEqual(['Ava', 'Bernard', 'Cleo', 'Marker']);
  });

  test('looks again after a request that the files no longer asked for', async () => {
    const world = await LoopWorld.make(two);
    await world.startAndApply(2);
    let answered = () => {};
    world.answer = () =>
      new Promise((resolve) => {
        answered = () => resolve({ httpStatus: 200, widget: null });
      });
    world.write('ava.yaml', yaml(1, 'Ada'));
    world.hint();
    await world.clock.advance(250);
    await world.until(() => world.puts.length === 3);
    await rm(`${world.widgets}/ava.yaml`);
    world.hint();
    await world.clock.advance(250);
    // A file that is gone is looked for once more.
    expect(world.told.at(-1)).toBe('postponed moving');
    await world.clock.advance(200);
    await world.until(() => world.passes().length === 3);
    answered();
    await world.until(() => world.passes().length === 4);
    expect(world.passes()).toEqual(['start', 'files', 'files', 'outdated']);
  });
});

describe('a refused content', () => {
  const refuseAda = (world: LoopWorld) => {
    world.answer = ({ display_name }) =>
      display_name === 'Ada'
        ? Promise.reject(apiError({ status: 422 }))
        : { httpStatus: 200, widget: null };
  };

  test.each([
    ['not sent again by a look at the files', false, (world: LoopWorld) => world.hint()],
    ['sent again by a resync', true, (world: LoopWorld) => world.due()],
    ['sent again with another key', true, (world: LoopWorld) => world.write('../key', 'in-new')],
  ])('is %s', async (_, isSent, act) => {
    const world = await LoopWorld.make({ ...two, 'ada.yaml': yaml(3, 'Ada') });
    refuseAda(world);
    await world.startAndApply(3);
    act(world);
    await world.clock.advance(1000);
    await world.until(() => world.passes().length === 2);
    world.write('marker.yaml', yaml(9, 'Marker'));
    world.hint();
    await world.clock.advance(250);
    await world.until(() => world.outcomes.some(({ change }) => change.file === 'marker.yaml'));
    expect(world.puts.filter((name) => name === 'Ada')).toHaveLength(isSent ? 2 : 1);
  });
});

/** So many turns of the microtask queue later. */
async function later(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
}
