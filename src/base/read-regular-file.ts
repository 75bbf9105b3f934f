// A file of the state directory as text. Refuses anything but a regular file: a pipe under that name
// would block the one who opens it for ever.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Rejects with the file system's error, or where something else than a file stands there. */
export async function openRegular(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await file.stat();
    if (stats.isFile()) return file;
    throw Object.assign(new Error(`EISDIR: not a regular file, open '${path}'`), {
      code: 'EISDIR',
    });
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Reads the file as text. Rejects as `openRegular` does. */
export async function readRegular(path: string): Promise<string> {
  const file = await openRegular(path);
  try {
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
