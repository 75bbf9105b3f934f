// A directory where a record belongs, as a container runtime makes one for a file that it was to mount
// and did not find: it costs what a damaged record costs. Refuses to lose what somebody keeps in it.
import { randomUUID } from 'node:crypto';
import { rename, rmdir } from 'node:fs/promises';
import { replaceFile } from '../../base/atomic-file.ts';
import { codeOf } from '../../base/errors.ts';
import { stateFailure } from './state-failure.ts';

const movedWords =
  'a directory that is not empty stood where a state record belongs; it was moved aside';

/** Throws `StateError`; the earlier record then still stands. */
export async function replaceRecord(
  path: string,
  content: string,
  warn: (message: string, fields: object) => void,
): Promise<void> {
  try {
    const aside = await replaceAnything(path, content);
    if (aside !== null) warn(movedWords, { record: path, aside });
  } catch (error) {
    throw stateFailure(`cannot write the state record ${path}`, error);
  }
}

/** Resolves with the path that a directory which was not empty has now; null where there was none. */
async function replaceAnything(path: string, content: string): Promise<string | null> {
  try {
    await replaceFile(path, content);
    return null;
  } catch (error) {
    if (codeOf(error) !== 'EISDIR') throw error;
  }
  const aside = await makeWay(path);
  await replaceFile(path, content);
  return aside;
}

async function makeWay(path: string): Promise<string | null> {
  try {
    await rmdir(path);
    return null;
  } catch (error) {
    // POSIX allows either answer for a directory that is not empty.
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
  }
  // Without the ending of a record, so that it is not looked at again.
  const aside = `${path}.${randomUUID()}.aside`;
  await rename(path, aside);
  return aside;
}
