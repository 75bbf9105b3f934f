// A loop that comes after a process whose last requests may still arrive.
import { expect, test } from 'vitest';
import { LoopWorld, yaml } from '../../support/loop-world.ts';
import { widgetId } from '../../support/sandbox.ts';

const two = { 'ava.yaml': yaml(1, 'Ava'), 'ben.yaml': yaml(2, 'Ben') };
/** The former process was sending something else to the second widget. */
const inherited = [{ widgetId: widgetId(2), hash: 'f'.repeat(16), untilMs: 30_000 }];

test('waits with that widget alone, reads it once they are over, and then writes it', async () => {
  const world = await LoopWorld.make(two, { inherited });
  await world.startAndApply(1);
  expect(world.puts).toEqual(['Ava']);
  await world.clock.advance(29_000);
  world.edit(2, { display_name: 'Older', intro_message: 'Sent by the process before' });
  expect(world.puts).toEqual(['Ava']);
  const before = world.reads.length;
  await world.clock.advance(1000);
  await world.until(() => world.outcomes.length === 2);
  expect(world.reads.slice(before)).toEqual(['get']);
  expect(world.puts).toEqual(['Ava', 'Ben']);
  expect(world.bodies.at(-1)).toMatchObject({ intro_message: 'Sent by the process before' });
  expect(world.account.get(widgetId(2))).toMatchObject({ display_name: 'Ben' });
});

// What is live as the file has it is adopted, and nothing would look at it again.
test('does not believe what it reads of that widget before', async () => {
  const world = await LoopWorld.make(two, { inherited });
  world.edit(1, { display_name: 'Ava' });
  world.edit(2, { display_name: 'Ben' });
  await world.loop.start();
  await world.until(() => world.state.records.size === 1);
  expect([...world.state.records.keys()]).toEqual([widgetId(1)]);
  await world.clock.advance(29_000);
  world.edit(2, { display_name: 'Older' });
  await world.clock.advance(1000);
  await world.until(() => world.outcomes.length === 1);
  expect(world.account.get(widgetId(2))).toMatchObject({ display_name: 'Ben' });
  expect(world.state.records.size).toBe(2);
});
