// A command with only one pass waits for files that cannot be believed yet, within reason.
import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openWidgetDirectory } from '../../../src/documents/widget-directory.ts';
import type { LoadedTree, Look, Unsettled } from '../../../src/model/document.ts';
import { nothingLive } from '../../../src/model/plan.ts';
import { lookOnce } from '../../../src/sync/loop/look-once.ts';
import { temporaryDirectory, writeFile } from '../../support/command.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { widgetId } from '../../support/sandbox.ts';

const emptyTree: LoadedTree = {
  ...{ documents: [], held: [], problems: [], notes: [], fragments: [], nextUntil: null },
  ...{ revision: null, committedAt: null, folders: new Map() },
  source: 'plain',
};
const settled: Look = { tree: emptyTree };
const git = (retryInMs: number | null, message = 'git is writing'): Look => ({
  unsettled: { code: 'git', message, retryInMs },
});

/** What a look says from a time on, in milliseconds since the first one. */
type Course = readonly (readonly [fromMs: number, look: Look])[];

const nothingApplied = { records: new Map() };

/** One pass over files of such a course, and what has come of it so far. */
function start(course: Course, clock = new FakeClock()) {
  const looksMs: number[] = [];
  const told: [number, string][] = [];
  const reads: number[] = [];
  const loaded: LoadedTree[] = [];
  const stop = new AbortController();
  const look = () => {
    looksMs.push(clock.monotonicMs());
    const due = course.findLast(([fromMs]) => fromMs <= clock.monotonicMs());
    if (due === undefined) throw new Error('the course says nothing of that time');
    return due[1];
  };
  const ended = lookOnce((tree) => loaded.push(tree), stop.signal, {
    clock,
    directory: { look, dir: 'widgets' },
    state: nothingApplied,
    live: {
      async read() {
        reads.push(clock.monotonicMs());
        return nothingLive;
      },
    },
    onWait: (why) => told.push([clock.monotonicMs(), why]),
  });
  return { clock, looksMs, told, reads, loaded, stop, ended };
}

test('files that can be believed are not waited for', async () => {
  const { ended, looksMs, told, clock } = start([[0, settled]]);
  expect(await ended).toEqual({ tree: emptyTree, live: nothingLive });
  expect([looksMs, told, clock.sleeping]).toEqual([[0], [], 0]);
});

const beingWritten: Look = {
  tree: {
    ...emptyTree,
    held: [{ file: 'ava.yaml', widgetId: null, code: 'changing-file', message: 'being written' }],
  },
};

test('a file whose text may lack its end, as one that was just checked out, is waited for', async () => {
  const { clock, ended, looksMs, told } = start([
    [0, beingWritten],
    [2000, settled],
  ]);
  await clock.advance(10_000);
  expect((await ended)?.tree).toBe(emptyTree);
  expect(looksMs).toEqual([0, 500, 1000, 1500, 2000]);
  expect(told).toEqual([[1500, 'a file was being written a moment ago']]);
});

test('a file that is written for ever is not waited for, and is held', async () => {
  const { clock, ended, looksMs } = start([[0, beingWritten]]);
  await clock.advance(10_000);
  expect((await ended)?.tree.held).toMatchObject([{ file: 'ava.yaml' }]);
  expect(looksMs.at(-1)).toBe(5000);
});

test('git is waited for as long as it writes, and nothing is read meanwhile', async () => {
  const { clock, ended, looksMs, reads, loaded } = start([
    [0, git(100)],
    [250, git(300)],
    [600, settled],
  ]);
  await clock.advance(599);
  expect([reads, loaded]).toEqual([[], []]);
  await clock.advance(1000);
  expect(await ended).toEqual({ tree: emptyTree, live: nothingLive });
  expect(looksMs).toEqual([0, 100, 200, 300, 600]);
  expect([reads, loaded]).toEqual([[600], [emptyTree]]);
});

describe('that it waits', () => {
  test.each<[string, Course, [number, string][]]>([
    [
      'is not said of a moment',
      [
        [0, git(500)],
        [1000, settled],
      ],
      [],
    ],
    [
      'is said once, with the reason that holds by then',
      [
        [0, git(500, 'first')],
        [1100, git(500, 'second')],
        [2100, git(500, 'third')],
        [4000, settled],
      ],
      [[1500, 'second']],
    ],
  ])('%s', async (_, course, expected) => {
    const { clock, ended, told } = start(course);
    await clock.advance(5000);
    expect(await ended).not.toBeNull();
    expect(told).toEqual(expected);
  });
});

describe('it gives up', () => {
  test('after a minute and a half, with what it has waited for, having read nothing', async () => {
    const { clock, ended, looksMs, reads, loaded } = start([[0, git(2000, 'git is writing')]]);
    const failed = expect(ended).rejects.toThrow('git is writing');
    await clock.advance(91_999);
    expect(looksMs.at(-1)).toBe(90_000);
    await clock.advance(1);
    await failed;
    expect([looksMs.at(-1), reads, loaded, clock.sleeping]).toEqual([92_000, [], [], 0]);
  });

  test('later than git is waited for that stands still', async () => {
    const { clock, ended } = start([
      [0, git(2000)],
      [90_000, settled],
    ]);
    await clock.advance(90_000);
    expect(await ended).toMatchObject({ tree: emptyTree });
  });

  test.each<Unsettled['code']>(['git', 'missing', 'unreadable', 'emptied'])(
    'at once where only a person can go on (%s)',
    async (code) => {
      const unsettled = { code, message: 'for you to mend', retryInMs: null };
      const { clock, ended, told } = start([[0, { unsettled }]]);
      await expect(ended).rejects.toThrow('for you to mend');
      expect([told, clock.sleeping]).toEqual([[], 0]);
    },
  );

  test('when only a person can go on by then', async () => {
    const { clock, ended } = start([
      [0, git(100)],
      [1000, git(null, 'conflicts')],
    ]);
    const failed = expect(ended).rejects.toThrow('conflicts');
    await clock.advance(1000);
    await failed;
  });
});

describe('when it is called back', () => {
  test('it ends at once, with nothing', async () => {
    const { clock, ended, stop, looksMs, reads } = start([[0, git(1000)]]);
    await clock.advance(1500);
    stop.abort();
    expect(await ended).toBeNull();
    expect([looksMs, reads, clock.sleeping]).toEqual([[0, 1000], [], 0]);
  });

  test('before it begins, it does not even look', async () => {
    let looks = 0;
    const directory = {
      dir: 'widgets',
      look: () => {
        looks += 1;
        return settled;
      },
    };
    const live = { read: async () => nothingLive };
    const clock = new FakeClock();
    const deps = { directory, state: nothingApplied, live, clock, onWait: () => {} };
    expect(await lookOnce(() => {}, AbortSignal.abort(), deps)).toBeNull();
    expect(looks).toBe(0);
  });
});

test('a real lock is waited for until git removes it', async () => {
  const root = temporaryDirectory();
  const text = `widget_id: ${widgetId(1)}\nwidget_type: chat\n`;
  writeFile(root, 'widgets/ava.yaml', text);
  writeFile(root, '.git/HEAD', 'ref: refs/heads/main\n');
  writeFileSync(join(root, '.git/index.lock'), '');
  // Ahead of the file system by enough for files to rest, and by less than makes a lock stale.
  const clock = new FakeClock(new Date(Date.now() + 5000));
  const files = openWidgetDirectory(join(root, 'widgets'), { clock });
  const told: string[] = [];
  const sight = lookOnce(() => {}, new AbortController().signal, {
    clock,
    directory: files,
    state: nothingApplied,
    live: { read: async () => nothingLive },
    onWait: (why) => told.push(why),
  });
  await clock.advance(10_000);
  await rm(join(root, '.git/index.lock'));
  await clock.advance(10_000);
  expect((await sight)?.tree.documents).toMatchObject([{ file: 'ava.yaml' }]);
  expect(told).toEqual([expect.stringMatching(/^git is writing .*index\.lock/)]);
});
