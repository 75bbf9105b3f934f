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
