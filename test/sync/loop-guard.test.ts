// Plans that would change more than is allowed.
import { describe, expect, test } from 'vitest';
import { settle } from '../support/fake-clock.ts';
import { LoopWorld, yaml } from '../support/loop-world.ts';

const names = ['Ava', 'Ben', 'Cleo', 'Dina', 'Egon'];
const five = Object.fromEntries(names.map((name, n) => [`w${n}.yaml`, yaml(n, name)]));

async function withLimit(most: number) {
  const world = await LoopWorld.make(five, {
    limit: { unit: 'widgets', most },
    concurrency: 10,
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
});
