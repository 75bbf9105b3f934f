// A directory where a record belongs, as a container runtime makes one for a file that it was to mount
// and did not find: it costs what a damaged record costs. Refuses to lose what somebody keeps in it.
import { randomUUID } from 'node:crypto';
import { rename, rmdir } from 'node:fs/promises';
import { replaceFile } from '../../base/atomic-file.ts';
import { codeOf } from '../../base/errors.ts';

/**
 * Replaces a file, also in the place of a directory. Resolves with the path that a directory which was
 * not empty has now; null where there was none.
 */
export async function replaceAnything(path: string, content: string): Promise<string | null> {
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
