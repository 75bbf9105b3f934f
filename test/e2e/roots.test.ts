// Roots that go away and come back: nothing is sent while they are gone, no widget is taken for
// orphaned, and the daemon recovers by itself.
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type LogLine, temporaryDirectory } from '../support/command.ts';
import { after, besides, seenBy, startConfined, whyNotAfter } from '../support/confined-daemon.ts';
import {
  type Daemon,
  fileName,
  named,
  numbers,
  putsBeforeMarker,
  startTree,
  type Tree,
  widgetFiles,
  writeWidgets,
} from '../support/watched-tree.ts';

const rescanMs = 500;
const flags = ['--rescan', `${rescanMs}ms`];
/** Whoever takes a root that is gone for an empty one has looked by then. */
const aFewRescansMs = 2.5 * rescanMs;
/** A rescan, a file that has to come to rest, and the request; mostly for a busy machine. */
const recoveryMs = 5000;
const widgets = 3;

interface Place {
  /** The watched directory, which is two folders below one that stays. */
  readonly dir: string;
  /** Where a test puts things aside. */
  readonly aside: string;
}

interface Settled extends Place {
  readonly tree: Tree;
  readonly daemon: Daemon;
  /** Requests that the first pass caused. */
  readonly settled: number;
}

function makePlace(): Place {
  const outer = temporaryDirectory();
  const aside = join(outer, 'aside');
  mkdirSync(aside);
  const dir = join(outer, 'parent', 'widgets');
  writeWidgets(dir, widgets);
  return { dir, aside };
}

async function startSettled(place = makePlace()): Promise<Settled> {
  const tree = await startTree({ widgets, dir: place.dir });
  const daemon = await tree.watchHere(...flags);
  await daemon.said('applied', widgets);
  return { ...place, tree, daemon, settled: tree.sandbox.requests.length };
}

/**
 * The tree as it comes back: one widget has been edited meanwhile. File by file, as whatever a test does to
 * a root is done step by step: the daemon may look in between.
 */
async function fill(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const [name, text] of Object.entries(widgetFiles(widgets))) {
    await writeFile(join(dir, name), text);
  }
  await writeFile(join(dir, fileName(1)), named(1, 'Edited meanwhile'));
}

function orphans(daemon: Daemon): LogLine[] {
  return daemon.log().filter(({ msg }) => msg.startsWith('orphaned'));
}

/** Of the tree that came back only the edit is sent; it is watched; and nothing was taken for lost. */
async function expectRecovered({ tree, daemon, settled }: Omit<Settled, keyof Place>) {
  const cameBackAtMs = performance.now();
  await tree.serverShows(1, 'Edited meanwhile');
  expect(performance.now() - cameBackAtMs).toBeLessThan(recoveryMs);
  expect(tree.puts(settled)).toEqual([tree.putOf(1, 'Edited meanwhile')]);
  const before = tree.sandbox.requests.length;
  tree.write(fileName(2), named(2, 'After it came back'));
  await tree.serverShows(2, 'After it came back');
  const puts = await putsBeforeMarker(tree, daemon, before);
  expect(puts).toEqual([tree.putOf(2, 'After it came back')]);
  expect(orphans(daemon)).toEqual([]);
}

async function expectSilence({ tree, daemon, settled }: Settled, code: string): Promise<void> {
  await daemon.said('cannot look yet', 1);
  await sleep(aFewRescansMs);
  expect(daemon.lines('cannot look yet')).toEqual([
    expect.objectContaining({ level: 'warn', code }),
  ]);
  expect(tree.sandbox.requests).toHaveLength(settled);
  expect(orphans(daemon)).toEqual([]);
}

interface Absence {
  readonly world: string;
  readonly code: 'missing' | 'emptied';
  leave(place: Place): Promise<void>;
  comeBack(place: Place): Promise<void>;
}

const absences: readonly Absence[] = [
  {
    world: 'is removed and made again',
    code: 'missing',
    leave: ({ dir }) => rm(dir, { recursive: true }),
    comeBack: ({ dir }) => fill(dir),
  },
  {
    world: 'is emptied and filled again',
    code: 'emptied',
    async leave({ dir }) {
      for (const n of numbers(widgets)) await rm(join(dir, fileName(n)));
    },
    comeBack: ({ dir }) => fill(dir),
  },
  {
    world: 'is replaced by an empty one and then by a full one',
    code: 'emptied',
    async leave({ dir, aside }) {
      await rename(dir, join(aside, 'former'));
      await mkdir(dir);
    },
    async comeBack({ dir, aside }) {
      await fill(join(aside, 'full'));
      await rm(dir, { recursive: true });
      await rename(join(aside, 'full'), dir);
    },
  },
  {
    world: 'is renamed away and comes back',
    code: 'missing',
    leave: ({ dir, aside }) => rename(dir, join(aside, 'former')),
    async comeBack({ dir, aside }) {
      await fill(join(aside, 'former'));
      await rename(join(aside, 'former'), dir);
    },
  },
  {
    world: 'goes with its parent, and both are made again',
    code: 'missing',
    leave: ({ dir, aside }) => rename(dirname(dir), join(aside, 'parent')),
    comeBack: ({ dir }) => fill(dir),
  },
  {
    world: 'becomes a link to nowhere, and then there is something',
    code: 'missing',
    async leave({ dir, aside }) {
      await rm(dir, { recursive: true });
      await symlink(join(aside, 'elsewhere'), dir);
    },
    comeBack: ({ aside }) => fill(join(aside, 'elsewhere')),
  },
];

describe('a root that', () => {
  test.each(absences.map((absence) => [absence.world, absence] as const))(
    '%s changes nothing meanwhile, and what it then says is applied',
    async (_, { code, leave, comeBack }) => {
      const world = await startSettled();
      await leave(world);
      await expectSilence(world, code);
      await comeBack(world);
      await expectRecovered(world);
      expect(world.daemon.lines('can look again')).toHaveLength(1);
    },
  );

  test('is emptied changes nothing either where its files are so young that they are read at each look', async () => {
    const place = makePlace();
    // By the clock of another machine, which is ahead: young for as long as the test lasts.
    const ahead = new Date(Date.now() + 3_600_000);
    for (const n of numbers(widgets)) utimesSync(join(place.dir, fileName(n)), ahead, ahead);
    const world = await startSettled(place);
    for (const n of numbers(widgets)) await rm(join(place.dir, fileName(n)));
    await expectSilence(world, 'emptied');
  });

  test.each<[string, (place: Place) => Promise<void>]>([
    [
      'is replaced by another folder',
      async ({ dir, aside }) => {
        await fill(join(aside, 'other'));
        await rename(dir, join(aside, 'former'));
        await rename(join(aside, 'other'), dir);
      },
    ],
    [
      'is replaced by a link',
      async ({ dir, aside }) => {
        await fill(join(aside, 'elsewhere'));
        await rename(dir, join(aside, 'former'));
        await symlink(join(aside, 'elsewhere'), dir);
      },
    ],
    [
      'is replaced together with its parent',
      async ({ dir, aside }) => {
        await fill(join(aside, 'other', 'widgets'));
        await rename(dirname(dir), join(aside, 'former'));
        await rename(join(aside, 'other'), dirname(dir));
      },
    ],
  ])('%s at once is read where it is now', async (_, replace) => {
    const world = await startSettled();
    await replace(world);
    await expectRecovered(world);
  });

  test('is mounted over and unmounted again is read as it is seen, and not at all while it is empty', async ({
    skip,
  }) => {
    const mount = 'mount -t tmpfs none "$1"';
    const why = whyNotAfter('mount -t tmpfs none /tmp');
    if (why !== null) skip(why);
    const place = makePlace();
    const tree = await startTree({ widgets, dir: place.dir });
    const daemon = startConfined(tree, { flags, through: after(':') });
    await daemon.said('applied', widgets);
    const settled = tree.sandbox.requests.length;

    await besides(daemon, mount, place.dir);
    await expectSilence({ ...place, tree, daemon, settled }, 'emptied');
    await fill(seenBy(daemon, place.dir));
    await tree.serverShows(1, 'Edited meanwhile');
    expect(tree.puts(settled)).toEqual([tree.putOf(1, 'Edited meanwhile')]);
    const write = (n: number, name: string) =>
      writeFileSync(seenBy(daemon, join(place.dir, fileName(n))), named(n, name));
    write(2, 'In the mount');
    await tree.serverShows(2, 'In the mount');

    // What was below it shows again, and differs from what was above in both.
    const beforeUnmounting = tree.sandbox.requests.length;
    await besides(daemon, 'umount --lazy "$1"', place.dir);
    await tree.serverShows(1, 'Widget 1');
    await tree.serverShows(2, 'Widget 2');
    expect(tree.puts(beforeUnmounting)).toHaveLength(2);

    // Another file system, full at once: no event tells of it.
    const beforeMounting = tree.sandbox.requests.length;
    await fill(join(place.aside, 'other'));
    await besides(daemon, 'mount --bind "$2" "$1"', place.dir, join(place.aside, 'other'));
    await tree.serverShows(1, 'Edited meanwhile');
    write(0, 'In the other mount');
    await tree.serverShows(0, 'In the other mount');
    expect(tree.puts(beforeMounting)).toEqual([
      tree.putOf(1, 'Edited meanwhile'),
      tree.putOf(0, 'In the other mount'),
    ]);
    expect(orphans(daemon)).toEqual([]);
  });
});

describe('a root that is not there at the start', () => {
  test.each<[string, (dir: string) => string]>([
    ['it', (dir) => dir],
    ['its parent', (dir) => dirname(dir)],
  ])('is waited for when %s is missing', async (_, firstMissing) => {
    const place = makePlace();
    const tree = await startTree({ widgets, dir: place.dir });
    await rm(firstMissing(place.dir), { recursive: true });
    const daemon = tree.beginHere(...flags);
    await expectSilence({ ...place, tree, daemon, settled: 0 }, 'missing');

    writeWidgets(join(place.aside, 'new'), widgets);
    mkdirSync(dirname(place.dir), { recursive: true });
    await rename(join(place.aside, 'new'), place.dir);
    const appearedAtMs = performance.now();
    await daemon.said('applied', widgets);
    expect(performance.now() - appearedAtMs).toBeLessThan(recoveryMs);
    const settled = tree.sandbox.requests.length;
    tree.write(fileName(1), named(1, 'Edited meanwhile'));
    await expectRecovered({ tree, daemon, settled });
  });
});
