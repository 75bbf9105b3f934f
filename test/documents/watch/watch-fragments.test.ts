// Fragments lie where nothing is walked: their folders are watched one by one, once a look has found them.
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import type { Walked } from '../../../src/documents/watch/walked.ts';
import {
  type WatchDeps,
  type WatchMode,
  watchTree,
} from '../../../src/documents/watch/watch-tree.ts';
import { temporaryDirectory, writeFile } from '../../support/command.ts';

async function watched(parts: Partial<WatchDeps> = {}, mode: WatchMode = 'auto') {
  const top = temporaryDirectory();
  writeFile(top, 'widgets/prod/ava.yaml', 'a');
  writeFile(top, 'widgets/_kit/in/a.yaml', 'a');
  writeFile(top, '_brand.yaml', 'a');
  const opened: string[] = [];
  const closed: string[] = [];
  const blind: (string | null)[] = [];
  const failures: unknown[] = [];
  let wake = () => {};
  let hints = 0;
  const watch = await watchTree(join(top, 'widgets'), mode, {
    onHint: () => {
      hints += 1;
      wake();
    },
    onBlind: (why) => blind.push(why),
    onFailure: (error) => failures.push(error),
    clock: systemClock,
    silentFileSystem: () => null,
    ...parts,
  });
  onTestFinished(() => watch.stop());
  /** Resolves with the first hint from now on. */
  const next = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  /** As a look does that found fragments of these paths. */
  async function look(...files: string[]): Promise<void> {
    const hint = next();
    watch.compare(walkedWith(files.map((file) => join(top, file))));
    await hint;
  }
  return { top, watch, look, next, blind, failures, opened, closed, hints: () => hints };
}

function walkedWith(paths: readonly string[]): Walked {
  const places = new Map<string, Set<string>>();
  for (const path of paths) {
    const folder = dirname(path);
    places.set(folder, (places.get(folder) ?? new Set()).add(basename(path)));
  }
  return { folders: new Map([['', 'root']]), places };
}

async function expectHint(next: () => Promise<void>, act: () => void): Promise<void> {
  const hint = next();
  const startedMs = performance.now();
  act();
  await hint;
  expect(performance.now() - startedMs).toBeLessThan(2000);
}

const silenceMs = 100;

describe('a fragment outside of what is walked', () => {
  test.each([
    ['above the widget directory', '_brand.yaml'],
    ['in a folder of fragments', 'widgets/_kit/in/a.yaml'],
  ])('%s: an edit, an atomic save and a removal are hints', async (_, file) => {
    const { top, look, next, failures } = await watched();
    await look(file);
    const path = join(top, file);
    await expectHint(next, () => writeFileSync(path, 'b'));
    writeFileSync(join(top, 'new'), 'c');
    await expectHint(next, () => renameSync(join(top, 'new'), path));
    await expectHint(next, () => writeFileSync(path, 'd'));
    await expectHint(next, () => rmSync(path));
    await expectHint(next, () => writeFileSync(path, 'e'));
    expect(failures).toEqual([]);
  });

  test('that is missing is a hint when it comes', async () => {
    const { top, look, next } = await watched();
    await look('_later.yaml');
    await expectHint(next, () => writeFileSync(join(top, '_later.yaml'), 'a'));
  });

  test('says nothing of what lies beside it', async () => {
    const { top, look, hints } = await watched();
    await look('_brand.yaml');
    const before = hints();
    writeFileSync(join(top, 'notes.txt'), 'a');
    writeFileSync(join(top, '_old.yaml'), 'a');
    mkdirSync(join(top, 'build'));
    await systemClock.sleep(silenceMs);
    expect(hints()).toBe(before);
  });

  test('that is found by the same look again makes no hint', async () => {
    const { top, watch, look, hints } = await watched();
    await look('_brand.yaml');
    const before = hints();
    for (let n = 0; n < 3; n += 1) watch.compare(walkedWith([join(top, '_brand.yaml')]));
    await systemClock.sleep(silenceMs);
    expect(hints()).toBe(before);
  });

  test('that nobody names any more is not watched any more', async () => {
    const { top, watch, look, hints } = await watched();
    await look('_brand.yaml');
    watch.compare({ folders: new Map([['', 'root']]) });
    await systemClock.sleep(10);
    const before = hints();
    writeFileSync(join(top, '_brand.yaml'), 'b');
    await systemClock.sleep(silenceMs);
    expect(hints()).toBe(before);
  });

  test('whose folder is made anew at once is watched on', async () => {
    const { top, look, next } = await watched();
    const file = 'widgets/_kit/in/a.yaml';
    await look(file);
    for (let round = 1; round <= 3; round += 1) {
      await expectHint(next, () => {
        rmSync(join(top, 'widgets/_kit/in'), { recursive: true });
        writeFile(top, file, 'made again');
      });
      await look(file);
      await expectHint(next, () => writeFileSync(join(top, file), `round ${round}`));
    }
  });

  test('behind a link that is swapped is a hint', async () => {
    const { top, look, next } = await watched();
    writeFile(top, 'v1/_a.yaml', 'a');
    writeFile(top, 'v2/_a.yaml', 'b');
    symlinkSync('v1', join(top, 'kit'));
    await look('kit', 'v1/_a.yaml');
    symlinkSync('v2', join(top, 'tmp'));
    await expectHint(next, () => renameSync(join(top, 'tmp'), join(top, 'kit')));
    await look('kit', 'v2/_a.yaml');
    await expectHint(next, () => writeFileSync(join(top, 'v2/_a.yaml'), 'c'));
  });
});

test('a folder that is walked is not watched twice', async () => {
  const places: string[] = [];
  const { top, watch } = await watched({
    watchPlace: (folder) => {
      places.push(folder);
      return { on: () => {}, close: () => {} };
    },
  });
  places.length = 0;
  watch.compare(walkedWith([join(top, 'widgets/prod/_a.yaml'), join(top, 'widgets/_a.yaml')]));
  watch.compare(walkedWith([join(top, 'widgets/_kit/a.yaml')]));
  await expect.poll(() => places).toEqual([join(top, 'widgets/_kit')]);
});

describe('a folder of fragments that cannot be watched', () => {
  const failing = (code: string) => (folder: string) => {
    if (folder.endsWith('_kit')) throw Object.assign(new Error(`${code}: no`), { code });
    return { on: () => {}, close: () => {} };
  };
  const kit = (top: string) => walkedWith([join(top, 'widgets/_kit/a.yaml')]);

  test.each([
    ['EACCES', /_kit may not be listed by this user/],
    ['ENOSPC', /raise fs\.inotify\.max_user_watches/],
  ])('(%s) is said once, and the files are polled', async (code, why) => {
    const { top, watch, blind, failures, hints } = await watched({ watchPlace: failing(code) });
    const before = hints();
    for (let n = 0; n < 3; n += 1) watch.compare(kit(top));
    await expect.poll(() => blind).toEqual([expect.stringMatching(why)]);
    await systemClock.sleep(20);
    expect({ blind, failures, hints: hints() }).toEqual({ blind, failures: [], hints: before });
    if (code === 'EACCES') {
      watch.compare({ folders: new Map() });
      await expect.poll(() => blind.at(-1)).toBeNull();
    }
  });

  test('with events alone it is told, and nothing is polled', async () => {
    const parts = { watchPlace: failing('EACCES') };
    const { top, watch, blind, failures } = await watched(parts, 'events');
    for (let n = 0; n < 3; n += 1) watch.compare(kit(top));
    await expect.poll(() => failures).toHaveLength(1);
    await systemClock.sleep(20);
    expect(String(failures)).toMatch(/_kit may not be listed/);
    expect({ blind, failures: failures.length }).toEqual({ blind: [], failures: 1 });
  });

  test('on a file system that tells of nothing, they are polled', async () => {
    const { top, watch, blind } = await watched({
      silentFileSystem: (path) => (path.endsWith('_kit') ? 'NFS' : null),
    });
    watch.compare(kit(top));
    await expect.poll(() => blind).toEqual(['NFS does not tell of changes made elsewhere']);
  });
});

test('polling watches nothing', async () => {
  const { watch, hints } = await watched({}, 'poll');
  watch.compare(walkedWith(['/nowhere/_a.yaml']));
  await systemClock.sleep(20);
  expect(hints()).toBe(0);
});
