// Why a process that should follow an account cannot: beside the account's state, which may be another process's
// or may not be there yet, and where whoever looks at the state finds it.
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { makeDirectory } from '../../../base/atomic-file.ts';
import { codeOf } from '../../../base/errors.ts';
import { isJsonObject, parseJson } from '../../../base/json/json.ts';
import { hideSecrets } from '../../../base/secrets.ts';
import { stateFailure } from '../state-failure.ts';
import { readStateFile, removeStateFile, replaceStateFile } from '../state-file.ts';

// A dot: no account has such a name, whose state would lie there.
const fileOf = (directory: string) =>
  [`${directory}.unfollowed.json`, 'why an account is not followed,'] as const;

/** `directory`: that of the account's state. Throws `StateError`. */
export async function writeUnfollowed(directory: string, says: string): Promise<void> {
  const [path, what] = fileOf(directory);
  try {
    await makeDirectory(dirname(path));
  } catch (error) {
    throw stateFailure(`cannot make the state directory ${dirname(path)}`, error);
  }
  const text = JSON.stringify({ version: 1, pid: process.pid, host: hostname(), says });
  await replaceStateFile(path, what, hideSecrets(`${text}\n`));
}

/** It is followed, or is not to be. Throws `StateError`. */
export async function removeUnfollowed(directory: string): Promise<void> {
  await removeStateFile(...fileOf(directory));
}

/**
 * What the process said last that should follow the account; null where it has said nothing, or does not run
 * any more. Of a process on another host that is not known: what it said counts. Throws `StateError`.
 */
export async function readUnfollowed(directory: string): Promise<string | null> {
  const [path, what] = fileOf(directory);
  const text = await readStateFile(path, what);
  const read = text === null ? null : parseJson(text);
  if (!isJsonObject(read) || read['version'] !== 1) return null;
  const { pid, host, says } = read;
  if (typeof says !== 'string' || typeof pid !== 'number') return null;
  return host === hostname() && !isAlive(pid) ? null : says;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is another user's.
    return codeOf(error) === 'EPERM';
  }
}
