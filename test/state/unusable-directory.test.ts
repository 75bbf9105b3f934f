import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { StateError } from '../../src/base/errors.ts';
import { openState } from '../../src/state/file/file-store.ts';
import { readState } from '../../src/state/file/file-view.ts';
import { compileHolder, startHolder } from './fixtures/holder-process.ts';
import { mountDisk, whyNoMount } from './fixtures/small-disk.ts';
import {
  ava,
  ben,
  recordOf,
  specOf,
  stateOptions,
  temporaryDirectory,
} from './fixtures/state-options.ts';

const isRoot = process.getuid?.() === 0;
const mountReason = whyNoMount();
const smallDisk = 'size=128k';

test('a file in its place is named, with what to do', async () => {
  const directory = join(await temporaryDirectory(), 'state');
  await writeFile(directory, '');
  const opening = openState(stateOptions(directory));
  await expect(opening).rejects.toThrow(StateError);
  await expect(opening).rejects.toThrow(
    `cannot use the state directory ${directory}: a file stands where a directory is needed`,
  );
});

test('a file as its parent is told apart from nothing applied, also when only reading', async () => {
  const file = join(await temporaryDirectory(), 'file');
  await writeFile(file, '');
  const options = stateOptions(join(file, 'state'));
  await expect(openState(options)).rejects.toThrow(/a file stands where .*ENOTDIR/);
  await expect(readState(options)).rejects.toThrow(/cannot read the state directory .*ENOTDIR/);
});

test.skipIf(!existsSync('/proc'))('a place where nothing can be made is told', async () => {
  await expect(openState(stateOptions('/proc/widget-sync'))).rejects.toThrow(
    /cannot be made; give --state another directory \(ENOENT/,
  );
});

describe.skipIf(!isRoot)('as another user (needs root to become one)', () => {
  let compiled = '';
  beforeAll(async () => {
    compiled = await compileHolder();
  });
  afterAll(() => rm(compiled, { recursive: true, force: true }));

  test('a directory that may not be written says whose permission is missing', async () => {
    const directory = await temporaryDirectory();
    await chmod(directory, 0o755);
    const holder = await startHolder(compiled, [directory, '65534']);
    expect(holder.answer).toContain(
      `failed: cannot use the state directory ${directory}: permission denied to user 65534`,
    );
  });

  test('a directory that exists but whose records are another user’s is refused too', async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'widgets'));
    await chmod(directory, 0o755);
    const holder = await startHolder(compiled, [directory, '65534']);
    expect(holder.answer).toContain('permission denied to user 65534');
  });
});

describe.skipIf(mountReason !== null)(
  `on a small disk of its own (${mountReason ?? 'tmpfs'})`,
  () => {
    test('a full disk keeps the records that stand and says what to do', async () => {
      const directory = mountDisk(smallDisk);
      const store = await openState(stateOptions(directory));
      onTestFinished(() => store.close());
      await store.save(recordOf(ava));
      await fill(directory);

      const spec = specOf({ widget_type: 'chat', intro_message: 'x'.repeat(64_000) });
      await expect(store.save(recordOf(ava, { spec }))).rejects.toThrow(/no space is left.*ENOSPC/);
      await expect(store.save(recordOf(ben))).rejects.toThrow(StateError);
      expect([...store.records.values()]).toEqual([recordOf(ava)]);
      expect(await readdir(join(directory, 'widgets'))).toEqual([`${ava}.json`]);
      const onDisk = JSON.parse(await readFile(join(directory, 'widgets', `${ava}.json`), 'utf8'));
      expect(onDisk.spec).toEqual(recordOf(ava).spec);
    });

    test('opening on a full disk fails before anything is sent', async () => {
      const directory = mountDisk(smallDisk);
      await fill(directory);
      await expect(openState(stateOptions(directory))).rejects.toThrow(/no space is left.*ENOSPC/);
    });

    test('opening on a read-only disk fails before anything is sent', async () => {
      const directory = mountDisk(smallDisk);
      await mkdir(join(directory, 'widgets'));
      execFileSync('mount', ['-o', 'remount,ro', directory]);
      await expect(openState(stateOptions(directory))).rejects.toThrow(
        /the file system is read-only; mount it writable, or give --state another.*EROFS/,
      );
    });
  },
);

async function fill(directory: string): Promise<void> {
  await expect(writeFile(join(directory, 'filler'), 'x'.repeat(1_000_000))).rejects.toThrow(
    'ENOSPC',
  );
}
