// What the loop does when the files cannot be believed, and when events cannot be relied on.
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settle } from '../support/fake-clock.ts';
import { LoopWorld, yaml } from '../support/loop-world.ts';

const two = { 'ava.yaml': yaml(1, 'Ava'), 'ben.yaml': yaml(2, 'Ben') };

test('a directory that is gone changes nothing, and what was asked for is done once it is back', async () => {
  const world = await LoopWorld.make(two, { live: 'off' });
  await world.startAndApply(2);
  const elsewhere = `${world.root}/elsewhere`;
  await rename(world.widgets, elsewhere);
  world.due();
  await settle();
  expect(world.told.at(-1)).toBe('postponed missing');
  world.due();
  await settle();
  expect(world.plans).toHaveLength(1);
  await rename(elsewhere, world.widgets);
  world.hint();
  await world.clock.advance(250);
  await world.until(() => world.outcomes.length >= 4);
  await settle();
  expect(world.puts.slice(2, 4)).toEqual(['Ava', 'Ben']);
  expect(world.plans.every(({ orphaned }) => orphaned.length === 0)).toBe(true);
});

test('a directory that is not there yet is waited for', async () => {
  const world = await LoopWorld.make(two);
  const elsewhere = `${world.root}/elsewhere`;
  await rename(world.widgets, elsewhere);
  await world.loop.start();
  await settle();
  expect(world.told).toEqual(['postponed missing']);
  expect(world.reads).toEqual([]);
  await rename(elsewhere, world.widgets);
  await world.clock.advance(28_500 + 250);
  await world.until(() => world.outcomes.length === 2);
  expect(world.puts.sort()).toEqual(['Ava', 'Ben']);
});

test('a directory in which nothing is left is no wish to forget every widget', async () => {
  const world = await LoopWorld.make(two);
  await world.startAndApply(2);
  for (const file of Object.keys(two)) await rm(join(world.widgets, file));
  world.hint();
  await world.clock.advance(250 + 200);
  await settle();
  expect(world.told.at(-1)).toBe('postponed emptied');
  const asked = world.reads.length;
  // Nor does a resync ask for what is live meanwhile.
  world.due();
  await settle();
  expect(world.reads).toHaveLength(asked);
  world.write('ava.yaml', yaml(1, 'Ada'));
  world.write('ben.yaml', yaml(2, 'Ben'));
  world.hint();
  await world.clock.advance(250);
  await world.until(() => world.outcomes.length === 3);
  expect(world.puts.at(-1)).toBe('Ada');
  // The resync that was due is made up for.
  await world.until(() => world.sweeps === 1);
});

test('without events the files are looked at as often as polling says, and with them again as before', async () => {
  const world = await LoopWorld.make(two);
  await world.startAndApply(2);
  world.blind('the limit is reached');
  expect(world.told.at(-1)).toBe('polling the limit is reached 1000');
  await world.clock.advance(10_000);
  const polled = world.rescans;
  expect(polled).toBeGreaterThanOrEqual(7);
  world.blind(null);
  await world.clock.advance(28_000);
  expect(world.rescans).toBeLessThanOrEqual(polled + 1);
});

test('the watcher is told what folders a look has found', async () => {
  const world = await LoopWorld.make({ ...two, 'acme/cleo.yaml': yaml(3, 'Cleo') });
  await world.startAndApply(3);
  expect(world.compared.at(-1)).toBe(2);
  await rename(world.widgets, `${world.root}/elsewhere`);
  world.hint();
  await world.clock.advance(250);
  await settle();
  expect(world.compared.at(-1)).toBeNull();
});
