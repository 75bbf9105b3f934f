// Each pass that is asked for comes to an end that is told, with what had asked for it: also where it makes
// no plan.
import { rename } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { SyncEvent } from '../../../src/sync/events.ts';
import { apiError } from '../../support/changes.ts';
import { LoopWorld, yaml } from '../../support/loop-world.ts';

const files = { 'ava.yaml': yaml(1, 'Ava') };

async function listen(...kinds: SyncEvent['kind'][]) {
  const told: SyncEvent[] = [];
  const world = await LoopWorld.make(files, {
    change: ({ emit }) => ({
      emit: (event) => {
        if (kinds.includes(event.kind)) told.push(event);
        emit(event);
      },
    }),
  });
  return { world, told };
}

test('one that the files postpone', async () => {
  const { world, told } = await listen('files-unsettled');
  await rename(world.widgets, `${world.root}/elsewhere`);
  await world.loop.start();
  await world.until(() => told.length === 1);
  expect(told).toMatchObject([{ trigger: 'start', unsettled: { code: 'missing' } }]);
});

test('one whose key is refused, and the one that is made once the key is another', async () => {
  const { world, told } = await listen('work-halted', 'plan-made');
  world.onRead = (key) => {
    if (key === 'in-first') throw apiError({ status: 401, scope: 'account' });
  };
  await world.loop.start();
  await world.until(() => told.length === 1);
  expect(told).toEqual([{ kind: 'work-halted', work: 'pass', trigger: 'start' }]);
  world.write('../key', 'in-second');
  await world.clock.advance(1000);
  await world.until(() => world.outcomes.length === 1);
  expect(told[1]).toMatchObject({ kind: 'plan-made' });
});

test('files that change while a pass waits for a key are told, each time', async () => {
  const { world, told } = await listen('files-loaded');
  const newest = () => {
    const last = told.findLast((event) => event.kind === 'files-loaded');
    return last?.tree.documents.map(({ spec }) => spec.display_name);
  };
  world.onRead = (key) => {
    if (key === 'in-first') throw apiError({ status: 401, scope: 'account' });
  };
  await world.loop.start();
  await world.until(() => world.told.includes('halted'));
  for (const name of ['Bea', 'Cleo', 'Dora']) {
    world.write('ava.yaml', yaml(1, name));
    world.hint();
    await world.clock.advance(1000);
    await world.until(() => String(newest()) === name);
  }
  expect(world.outcomes).toEqual([]);
  world.write('../key', 'in-second');
  await world.clock.advance(1000);
  await world.until(() => world.outcomes.length === 1);
  expect(world.outcomes).toMatchObject([{ change: { spec: { display_name: 'Dora' } } }]);
});
