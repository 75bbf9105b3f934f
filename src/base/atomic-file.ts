// Files that are whole or not there: replaced by rename, appended by one write, both on disk before
// the promise resolves. Refuses to swallow a failure: a full disk must leave the old content. All that is
// kept passes here, and the API key is hidden in it.
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { chmod, copyFile, link, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from './errors.ts';
import { hideOnDisk, hideSecrets } from './secrets.ts';

const leftoverName = /^\..+\.[0-9a-f-]{36}\.tmp$/;

export interface Replacing {
  /**
   * Whether a power failure may leave the file from before, whole: fine for what is written anew each few
   * seconds. Default: no.
   */
  readonly mayBeUndone?: boolean;
}

/** Puts `text` in the place of whatever file is at `path`; rejects with the file system's error. */
export async function replaceFile(path: string, text: string, how: Replacing = {}): Promise<void> {
  await replaceBy(path, (temporary) => writeSynced(temporary, hideOnDisk(text)), how);
}

/** As `replaceFile`, for a file that a person has asked for: others may read it as far as the umask lets them. */
export async function replaceOutput(path: string, text: string): Promise<void> {
  const before = await stat(path).catch(() => null);
  await replaceBy(path, async (temporary) => {
    await writeSynced(temporary, hideOnDisk(text), 0o666);
    if (before !== null) await chmod(temporary, before.mode & 0o777);
  });
}

/**
 * Puts the file that `make` writes, at the path that it is given, in the place of whatever is at `path`.
 * Resolves with what `make` did; rejects with the file system's error.
 */
export async function replaceBy<Made>(
  path: string,
  make: (temporary: string) => Promise<Made>,
  { mayBeUndone = false }: Replacing = {},
): Promise<Made> {
  const temporary = temporaryPath(path);
  try {
    const made = await make(temporary);
    await rename(temporary, path);
    if (!mayBeUndone) await syncDirectory(dirname(path));
    return made;
  } catch (error) {
    // The caller must hear the first error; a file left here goes at the next open.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * Makes the file that `make` writes, at the path that it is given, be at `path`, if nothing is there: false where
 * something is, a link included. Rejects with the file system's error, and then leaves nothing.
 */
export async function createBy(
  path: string,
  make: (temporary: string) => Promise<void>,
): Promise<boolean> {
  const temporary = temporaryPath(path);
  try {
    await make(temporary);
    await link(temporary, path).catch(async (error: unknown) => {
      if (!unlinkable.includes(codeOf(error) ?? '')) throw error;
      await copyFile(temporary, path, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    // What went wrong first is what the caller must hear.
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** What file systems without hard links answer. There a kill may leave half a file. */
const unlinkable: readonly string[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * Replaces the file as `replaceFile` does, and before anything else can happen in this process. It is for
 * the rare time that this is needed: nothing else waits for the disk so.
 */
export function replaceFileSync(path: string, text: string): void {
  const content = Buffer.from(hideOnDisk(text));
  const temporary = temporaryPath(path);
  try {
    const file = openSync(temporary, 'wx', 0o600);
    try {
      requireWhole(writeSync(file, content), content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    removeSync(temporary);
    throw error;
  }
  syncDirectorySync(dirname(path));
}

/**
 * A file for others to read, such as a page: with the mode that the user's umask gives, and without
 * anything that has the form of a key. Neither atomic nor synced: whoever needs that moves it into place.
 */
export async function writePublic(path: string, text: string): Promise<void> {
  await writeFile(path, hideSecrets(text));
}

/** Removes what `replaceFile` leaves when the process is killed. Only for the one who may write. */
export async function removeLeftovers(directory: string): Promise<void> {
  for (const name of readdirSync(directory)) {
    if (leftoverName.test(name)) await rm(join(directory, name), { force: true });
  }
}

/**
 * Adds one line with a single write. A line torn by an earlier crash or a full disk is ended first,
 * so that it costs itself and not this one too.
 */
export async function appendLine(path: string, line: string): Promise<void> {
  const file = await open(path, 'a+', 0o600);
  try {
    const { size } = await file.stat();
    try {
      await writeLine(file, size, line);
      if (size === 0) await syncDirectory(dirname(path));
    } catch (error) {
      // Half a line is torn; whole ones would stand twice once they are written again.
      await file.truncate(size).catch(() => undefined);
      throw error;
    }
  } finally {
    // Whatever there is to say of what was written, the sync has said.
    await file.close().catch(() => undefined);
  }
}

/** Writes a block to the disk and takes it away again: rejects where records could not be kept. */
export async function probeWritable(directory: string): Promise<void> {
  const probe = temporaryPath(join(directory, 'probe'));
  try {
    await writeSynced(probe, ' '.repeat(4096));
  } finally {
    await rm(probe, { force: true });
  }
}

/**
 * Makes the directory and its missing parents, for the owner alone unless told otherwise. Node's own
 * recursive `mkdir` never comes back where the system answers ENOENT for every new name, as /proc does (seen
 * with 20.20).
 */
export async function makeDirectory(path: string, mode = 0o700): Promise<void> {
  try {
    await makeOne(path, mode);
  } catch (error) {
    const parent = dirname(path);
    if (codeOf(error) !== 'ENOENT' || parent === path) throw error;
    await makeDirectory(parent, mode);
    await makeOne(path, mode);
  }
}

async function makeOne(path: string, mode: number): Promise<void> {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Read-only parents and Windows drives answer with other codes than EEXIST for what is there.
    if (!isDirectory(path)) throw error;
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // The caller must hear why it could not be made.
    return false;
  }
}

/** Makes renames and new names in the directory last through a power failure. */
export async function syncDirectory(directory: string): Promise<void> {
  // Windows cannot open a directory; NTFS journals its names by itself.
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function syncDirectorySync(directory: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Removes the file where that is possible: a file left here goes at the next open. */
function removeSync(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The caller must hear the error from before this.
  }
}

const newline = '\n'.charCodeAt(0);

type Handle = Awaited<ReturnType<typeof open>>;

async function writeLine(file: Handle, size: number, line: string): Promise<void> {
  const torn = size > 0 && (await readByte(file, size - 1)) !== newline;
  const content = Buffer.from(`${torn ? '\n' : ''}${hideOnDisk(line)}\n`);
  const { bytesWritten } = await file.write(content);
  requireWhole(bytesWritten, content);
  await file.sync();
}

function requireWhole(bytesWritten: number, { length }: Uint8Array): void {
  if (bytesWritten === length) return;
  throw new Error(`only ${bytesWritten} of ${length} bytes could be written`);
}

async function readByte(file: Handle, position: number): Promise<number | undefined> {
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, position);
  return buffer[0];
}

/** Hidden, and in the directory of the file itself: rename is atomic only within one file system. */
function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
}

/** Fails where the path is taken. The API key is not hidden here. */
export async function writeSynced(path: string, content: string, mode = 0o600): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
