// The state directory before it is used: made where there is none, and locked.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory, replaceFile, syncDirectory } from '../../base/atomic-file.ts';
import { StateError } from '../../base/errors.ts';
import { adviceForAccount } from '../holder.ts';
import type { OpenOptions } from '../state-store.ts';
import { type Lock, takeLock } from './lock.ts';
import { refuseMoved } from './move/move-marks.ts';
import { recordsDirectory } from './read-records.ts';
import { stateFailure } from './state-failure.ts';

/** Makes the directory and takes its lock. Throws `StateTakenError` and `StateError`. */
export async function prepareDirectory(options: OpenOptions): Promise<Lock> {
  const { directory, command, clock, account = null } = options;
  const advice = account === null ? undefined : adviceForAccount(account);
  try {
    await makeStateDirectory(directory);
    const since = clock.now();
    const lock = await takeLock({ directory, command, advice, since, platform: process.platform });
    try {
      await refuseMoved(directory);
      await makeDirectory(recordsDirectory(directory));
      await syncDirectory(directory);
    } catch (error) {
      await lock.release();
      throw error;
    }
    return lock;
  } catch (error) {
    throw asStateError(`cannot use the state directory ${directory}`, error);
  }
}

/**
 * A directory that is made here, or is empty, stays out of the repository that it is in, as git sees it. In one that
 * was used, somebody may have wished otherwise.
 */
export async function makeStateDirectory(directory: string): Promise<void> {
  const isUsed = existsSync(directory) && readdirSync(directory).length > 0;
  await makeDirectory(directory);
  if (isUsed) return;
  await replaceFile(join(directory, '.gitignore'), '*\n');
}

export function asStateError(what: string, error: unknown): StateError {
  return error instanceof StateError ? error : stateFailure(what, error);
}
