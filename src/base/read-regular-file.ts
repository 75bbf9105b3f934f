// A file of the state directory as text. Refuses anything but a regular file: a pipe under that name
// would block the one who opens it for ever.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const reading = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Rejects with the file system's error, or where something else than a file stands there. */
export async function openRegular(path: string): Promise<FileHandle> {
  const file = await open(path, reading);
  try {
    const stats = await file.stat();
    if (stats.isFile()) return file;
    throw notRegular(path);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Reads the file as text. Rejects as `openRegular` does. At once: four promises for a small file cost twenty
 * times what the file does, and a process of many accounts reads ten such files for each.
 */
export async function readRegular(path: string): Promise<string> {
  const file = openSync(path, reading);
  try {
    if (!fstatSync(file).isFile()) throw notRegular(path);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function notRegular(path: string): Error {
  const error = new Error(`EISDIR: not a regular file, open '${path}'`);
  return Object.assign(error, { code: 'EISDIR' });
}
