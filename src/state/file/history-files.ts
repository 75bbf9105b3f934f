// The two files of the history. Lines are added to `history.ndjson`. Once that has its share of the room it becomes
// `history.1.ndjson`, whose own lines are then gone.
import { type FileHandle, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from '../../base/atomic-file.ts';
import { codeOf } from '../../base/errors.ts';
import { openRegular } from '../../base/read-regular-file.ts';
import { stateFailure } from './state-failure.ts';

export function historyFile(directory: string): string {
  return join(directory, 'history.ndjson');
}

/** Both, the newer first. */
export function historyFiles(directory: string): [newer: string, earlier: string] {
  const path = historyFile(directory);
  return [path, earlierFile(path)];
}

function earlierFile(path: string): string {
  return join(dirname(path), 'history.1.ndjson');
}

/**
 * Makes room for so many bytes more in the file at `path`, where it would take more than half of `mostBytes`: one
 * rename, so that no line is lost or stands twice at any time. A file without lines has room for whatever comes.
 * Rejects with the file system's error.
 */
export async function makeRoom(path: string, bytes: number, mostBytes: number): Promise<void> {
  const size = await sizeOf(path);
  if (size === 0 || size + bytes <= mostBytes / 2) return;
  await rename(path, earlierFile(path));
  await syncDirectory(dirname(path));
}

async function sizeOf(path: string): Promise<number> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : 0;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

/**
 * Both files as they were at one moment, the newer first; those that are there. To be closed by the caller. Throws
 * `StateError`.
 */
export async function openHistory(directory: string): Promise<FileHandle[]> {
  const path = historyFile(directory);
  for (;;) {
    const newer = await openIfThere(path);
    try {
      const earlier = await openIfThere(earlierFile(path));
      // Opened in between, the earlier file may be the newer one, or one that came after it.
      if ((await inodeAt(path)) === (await inodeOf(newer))) {
        return [newer, earlier].filter((file) => file !== null);
      }
      await earlier?.close();
    } catch (error) {
      await newer?.close();
      throw error;
    }
    await newer?.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await openRegular(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw stateFailure(`cannot read the history ${path}`, error);
  }
}

/** While a file is open no other one has its number. */
async function inodeOf(file: FileHandle | null): Promise<bigint | null> {
  return file === null ? null : (await file.stat({ bigint: true })).ino;
}

async function inodeAt(path: string): Promise<bigint | null> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw stateFailure(`cannot read the history ${path}`, error);
  }
}
