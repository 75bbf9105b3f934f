// How old a commit was when its content was live: told of what a commit has brought, and of nothing else.
import { expect, test } from 'vitest';
import type { Outcome } from '../../../src/model/outcome.ts';
import { apiError } from '../../support/changes.ts';
import { LoopWorld, type LoopWorldOptions, yaml } from '../../support/loop-world.ts';

const two = { 'ava.yaml': yaml(1, 'Ava'), 'ben.yaml': yaml(2, 'Ben') };
const minuteMs = 60_000;

/** A daemon on a checkout that has applied both. */
async function checkout(options: Pick<LoopWorldOptions, 'live'> = {}) {
  const head = { revision: 'first', committedAt: new Date('2026-03-01T07:00:00Z') };
  const world = await LoopWorld.make(two, {
    ...options,
    change: ({ directory }) => ({
      directory: {
        dir: directory.dir,
        look() {
          const seen = directory.look();
          return 'unsettled' in seen ? seen : { tree: { ...seen.tree, ...head } };
        },
      },
    }),
  });
  await world.startAndApply(2);
  await world.clock.advance(10 * minuteMs);
  let seen = world.outcomes.length;
  /** Waits until this many widgets more have their outcome; gives the age of each, by file. */
  const ages = async (count: number) => {
    await world.clock.advance(250);
    await world.until(() => world.outcomes.length >= seen + count);
    const ended = world.outcomes.slice(seen);
    seen += count;
    return Object.fromEntries(ended.map(ageOf));
  };
  /** A commit that was made a minute ago, or then, and is checked out now. */
  const commit = (
    revision: string,
    files: Record<string, string>,
    atMs = world.clock.now().getTime() - minuteMs,
  ) => {
    head.revision = revision;
    head.committedAt = new Date(atMs);
    for (const [file, text] of Object.entries(files)) world.write(file, text);
    world.hint();
  };
  return { world, ages, commit };
}

function ageOf(outcome: Outcome): [string, string | number] {
  const { file } = outcome.change;
  if (outcome.status !== 'applied') return [file, outcome.status];
  return [file, outcome.sinceCommitMs ?? 'untold'];
}

const unavailable = apiError({ status: 503, retry: 'later' });
const refused = apiError({ status: 422 });

test('the age is told of what a new commit changes', async () => {
  const { ages, commit } = await checkout();
  commit('second', { 'ava.yaml': yaml(1, 'Ada') });
  expect(await ages(1)).toEqual({ 'ava.yaml': minuteMs + 250 });
  commit('third', { 'ava.yaml': yaml(1, 'Amy'), 'ben.yaml': yaml(2, 'Bob') });
  expect(await ages(2)).toEqual({ 'ava.yaml': minuteMs + 250, 'ben.yaml': minuteMs + 250 });
});

test('no age is told of a commit from a clock that is ahead', async () => {
  const { world, ages, commit } = await checkout();
  commit('second', { 'ava.yaml': yaml(1, 'Ada') }, world.clock.now().getTime() + minuteMs);
  expect(await ages(1)).toEqual({ 'ava.yaml': 'untold' });
});

test('the age counts the failures on the way to it', async () => {
  const { world, ages, commit } = await checkout();
  world.answer = () => {
    if (world.puts.length <= 2 + 3) throw unavailable;
    return { httpStatus: 200, widget: null };
  };
  const startMs = world.clock.monotonicMs();
  commit('second', { 'ava.yaml': yaml(1, 'Ada') });
  await world.clock.advance(250);
  const failures = () => world.told.filter((line) => line === 'retrying').length;
  for (let tries = 1; tries <= 3; tries += 1) {
    await world.until(() => failures() >= tries);
    await world.clock.advance(4000);
  }
  const { 'ava.yaml': ageMs } = await ages(1);
  expect(world.outcomes.at(-1)).toMatchObject({ attempts: 4 });
  // Half a second, one and two were waited for the tries that followed.
  expect(ageMs).toBeGreaterThanOrEqual(minuteMs + 250 + 3500);
  expect(ageMs).toBeLessThanOrEqual(minuteMs + world.clock.monotonicMs() - startMs);
});

test('no age is told of what was there when the daemon started', async () => {
  const { world } = await checkout();
  expect(world.outcomes.map(ageOf)).toEqual([
    ['ava.yaml', 'untold'],
    ['ben.yaml', 'untold'],
  ]);
});

test('no age is told of an edit that nobody has committed', async () => {
  const { world, ages, commit } = await checkout();
  commit('second', { 'ava.yaml': yaml(1, 'Ada') });
  await ages(1);
  world.write('ben.yaml', yaml(2, 'Bob'));
  world.hint();
  expect(await ages(1)).toEqual({ 'ben.yaml': 'untold' });
});

test('no age is told where the same commit is tried again after it was refused', async () => {
  const { world, ages, commit } = await checkout();
  world.answer = () => {
    throw refused;
  };
  commit('second', { 'ava.yaml': yaml(1, 'Ada') });
  expect(await ages(1)).toEqual({ 'ava.yaml': 'failed' });
  world.answer = () => ({ httpStatus: 200, widget: null });
  await world.clock.advance(5 * minuteMs);
  world.due();
  expect(await ages(1)).toEqual({ 'ava.yaml': 'untold' });
  expect(world.outcomes.at(-1)?.change.reason).toBe('edited');
});

test('no age is told of drift that is corrected, nor of what is only sent again', async () => {
  const { world, ages, commit } = await checkout();
  world.edit(2, { display_name: 'Someone else' });
  // The sweep that finds it is made into one pass with the commit.
  commit('second', { 'ava.yaml': yaml(1, 'Ada') });
  world.due();
  await world.until(() => world.outcomes.length === 4);
  expect(await ages(2)).toEqual({ 'ava.yaml': minuteMs, 'ben.yaml': 'untold' });
  expect(world.outcomes.map(({ change }) => change.reason).sort()).toEqual([
    'drifted',
    'edited',
    'new',
    'new',
  ]);
  world.loop.sweep('resend');
  expect(await ages(2)).toEqual({ 'ava.yaml': 'untold', 'ben.yaml': 'untold' });
});

test('a commit ends the pause of a widget that is fought over, once, whatever file it changes', async () => {
  const { world, commit } = await checkout();
  const drift = async (until: () => boolean) => {
    // The value that was just corrected would pass for one that did not stick.
    world.edit(2, { display_name: `Someone else ${world.puts.length} ${world.reads.length}` });
    world.due();
    await world.until(until);
    await world.clock.advance(minuteMs);
  };
  const isFoughtOver = () => world.plans.at(-1)?.drifted[0]?.why === 'fought-over';
  await drift(() => world.outcomes.length === 3);
  await drift(() => world.outcomes.length === 4);
  await drift(isFoughtOver);
  expect(world.puts.slice(2)).toEqual(['Ben', 'Ben']);

  commit('second', { 'ava.yaml': yaml(1, 'Ada') });
  await world.clock.advance(250);
  await world.until(() => world.outcomes.length === 6);
  expect(world.puts.slice(4).sort()).toEqual(['Ada', 'Ben']);
  await world.clock.advance(minuteMs);
  await drift(isFoughtOver);
  expect(world.puts).toHaveLength(6);
});
