// The writing half of `import`: files that are new or replaced, whole or not at all. Refuses to
// overwrite what it did not read.
import type { Stats } from 'node:fs';
import { chmod, chown, open, readdir, realpath, stat } from 'node:fs/promises';
import { createBy, makeDirectory, replaceBy, writeSynced } from '../../base/atomic-file.ts';
import { messageOf, UsageError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';

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
  return await createBy(path, async (temporary) => {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
  });
}

/**
 * By a temporary file and a rename, so that the file is whole at every moment; keeps owner, group and
 * mode, and follows a link to the file that it names. Gives what could not be kept, in words that follow
 * the file's name. Rejects with the file system's error, as for any write, where the file is read-only.
 */
export async function replaceText(path: string, text: string): Promise<readonly string[]> {
  const target = await realpath(path);
  const before = await statWritable(target);
  return await replaceBy(target, async (temporary) => {
    await writeSynced(temporary, text);
    return lossesOf(before, await giveTo(before, temporary));
  });
}

/** A rename needs leave of the directory alone, and would replace a file that is read-only. */
async function statWritable(path: string): Promise<Stats> {
  const file = await open(path, 'r+');
  try {
    return await file.stat();
  } finally {
    await file.close();
  }
}

type Ownership = Pick<Stats, 'uid' | 'gid' | 'mode' | 'nlink'>;

/** Gives the file its former owner, as far as we may; resolves with the owner that it has now. */
async function giveTo({ uid, gid, mode }: Ownership, path: string): Promise<Ownership> {
  let now = await stat(path);
  if (now.uid !== uid || now.gid !== gid) {
    // Only root gives files away, but everybody to a group of theirs. What came of it shows in the stat:
    // some file systems accept any owner and keep their own.
    await chown(path, uid, gid)
      .catch(() => chown(path, now.uid, gid))
      .catch(() => undefined);
    now = await stat(path);
  }
  // A file that was meant for one group is for no other.
  const ofGroup = now.gid === gid ? mode & 0o070 : (mode & 0o007) << 3;
  await chmod(path, (mode & 0o7707) | ofGroup);
  return now;
}

function lossesOf(before: Ownership, after: Ownership): string[] {
  const losses: string[] = [];
  if (before.uid !== after.uid || before.gid !== after.gid) {
    losses.push(
      `belongs to ${ownerOf(after)} now, and not to ${ownerOf(before)} as before: only root may give files away; give it back with chown`,
    );
  }
  if (before.nlink > 1) {
    const others = before.nlink === 2 ? 'other name still has' : 'other names still have';
    losses.push(
      `was one of ${before.nlink} names of a file (hard links): the ${others} the old text`,
    );
  }
  return losses;
}

function ownerOf({ uid, gid }: Ownership): string {
  return `user ${uid} and group ${gid}`;
}
