// What a replica does when nothing is drawn: how soon accounts go on elsewhere, and how they are evened out.
import { expect, test } from 'vitest';
import { ownerOf } from '../../src/replicas/rendezvous.ts';
import { replicaRules } from '../../src/replicas/replica.ts';
import { Judge } from './simulation/judge.ts';
import { ModelApi } from './simulation/model-api.ts';
import { ModelLink } from './simulation/model-network.ts';
import { ModelProcess } from './simulation/model-process.ts';
import { ModelReplica } from './simulation/model-replica.ts';
import { ModelStore } from './simulation/model-store.ts';
import { World } from './simulation/world.ts';

const limits = {
  ...{ requests: 5, windowMs: 1000, concurrency: 2, timeoutMs: 1000 },
  holdMs: replicaRules.holdMs,
};
const names = Array.from({ length: 40 }, (_, n) => `account-${n}`);

function model() {
  const world = new World(7);
  const judge = new Judge(world, { limits, clocksFreeze: false, sessionsEnd: false });
  const store = new ModelStore(world, judge, null);
  const api = new ModelApi(world, judge, limits);
  const desired = new Map(names.map((name) => [name, new Map([['w1', 1]])]));
  const start = (name: string) =>
    new ModelReplica({
      ...{ name, store, api, judge, limits, desired, rules: replicaRules, mutant: null },
      process: new ModelProcess(world),
      link: new ModelLink(world, 5),
      wanted: new Set(names),
    });
  const heldBy = (replica: string) =>
    names.filter((name) => {
      const holder = store.accounts.get(name)?.holder ?? null;
      return store.isLiving(holder) && store.sessions.get(holder ?? 0)?.info.replica === replica;
    });
  return { world, judge, start, heldBy };
}

test('two that start together share from the start', async () => {
  const { world, start, heldBy } = model();
  start('one');
  start('two');
  await world.run(3000);
  const owners = (replica: string) =>
    names.filter((name) => ownerOf(name, ['one', 'two']) === replica);
  expect(heldBy('one')).toEqual(owners('one'));
  expect(heldBy('two')).toEqual(owners('two'));
});

test('one that is killed is replaced within 2 s', async () => {
  const { world, start, heldBy } = model();
  start('one');
  const two = start('two');
  await world.run(10_300);
  two.process.kill();
  await world.run(12_300);
  expect(heldBy('one')).toEqual(names);
});

test('one that is stopped is replaced within 6 s', async () => {
  const { world, start, heldBy } = model();
  start('one');
  const two = start('two');
  await world.run(10_300);
  two.process.stall('stopped', 60_000);
  await world.run(16_300);
  expect(heldBy('one')).toEqual(names);
});

test('one that comes later gets its share after a minute, ten accounts a beat', async () => {
  const { world, judge, start, heldBy } = model();
  start('one');
  await world.run(5000);
  expect(heldBy('one')).toEqual(names);
  start('two');
  await world.run(64_000);
  expect(heldBy('two')).toEqual([]);
  for (let had = 0, atMs = 65_000; atMs < 80_000; atMs += 1000) {
    await world.run(atMs);
    const has = heldBy('two').length;
    // Two beats may fall into one second.
    expect(has - had).toBeLessThanOrEqual(20);
    had = has;
  }
  expect(heldBy('two')).toEqual(names.filter((name) => ownerOf(name, ['one', 'two']) === 'two'));
  expect([...heldBy('one'), ...heldBy('two')].sort()).toEqual([...names].sort());
  expect([...judge.broken]).toEqual([]);
});

test('one that is asked to end hands over what it has, and the others hear of it', async () => {
  const { world, start, heldBy } = model();
  start('one');
  const two = start('two');
  await world.run(10_300);
  await Promise.all([two.stop(), world.run(12_600)]);
  expect(heldBy('one')).toEqual(names);
});
