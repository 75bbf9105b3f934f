// Files that are older than those that another process has followed: nothing is decided from them.
import { describe, expect, test } from 'vitest';
import { StateError, UsageError } from '../../../src/base/errors.ts';
import type { LoadedTree, Unsettled } from '../../../src/model/document.ts';
import { nothingLive } from '../../../src/model/plan.ts';
import { type InOrder, look } from '../../../src/sync/loop/look.ts';
import { lookOnce } from '../../../src/sync/loop/look-once.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { LoopWorld, yaml } from '../../support/loop-world.ts';
import { widgetId } from '../../support/sandbox.ts';

const behind: Unsettled = { code: 'behind', message: 'older files', retryInMs: 5000 };

/** A loop whose files are in order as long as the test says so. */
async function worldInOrder(files: Record<string, string>) {
  const says = { answer: null as Unsettled | Error | null, asked: 0 };
  const inOrder: InOrder = async () => {
    says.asked += 1;
    if (says.answer instanceof Error) throw says.answer;
    return says.answer;
  };
  const world = await LoopWorld.make(files, { change: () => ({ inOrder }) });
  return { world, says };
}

describe('a daemon whose files are behind', () => {
  test('reads and sends nothing, and looks again until they are not', async () => {
    const { world, says } = await worldInOrder({ 'ava.yaml': yaml(1, 'Ava') });
    says.answer = behind;
    await world.loop.start();
    await world.until(() => world.told.length === 1);
    await world.clock.advance(5000);
    await world.until(() => world.told.length === 2);
    expect(world.told).toEqual(['postponed behind', 'postponed behind']);
    expect([world.puts, world.reads]).toEqual([[], []]);
    says.answer = null;
    await world.clock.advance(5000);
    await world.until(() => world.outcomes.length === 1);
    expect(world.puts).toEqual(['Ava']);
  });

  test('goes on at once where the files move, without the wait', async () => {
    const { world, says } = await worldInOrder({ 'ava.yaml': yaml(1, 'Ava') });
    says.answer = { ...behind, retryInMs: null };
    await world.loop.start();
    await world.until(() => world.told.length === 1);
    says.answer = null;
    world.write('ava.yaml', yaml(1, 'Ada'));
    world.hint();
    await world.clock.advance(250);
    await world.until(() => world.outcomes.length === 1);
    expect(world.puts).toEqual(['Ada']);
  });

  test('drops nothing that waits, decides nothing of a deleted file, and makes no sweep', async () => {
    const { world, says } = await worldInOrder({ 'ava.yaml': yaml(1, 'Ava') });
    await world.startAndApply(1);
    says.answer = behind;
    world.write('ava.yaml', yaml(1, 'older'));
    world.hint();
    await world.clock.advance(250);
    await world.until(() => world.told.includes('postponed behind'));
    const { sweeps } = world;
    world.due();
    await world.clock.advance(1000);
    expect(world.puts).toEqual(['Ava']);
    expect(world.sweeps).toBe(sweeps);
    says.answer = null;
    await world.clock.advance(5000);
    await world.until(() => world.puts.length === 2);
    expect(world.puts).toEqual(['Ava', 'older']);
  });

  test('that cannot be asked for is trouble like any other, and is tried again', async () => {
    const { world, says } = await worldInOrder({ 'ava.yaml': yaml(1, 'Ava') });
    says.answer = new StateError('the store is away');
    await world.loop.start();
    await world.until(() => world.told.length === 1);
    expect(world.told).toEqual(['StateError start 1500']);
    says.answer = null;
    await world.clock.advance(1500);
    await world.until(() => world.outcomes.length === 1);
    expect(world.puts).toEqual(['Ava']);
    expect(world.bugs).toEqual([]);
  });
});

describe('a look', () => {
  const never = new AbortController().signal;
  const document = { widgetId: widgetId(1), file: 'a.yaml', hash: 'h' };
  const treeAt = (revision: string | null) =>
    ({
      documents: [document],
      held: [],
      problems: [],
      revision,
      committedAt: null,
    }) as unknown as LoadedTree;

  /** What was asked in which order, of a directory that is at these revisions in turn. */
  async function looked(revisions: string[], answers: Record<string, Unsettled> = {}) {
    const asked: string[] = [];
    let looks = 0;
    const directory = {
      dir: 'widgets',
      look: () => ({ tree: treeAt(revisions[Math.min(looks++, revisions.length - 1)] ?? null) }),
    };
    const sight = await look('all', never, {
      ...{ directory, state: { records: new Map() } },
      live: {
        read: async () => {
          asked.push('read');
          return nothingLive;
        },
      },
      inOrder: async ({ revision }) => {
        asked.push(`${revision}`);
        return answers[`${revision}`] ?? null;
      },
      onFiles: ({ revision }) => {
        asked.push(`files of ${revision}`);
        return nothingLive;
      },
      onLive: () => {},
    });
    return { asked, sight };
  }

  test('asks once for each revision, before anybody is told of its files', async () => {
    expect((await looked(['one'])).asked).toEqual(['one', 'files of one', 'read']);
    const { asked, sight } = await looked(['one', 'two']);
    expect(asked).toEqual(['one', 'files of one', 'read', 'two']);
    expect(sight).toMatchObject({ tree: { revision: 'two' } });
  });

  test('gives no files that were found to be older, neither first nor while it read', async () => {
    const first = await looked(['one'], { one: behind });
    expect(first).toEqual({ asked: ['one'], sight: { unsettled: behind } });
    const { sight } = await looked(['one', 'two'], { two: behind });
    expect(sight).toMatchObject({ unsettled: behind });
    expect(sight).not.toHaveProperty('tree');
  });

  test('that a command has only once waits for newer files, and says so in the end', async () => {
    const clock = new FakeClock();
    const told: string[] = [];
    let answer: Unsettled | null = behind;
    const once = () =>
      lookOnce(() => {}, never, {
        ...{ clock, state: { records: new Map() }, onWait: (why: string) => told.push(why) },
        directory: { dir: 'widgets', look: () => ({ tree: treeAt('one') }) },
        live: { read: async () => nothingLive },
        inOrder: async () => answer,
      });
    const waiting = once();
    await clock.advance(10_000);
    answer = null;
    await clock.advance(5000);
    expect(await waiting).toMatchObject({ tree: { revision: 'one' } });
    expect(told).toEqual(['older files']);
    answer = behind;
    const inVain = expect(once()).rejects.toThrow(new UsageError('older files'));
    await clock.advance(100_000);
    await inVain;
  });
});
