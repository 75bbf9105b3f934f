// Plans that would change more than is allowed.
import { describe, expect, test } from 'vitest';
import { nothingLive } from '../../../src/model/plan.ts';
import { unavailable } from '../../support/changes.ts';
import { settle } from '../../support/fake-clock.ts';
import { LoopWorld, type LoopWorldOptions, yaml } from '../../support/loop-world.ts';

const names = ['Ava', 'Ben', 'Cleo', 'Dina', 'Egon'];
const five = Object.fromEntries(names.map((name, n) => [`w${n}.yaml`, yaml(n, name)]));

async function withLimit(most: number, change?: LoopWorldOptions['change']) {
  const world = await LoopWorld.make(five, {
    limit: { unit: 'widgets', most },
    concurrency: 10,
    ...(change !== undefined && { change }),
  });
  for (const [n, name] of names.entries()) world.edit(n, { display_name: name });
  await world.loop.start();
  // All are as git says: nothing to change, nothing to refuse.
  await world.until(() => world.passes().length === 1);
  expect(world.told).toEqual(['passed start']);
  return world;
}

function edit(world: LoopWorld, count: number): void {
  for (const [n, name] of names.slice(0, count).entries()) {
    world.write(`w${n}.yaml`, yaml(n, `${name} edited`));
  }
}

async function look(world: LoopWorld): Promise<void> {
  const before = world.passes().length;
  world.hint();
  await world.clock.advance(250);
  await world.until(() => world.passes().length > before);
  await settle();
}

describe('a plan that would change more widgets than is allowed', () => {
  test('is refused whole, again and again, while what is allowed goes on', async () => {
    const world = await withLimit(2);
    edit(world, 2);
    await look(world);
    await world.until(() => world.outcomes.length === 2);
    edit(world, 5);
    await look(world);
    expect(world.told).toContain('refused 3');
    world.loop.sweep('signal');
    await world.clock.advance(60_000);
    expect(world.puts).toHaveLength(2);
  });

  test('goes out once it has become smaller', async () => {
    const world = await withLimit(2);
    edit(world, 3);
    await look(world);
    expect(world.puts).toEqual([]);
    world.write('w0.yaml', yaml(0, 'Ava'));
    await look(world);
    await world.until(() => world.outcomes.length === 2);
    expect(world.told).toContain('refused nothing');
    expect(world.puts.sort()).toEqual(['Ben edited', 'Cleo edited']);
  });

  test('goes out once exactly it is approved, and what is still on its way is not refused after that', async () => {
    const world = await withLimit(2);
    edit(world, 5);
    await look(world);
    world.approved = 'another';
    await world.clock.advance(5000);
    expect(world.puts).toEqual([]);
    const answers: (() => void)[] = [];
    world.answer = () =>
      new Promise((resolve) => {
        answers.push(() => resolve({ httpStatus: 200, widget: null }));
      });
    world.approved = world.plans.at(-1)?.checksum ?? '';
    await world.clock.advance(1000);
    await world.until(() => world.puts.length === 5);
    expect(world.passes().at(-1)).toBe('approved');
    // All are in flight: the next look must not count them once more.
    expect(world.told.at(-1)).toBe('forgot the approval');
    world.approved = null;
    await look(world);
    await world.until(() => {
      for (const answer of answers.splice(0)) answer();
      return world.outcomes.length === 5;
    });
    expect(world.told.filter((line) => line.startsWith('refused'))).toEqual([
      'refused 5',
      'refused nothing',
    ]);
  });

  test('is not one that only sends again what was applied', async () => {
    const world = await withLimit(2);
    world.loop.sweep('resend');
    await world.until(() => world.outcomes.length === 5);
    expect(world.told.join()).not.toContain('refused');
  });

  test('is refused also where part of it cannot be read for the person who is asked', async () => {
    const world = await withLimit(2);
    await world.clock.advance(1000);
    for (let n = 0; n < 4; n += 1) world.edit(n, { display_name: `by hand ${n}` });
    let lists = 0;
    let gets = 0;
    world.onRead = () => {
      if (world.reads.at(-1) === 'list') lists += 1;
      else gets += 1;
      const isFirstSight = lists === 1 && gets === 0;
      if (!isFirstSight && (world.reads.at(-1) === 'list' || gets % 5 < 2)) throw unavailable;
    };
    world.loop.sweep('signal');
    await world.until(() => world.passes().length >= 2);
    await settle();
    expect(world.told).toContain('refused 4');
    const reads = world.reads.length;
    for (let n = 0; n < 10; n += 1) {
      await world.clock.advance(30_000);
      await settle();
    }
    expect(world.puts).toEqual([]);
    // All is looked at for the person once, and not at every look at the files.
    expect(world.reads.length).toBe(reads);
    expect(world.told.filter((line) => line.startsWith('refused'))).not.toContain(
      'refused nothing',
    );
  });

  test('stays refused while the service is down, though nothing of it can be seen then', async () => {
    let isDown = false;
    const world = await withLimit(2, ({ live }) => ({
      live: {
        get readable() {
          return live.readable;
        },
        reset: () => {},
        read: (wanted, request) =>
          isDown ? Promise.resolve(nothingLive) : live.read(wanted, request),
      },
    }));
    await world.clock.advance(1000);
    for (let n = 0; n < 3; n += 1) world.edit(n, { display_name: `by hand ${n}` });
    world.loop.sweep('signal');
    await world.until(() => world.told.includes('refused 3'));
    isDown = true;
    world.write('w4.yaml', yaml(4, 'Egon edited'));
    await look(world);
    expect(world.told).not.toContain('refused nothing');
    expect(world.puts).toEqual([]);
  });

  test('is what is approved, and what was to be sent again goes out with it', async () => {
    const world = await withLimit(2);
    edit(world, 3);
    await look(world);
    world.loop.sweep('resend');
    await world.until(() => world.passes().includes('resend'));
    await settle();
    expect(world.puts).toEqual([]);
    // Whoever looks with `widget-sync plan` sees the edits, and approves them.
    expect(world.plans.at(-1)?.changes.map(({ reason }) => reason)).toEqual(
      Array.from({ length: 3 }, () => 'edited'),
    );
    world.approved = world.plans.at(-1)?.checksum ?? '';
    await world.clock.advance(1000);
    await world.until(() => world.outcomes.length === 5);
    expect(world.puts.sort()).toEqual(
      names.map((name, n) => (n < 3 ? `${name} edited` : name)).sort(),
    );
  });

  test('that was approved is tried no more often for it while it cannot be looked at', async () => {
    const world = await withLimit(2);
    edit(world, 3);
    await look(world);
    world.approved = world.plans.at(-1)?.checksum ?? '';
    world.onRead = () => {
      throw unavailable;
    };
    world.write('../key', 'in-second');
    const before = world.reads.length;
    for (let n = 0; n < 60; n += 1) {
      await world.clock.advance(1000);
      await settle();
    }
    const failures = world.told.filter((line) => line.startsWith('ApiError')).length;
    expect(failures).toBeGreaterThan(2);
    expect(failures).toBeLessThan(12);
    expect(world.reads.length - before).toBeLessThan(12);
  });
});
