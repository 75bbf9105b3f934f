// One small file of the state directory, read and replaced whole. `what` is what it holds, for messages.
import { rm } from 'node:fs/promises';
import { type Replacing, replaceFile } from '../../base/atomic-file.ts';
import { codeOf } from '../../base/errors.ts';
import { readRegular } from '../../base/read-regular-file.ts';
import { stateFailure } from './state-failure.ts';

/** Null where there is none. Throws `StateError` where it cannot be read. */
export async function readStateFile(path: string, what: string): Promise<string | null> {
  try {
    return await readRegular(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw stateFailure(`cannot read ${what} ${path}`, error);
  }
}

/** Throws `StateError`. */
export async function replaceStateFile(
  path: string,
  what: string,
  text: string,
  how: Replacing = {},
): Promise<void> {
  try {
    await replaceFile(path, text, how);
  } catch (error) {
    throw stateFailure(`cannot write ${what} ${path}`, error);
  }
}

/** Throws `StateError`; that there is none is fine. */
export async function removeStateFile(path: string, what: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw stateFailure(`cannot remove ${what} ${path}`, error);
  }
}
