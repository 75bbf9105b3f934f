// The writing half of `import`: files that are new or replaced, whole or not at all. Refuses to
// overwrite what it did not read.
import { randomUUID } from 'node:crypto';
import {
  chmod,
  type FileHandle,
  open,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, messageOf, UsageError } from '../errors.ts';
import { makeDirectory } from '../state/atomic-file.ts';
import { printable } from '../text.ts';

/** Creates the directory where it is missing; gives the names in it, in lower case. */
export async function prepareDirectory(directory: string): Promise<Set<string>> {
  try {
    await makeDirectory(directory, 0o777);
    return new Set((await readdir(directory)).map((name) => name.toLowerCase()));
  } catch (error) {
    throw new UsageError(
      `The widget directory ${printable(directory)} cannot be used: ${messageOf(error)}.`,
    );
  }
}

/** False when the name is taken; rejects with the file system's error, and then leaves nothing. */
export async function createFile(path: string, text: string): Promise<boolean> {
  let file: FileHandle;
  try {
    file = await open(path, 'wx');
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await file.writeFile(text);
    return true;
  } catch (error) {
    // Half a file is worse than none. What went wrong first is what the caller must hear.
    await rm(path, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
}

/** By a temporary file and a rename; keeps the mode, and follows a link to the file that it names. */
export async function replaceText(path: string, text: string): Promise<void> {
  const target = await realpath(path);
  const { mode } = await stat(target);
  // Hidden, so that no reader of the directory takes it for a widget.
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
  try {
    await writeFile(temporary, text, { flag: 'wx', mode: 0o600, flush: true });
    await chmod(temporary, mode & 0o7777);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
