// What the loop does when the files cannot be believed, and when events cannot be relied on.
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { apiError } from '../../support/changes.ts';
import { settle } from '../../support/fake-clock.ts';
import { LoopWorld, type LoopWorldOptions, yaml } from '../../support/loop-world.ts';
import { widgetId } from '../../support/sandbox.ts';
import { deferred } from '../../support/workspace.ts';

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

/** A daemon that has applied both, and from whose sight the directory then goes. */
async function lost(options: LoopWorldOptions = {}) {
  const world = await LoopWorld.make(two, options);
  await world.startAndApply(2);
  const elsewhere = `${world.root}/elsewhere`;
  const lose = async () => {
    await rename(world.widgets, elsewhere);
    world.hint();
    await world.clock.advance(250);
    await world.until(() => world.told.at(-1) === 'postponed missing');
  };
  const bring = async () => {
    await rename(elsewhere, world.widgets);
    world.hint();
    await world.clock.advance(250);
  };
  return { world, lose, bring };
}

async function edit(world: LoopWorld, texts: Record<string, string>): Promise<void> {
  for (const [file, text] of Object.entries(texts)) world.write(file, text);
  const before = world.plans.length;
  world.hint();
  await world.clock.advance(250);
  await world.until(() => world.plans.length > before);
}

describe('a directory that goes while changes wait', () => {
  const edits = { 'ava.yaml': yaml(1, 'Ada'), 'ben.yaml': yaml(2, 'Bob') };

  test('sends none of those that wait for a failed try, until it is back', async () => {
    const { world, lose, bring } = await lost({ live: 'off' });
    let isDown = true;
    world.answer = () => {
      if (isDown) throw apiError({ status: 503, retry: 'later' }, 'not now');
      return { httpStatus: 200, widget: null };
    };
    await edit(world, edits);
    await world.until(() => world.told.filter((line) => line === 'retrying').length >= 2);
    await lose();
    expect(world.loop.pending).toBe(0);
    const sent = world.puts.length;
    isDown = false;
    // Longer than any wait for another try, and over many looks at what is not there.
    await world.clock.advance(10 * 60_000);
    expect(world.puts).toHaveLength(sent);
    expect(world.outcomes).toHaveLength(2);
    await bring();
    await world.until(() => world.outcomes.length === 4);
    expect(world.puts.slice(sent).sort()).toEqual(['Ada', 'Bob']);
  });

  test('sends none of those that wait for their turn, and lets the one in flight end', async () => {
    const { world, lose, bring } = await lost({ live: 'off' });
    const hang = deferred();
    onTestFinished(hang.resolve);
    world.answer = async () => {
      await hang.promise;
      return { httpStatus: 200, widget: null };
    };
    await edit(world, edits);
    await world.until(() => world.puts.length === 3);
    const inFlight = world.puts.at(-1);
    await lose();
    expect(world.loop.pending).toBe(1);
    hang.resolve();
    await world.until(() => world.outcomes.length === 3 && world.loop.pending === 0);
    await world.clock.advance(10 * 60_000);
    expect(world.puts).toHaveLength(3);
    await bring();
    await world.until(() => world.outcomes.length === 4);
    expect(new Set([inFlight, world.puts[3]])).toEqual(new Set(['Ada', 'Bob']));
    expect(world.puts).toHaveLength(4);
  });
});

describe('a resync that reads when the directory goes', () => {
  /** Reads of the account hang from now on, until the test lets them end. */
  function hangReads(world: LoopWorld) {
    const hang = deferred();
    onTestFinished(hang.resolve);
    world.onRead = () => hang.promise;
    return hang.resolve;
  }

  test.each([
    ['once it is back', 0],
    ['with those that come due meanwhile, as one', 3],
  ])('asks for nothing more, and is made up for %s', async (_, dues) => {
    // More than a list and a few widgets: page after page.
    const { world, lose, bring } = await lost();
    for (let n = 10; n < 350; n += 1) world.account.set(widgetId(n), { id: widgetId(n) });
    await world.clock.advance(60_000);
    world.edit(1, { display_name: 'Someone else' });
    const before = world.reads.length;
    const answer = hangReads(world);
    world.due();
    await world.until(() => world.reads.length > before);
    await lose();
    const asked = world.reads.length;
    answer();
    await settle();
    for (let due = 0; due < dues; due += 1) {
      world.due();
      await settle();
    }
    await world.clock.advance(10 * 60_000);
    expect(world.reads).toHaveLength(asked);
    expect(world.sweeps).toBe(0);
    expect(world.puts).toEqual(['Ava', 'Ben']);

    await bring();
    await world.until(() => world.outcomes.length === 3);
    expect(world.puts).toEqual(['Ava', 'Ben', 'Ava']);
    await world.clock.advance(60_000);
    expect(world.sweeps).toBe(1);
    expect(world.bugs).toEqual([]);
  });

  test('as one that sends everything is made up for as such', async () => {
    const { world, lose, bring } = await lost();
    const before = world.reads.length;
    const answer = hangReads(world);
    world.loop.sweep('resend');
    await world.until(() => world.reads.length > before);
    await lose();
    answer();
    await settle();
    await bring();
    await world.until(() => world.outcomes.length === 4);
    expect(world.outcomes.slice(2).map(({ change }) => change.reason)).toEqual([
      'forced',
      'forced',
    ]);
    expect(world.passes()).toContain('resend');
  });
});
