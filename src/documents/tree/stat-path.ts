// Looks at what a path leads to, which may be gone, or become unreadable, at any moment.
import { lstatSync, type Stats, statSync } from 'node:fs';
import { codeOf } from '../../base/errors.ts';

/** Through links; null for what is gone or cannot be seen. */
export function statsOf(path: string): Stats | null {
  return orNull(path, statSync);
}

/** The stats of a link itself; null for what is gone or cannot be seen. */
export function linkStatsOf(path: string): Stats | null {
  return orNull(path, lstatSync);
}

/** The inode alone proves nothing: a folder that is made anew often gets the same one. */
export function folderIdentity({ dev, ino, birthtimeMs }: Stats): string {
  return `${dev}:${ino}:${birthtimeMs}`;
}

/** What is gone is mostly no exception: most paths that are looked at are not there, and errors cost more. */
function orNull(
  path: string,
  stat: (path: string, how: { throwIfNoEntry: false }) => Stats | undefined,
): Stats | null {
  try {
    return stat(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return null;
  }
}
