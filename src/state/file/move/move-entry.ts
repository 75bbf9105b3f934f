// One file or folder of a state, moved so that at any time it is whole in one of the two places, or in both.
import { cp, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncDirectory } from '../../../base/atomic-file.ts';
import { codeOf } from '../../../base/errors.ts';

/** Whether there is a file, or a folder with something in it: a folder alone says nothing of any widget. */
export async function holdsSomething(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    return !found.isDirectory() || (await readdir(path)).length > 0;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/**
 * Where both are there, an earlier move had ended with the new one, and was killed before the old one was gone: so
 * it is only for who knows that the new one came from here. Rejects with the file system's error.
 */
export async function moveEntry(from: string, to: string): Promise<void> {
  if (!(await holdsSomething(from))) return;
  if (!(await holdsSomething(to))) {
    await removeEmpty(to);
    try {
      await rename(from, to);
      return;
    } catch (error) {
      if (codeOf(error) !== 'EXDEV') throw error;
    }
    await copy(from, to);
  }
  await rm(from, { recursive: true });
}

const halfCopy = /^\.moving-.+\.tmp$/;

/** What a kill left of a copy. */
export async function removeHalfCopies(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (halfCopy.test(name)) await rm(join(directory, name), { recursive: true });
  }
}

/** Between two volumes: only once all of it is on the disk it gets its name. */
async function copy(from: string, to: string): Promise<void> {
  const half = join(dirname(to), `.moving-${basename(to)}.tmp`);
  await cp(from, half, { recursive: true, preserveTimestamps: true });
  await syncAll(half);
  await rename(half, to);
  await syncDirectory(dirname(to));
}

async function removeEmpty(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

async function syncAll(path: string): Promise<void> {
  const found = await stat(path);
  if (found.isDirectory()) {
    for (const name of await readdir(path)) await syncAll(join(path, name));
    await syncDirectory(path);
    return;
  }
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
