// Hints from real directories and real links. A hint says "look again" and no more.
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { resolveRoot } from '../../src/documents/root-path.ts';
import { watchTree } from '../../src/documents/watch-tree.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';

/** Watches until the test ends; `next` resolves with the first hint after it was called. */
async function watched(directory: string) {
  let wake = () => {};
  const failures: unknown[] = [];
  const watch = await watchTree(directory, {
    onHint: () => wake(),
    onFailure: (error) => failures.push(error),
  });
  onTestFinished(() => watch.stop());
  const next = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  return { next, failures, stop: () => watch.stop() };
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
  const watch = await watchTree(root, {
    onHint: () => {
      hints += 1;
    },
    onFailure: () => {},
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

test('the places of all links on the way are found, and a circle leads nowhere', () => {
  const root = temporaryDirectory();
  publish(root, 'one');
  symlinkSync(join(root, 'current'), join(root, 'alias'));
  symlinkSync('loop', join(root, 'loop'));
  expect(resolveRoot(join(root, 'alias', 'widgets'))).toMatchObject({
    path: join(root, '.worktrees', 'one', 'widgets'),
    places: new Map([
      [root, new Set(['alias', 'current'])],
      [join(root, '.worktrees', 'one'), new Set(['widgets'])],
    ]),
  });
  expect(resolveRoot(join(root, 'loop'))).toBeNull();
  expect(resolveRoot(join(root, 'missing'))).toBeNull();
});
