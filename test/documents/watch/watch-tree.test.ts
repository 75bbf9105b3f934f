// Hints from real directories and real links. A hint says "look again" and no more.
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { findPlaces, findRoot } from '../../../src/documents/tree/root-path.ts';
import {
  type WatchDeps,
  type WatchMode,
  watchTree,
} from '../../../src/documents/watch/watch-tree.ts';
import { temporaryDirectory, writeFile } from '../../support/command.ts';
import { settle } from '../../support/fake-clock.ts';

/** Watches until the test ends; `next` resolves with the first hint after it was called. */
async function watched(
  directory: string,
  parts: Partial<WatchDeps> = {},
  mode: WatchMode = 'auto',
) {
  let wake = () => {};
  const failures: unknown[] = [];
  const blind: (string | null)[] = [];
  const watch = await watchTree(directory, mode, {
    onHint: () => wake(),
    onBlind: (why) => blind.push(why),
    onFailure: (error) => failures.push(error),
    clock: systemClock,
    silentFileSystem: () => null,
    ...parts,
  });
  onTestFinished(() => watch.stop());
  const next = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  return { next, failures, blind, watch, stop: () => watch.stop() };
}

function publish(root: string, name: string): void {
  writeFile(root, `.worktrees/${name}/widgets/a.yaml`, name);
  symlinkSync(join('.worktrees', name), join(root, 'tmp'));
  renameSync(join(root, 'tmp'), join(root, 'current'));
}

test('an edit, a new file and a file in a new folder are hints', async () => {
  const root = temporaryDirectory();
  writeFile(root, 'deep/er/a.yaml', 'a');
  const { next, failures } = await watched(root);
  for (const act of [
    () => writeFileSync(join(root, 'deep/er/a.yaml'), 'b'),
    () => writeFileSync(join(root, 'new.yaml'), 'a'),
    () => mkdirSync(join(root, 'folder')),
  ]) {
    const hint = next();
    act();
    await hint;
  }
  const hint = next();
  writeFileSync(join(root, 'folder', 'b.yaml'), 'b');
  await hint;
  expect(failures).toEqual([]);
});

test('a link that is swapped is a hint, each time, though the old tree goes at once', async () => {
  const root = temporaryDirectory();
  publish(root, 'one');
  const { next, failures } = await watched(join(root, 'current', 'widgets'));
  for (const [before, after] of [
    ['one', 'two'],
    ['two', 'three'],
    ['three', 'four'],
  ] as const) {
    const hint = next();
    publish(root, after);
    rmSync(join(root, '.worktrees', before), { recursive: true });
    await hint;
  }
  await expect
    .poll(async () => {
      const hint = next();
      writeFileSync(join(root, 'current', 'widgets', 'a.yaml'), 'edited');
      await hint;
      return true;
    })
    .toBe(true);
  expect(failures).toEqual([]);
});

test('a folder that is removed and made again at once is watched on', async () => {
  const root = temporaryDirectory();
  writeFile(root, 'folder/a.yaml', 'a');
  const { next } = await watched(root);
  for (let round = 1; round <= 5; round += 1) {
    // Two hints end each round: the folder's own, and the one that says it is watched again.
    const seen = next();
    rmSync(join(root, 'folder'), { recursive: true });
    writeFile(root, 'folder/a.yaml', 'made again');
    await seen;
    await expect
      .poll(
        async () => {
          const edited = next();
          writeFileSync(join(root, 'folder', 'a.yaml'), `edit ${performance.now()}`);
          return await Promise.race([edited.then(() => true), systemClock.sleep(50)]);
        },
        { timeout: 5000 },
      )
      .toBe(true);
  }
});

test('a root that is replaced by another folder is watched on', async () => {
  const parent = temporaryDirectory();
  const root = join(parent, 'widgets');
  writeFile(root, 'a.yaml', 'a');
  const { next } = await watched(root);
  for (const name of ['first', 'second']) {
    writeFile(parent, `${name}/a.yaml`, name);
    const hint = next();
    renameSync(root, join(parent, `before-${name}`));
    renameSync(join(parent, name), root);
    await hint;
    await expect
      .poll(
        async () => {
          const edited = next();
          writeFileSync(join(root, 'a.yaml'), `edit ${performance.now()}`);
          return await Promise.race([edited.then(() => true), systemClock.sleep(50)]);
        },
        { timeout: 5000 },
      )
      .toBe(true);
  }
});

test('after stop there are no hints', async () => {
  const root = temporaryDirectory();
  let hints = 0;
  const watch = await watchTree(root, 'auto', {
    onHint: () => {
      hints += 1;
    },
    onBlind: () => {},
    onFailure: () => {},
    clock: systemClock,
  });
  await watch.stop();
  const before = hints;
  writeFileSync(join(root, 'a.yaml'), 'a');
  // Another watch on the same directory proves that the edit would have been told by now.
  const other = await watched(root);
  const hint = other.next();
  writeFileSync(join(root, 'b.yaml'), 'b');
  await hint;
  expect(hints).toBe(before);
});

/** Edits until one of them is a hint: watching takes a moment to begin again. */
async function expectSeen(next: () => Promise<void>, edit: () => void): Promise<void> {
  await expect
    .poll(
      async () => {
        const edited = next();
        edit();
        return await Promise.race([edited.then(() => true), systemClock.sleep(50)]);
      },
      { timeout: 5000 },
    )
    .toBe(true);
}

test('a directory that is missing, with the one above it, is seen when it comes', async () => {
  const parent = temporaryDirectory();
  const root = join(parent, 'above', 'widgets');
  const { next, failures } = await watched(root);
  for (const make of [() => mkdirSync(join(parent, 'above')), () => mkdirSync(root)]) {
    const hint = next();
    make();
    await hint;
  }
  await expectSeen(next, () => writeFileSync(join(root, 'a.yaml'), `${performance.now()}`));
  expect(failures).toEqual([]);
});

test('a root that was out of sight for a look is watched anew, and so is a folder that became another one', async () => {
  const root = temporaryDirectory();
  writeFile(root, 'folder/a.yaml', 'a');
  const { next, watch } = await watched(root);
  const looks = [
    [null, new Map([['', 'root']])],
    [new Map([['folder', 'one']]), new Map([['folder', 'another']])],
  ] as const;
  for (const [before, after] of looks) {
    watch.compare(before && { folders: before });
    const hint = next();
    watch.compare({ folders: after });
    await hint;
  }
});

test.each([
  ['ENOSPC', 'fs.inotify.max_user_watches'],
  ['EMFILE', 'fs.inotify.max_user_instances'],
])(
  'when the watcher fails with %s, it says once what to raise and gives up events for a while',
  async (code, setting) => {
    const root = temporaryDirectory();
    let nowMs = 0;
    const { blind, failures, watch, next } = await watched(root, {
      clock: { monotonicMs: () => nowMs },
      // The limit of the system cannot be reached on purpose without harm to others: its error comes
      // from where the first watch begins.
      silentFileSystem: () => null,
      watchPlace: () => {
        if (nowMs < 1000) throw Object.assign(new Error(`${code}: exhausted`), { code });
        return { on: () => {}, close: () => {} };
      },
    });
    expect(blind).toEqual([expect.stringContaining(setting)]);
    watch.compare({ folders: new Map() });
    nowMs = 299_999;
    watch.compare({ folders: new Map() });
    expect(blind).toHaveLength(1);
    const hint = next();
    nowMs = 300_000;
    watch.compare({ folders: new Map() });
    await hint;
    expect(blind.at(-1)).toBeNull();
    await expectSeen(next, () => writeFileSync(join(root, 'a.yaml'), `${performance.now()}`));
    expect(failures).toEqual([]);
  },
);

/** Places that cannot be watched, until they are let: each try throws. */
function refusedPlaces(code: string) {
  const places = {
    isLet: false,
    tries: 0,
    watchPlace: () => {
      places.tries += 1;
      if (!places.isLet) throw Object.assign(new Error(`${code}: refused`), { code });
      return { on: () => {}, close: () => {} };
    },
  };
  return places;
}

/** Everything is watched anew, as after each time that the root was out of sight. */
async function watchAnew({ watch, next }: Awaited<ReturnType<typeof watched>>): Promise<void> {
  const hint = next();
  watch.compare(null);
  watch.compare({ folders: new Map() });
  await hint;
}

describe.each(['EACCES', 'EPERM'])('places that may not be listed (%s)', (code) => {
  test('are polled instead, which is said once, and once more when it is over', async () => {
    const root = temporaryDirectory();
    const places = refusedPlaces(code);
    const seen = await watched(root, { watchPlace: places.watchPlace });
    for (let times = 0; times < 3; times += 1) await watchAnew(seen);
    // Each time there is more than one of them.
    expect(places.tries).toBeGreaterThanOrEqual(2 * 4);
    expect(seen.blind).toEqual([expect.stringContaining('may not be listed')]);
    // What can be watched is watched all the same.
    await expectSeen(seen.next, () => writeFileSync(join(root, 'a.yaml'), `${performance.now()}`));
    places.isLet = true;
    await watchAnew(seen);
    expect(seen.blind.slice(1)).toEqual([null]);
    expect(seen.failures).toEqual([]);
  });

  test('are a failure that is said once where only events count', async () => {
    const places = refusedPlaces(code);
    const { watchPlace } = places;
    const seen = await watched(temporaryDirectory(), { watchPlace }, 'events');
    for (let times = 0; times < 3; times += 1) await watchAnew(seen);
    expect(seen.blind).toEqual([]);
    const complaint = expect.stringContaining('may not be listed');
    expect(seen.failures).toEqual([expect.objectContaining({ message: complaint })]);
  });
});

describe.each([
  ['ENOSPC', 'fs.inotify.max_user_watches'],
  ['EMFILE', 'fs.inotify.max_user_instances'],
])('exhausted inotify (%s)', (code, setting) => {
  test('is said once for all places, and nothing is watched in vain', async () => {
    const places = refusedPlaces(code);
    const { watchPlace } = places;
    const { blind, failures, watch } = await watched(temporaryDirectory(), { watchPlace });
    const { tries } = places;
    expect(tries).toBeGreaterThanOrEqual(2);
    for (let looks = 0; looks < 3; looks += 1) {
      watch.compare(null);
      watch.compare({ folders: new Map() });
      await settle();
    }
    expect(blind).toEqual([expect.stringContaining(setting)]);
    expect(places.tries).toBe(tries);
    expect(failures).toEqual([]);
  });

  test('is a failure that is said once where only events count', async () => {
    const { watchPlace } = refusedPlaces(code);
    const seen = await watched(temporaryDirectory(), { watchPlace }, 'events');
    for (let times = 0; times < 3; times += 1) await watchAnew(seen);
    expect(seen.blind).toEqual([]);
    const complaint = expect.stringContaining(setting);
    expect(seen.failures).toEqual([expect.objectContaining({ message: complaint })]);
  });
});

test('a real folder above the root that may not be listed is polled instead', async () => {
  const above = temporaryDirectory();
  const root = join(above, 'widgets');
  writeFile(root, 'a.yaml', 'a');
  chmodSync(above, 0o311);
  const isRoot = process.getuid?.() === 0;
  // Permissions do not bind root.
  if (isRoot) process.seteuid?.(65_534);
  try {
    const { blind, failures } = await watched(root);
    expect(blind).toEqual([expect.stringContaining(`${above} may not be listed`)]);
    expect(failures).toEqual([]);
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(above, 0o700);
  }
});

describe('more folders than are to be watched', () => {
  const tooMany = expect.stringContaining('holds more than 3 folders');

  test('are polled instead: none of them is watched, until there are fewer', async () => {
    const root = temporaryDirectory();
    for (const name of ['a', 'b', 'c']) writeFile(root, `${name}/a.yaml`, 'a');
    let hints = 0;
    const seen = await watched(root, { mostFolders: 3 });
    expect(seen.blind).toEqual([tooMany]);
    // Another watch of the same directory proves that the edit would have been told by now.
    const other = await watched(root);
    const own = seen.next().then(() => {
      hints += 1;
    });
    await expectSeen(other.next, () =>
      writeFileSync(join(root, 'a/a.yaml'), `${performance.now()}`),
    );
    await settle();
    expect(hints).toBe(0);
    rmSync(join(root, 'c'), { recursive: true });
    seen.watch.compare(null);
    seen.watch.compare({ folders: new Map([['', 'root']]) });
    await own;
    expect(seen.blind).toEqual([tooMany, null]);
    await expectSeen(seen.next, () =>
      writeFileSync(join(root, 'a/a.yaml'), `${performance.now()}`),
    );
    expect(seen.failures).toEqual([]);
  });

  // Once, folders that begin with `_` counted here, and not for the look.
  test.each(['.git', '_fragments'])('are none where the look passes over %s', async (name) => {
    const root = temporaryDirectory();
    writeFile(root, 'a/a.yaml', 'a');
    for (const folder of ['b', 'c', 'd']) writeFile(root, `${name}/${folder}/a.yaml`, 'a');
    const { blind, failures, next } = await watched(root, { mostFolders: 3 });
    expect(blind).toEqual([]);
    for (const folder of ['e', 'f', 'g']) writeFile(root, `${name}/${folder}/a.yaml`, 'a');
    await expectSeen(next, () => writeFileSync(join(root, 'a/a.yaml'), `${performance.now()}`));
    expect([blind, failures]).toEqual([[], []]);
  });

  test('that come while they are watched are polled from then on', async () => {
    const root = temporaryDirectory();
    writeFile(root, 'a/a.yaml', 'a');
    const { blind, failures } = await watched(root, { mostFolders: 3 });
    for (const name of ['b', 'c', 'd/e', 'f']) writeFile(root, `${name}/a.yaml`, 'a');
    await expect.poll(() => blind, { timeout: 10_000 }).toEqual([tooMany]);
    expect(failures).toEqual([]);
  });

  test('are a failure that is said once where only events count', async () => {
    const root = temporaryDirectory();
    for (const name of ['a', 'b', 'c']) writeFile(root, `${name}/a.yaml`, 'a');
    const seen = await watched(root, { mostFolders: 3 }, 'events');
    for (let times = 0; times < 3; times += 1) await watchAnew(seen);
    expect(seen.failures).toEqual([expect.objectContaining({ message: tooMany })]);
  });
});

test('a file system that tells of no changes is said, and watched all the same', async () => {
  const root = temporaryDirectory();
  const { blind, next } = await watched(root, { silentFileSystem: () => 'NFS' });
  expect(blind).toEqual([expect.stringContaining('NFS')]);
  await expectSeen(next, () => writeFileSync(join(root, 'a.yaml'), `${performance.now()}`));
});

test('the places of all links on the way are found, and of what is missing the nearest', () => {
  const root = temporaryDirectory();
  publish(root, 'one');
  symlinkSync(join(root, 'current'), join(root, 'alias'));
  symlinkSync('loop', join(root, 'loop'));
  const target = join(root, '.worktrees', 'one');
  expect(findRoot(join(root, 'alias', 'widgets'))).toMatchObject({ path: join(target, 'widgets') });
  expect(findPlaces(join(root, 'alias', 'widgets'))).toEqual(
    new Map([
      [root, new Set(['alias', 'current', '.worktrees'])],
      [target, new Set(['widgets'])],
      [join(root, '.worktrees'), new Set(['one'])],
    ]),
  );
  const missing = findPlaces(join(root, 'missing', 'widgets'));
  expect(missing.get(root)).toEqual(new Set(['missing']));
  expect(findPlaces(join(root, 'loop')).get(root)).toEqual(new Set(['loop']));
  expect(findRoot(join(root, 'loop'))).toMatchObject({ kind: 'unusable' });
  expect(findRoot(join(root, 'missing'))).toMatchObject({ kind: 'missing' });
});
