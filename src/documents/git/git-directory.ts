// Finds the directory of git for a working copy, without running git.
import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { codeOf } from '../../base/errors.ts';

export interface GitDirectory {
  /** HEAD, the index and its lock: of this working copy alone. */
  readonly own: string;
  /** Refs and objects, which linked working copies share. */
  readonly common: string;
  /** The topmost folder of the working copy. */
  readonly top: string;
}

/** The git directory of the working copy that a folder is in; null where there is none. */
export function findGitDirectory(folder: string): GitDirectory | null {
  for (let at = folder; ; at = dirname(at)) {
    const found = gitDirectoryAt(join(at, '.git'));
    if (found !== null) {
      const { own, isThere } = found;
      return isThere ? { own, common: commonDirectory(own), top: at } : null;
    }
    if (at === dirname(at)) return null;
  }
}

/** In a linked working copy, and in git-sync's, `.git` is a file that names the place. */
function gitDirectoryAt(path: string): { readonly own: string; readonly isThere: boolean } | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  // Git itself passes by a folder of that name that is no repository.
  if (stats.isDirectory()) return isRepository(path) ? { own: path, isThere: true } : null;
  const named = /^gitdir: (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1]?.trim();
  if (named === undefined) return null;
  const own = resolve(dirname(path), named);
  return { own, isThere: isRepository(own) };
}

/** The place that a `.git` file names may be elsewhere, such as on the host of a container. */
function isRepository(path: string): boolean {
  return readText(join(path, 'HEAD')) !== null;
}

function commonDirectory(own: string): string {
  const named = readText(join(own, 'commondir'));
  if (named === null) return own;
  return isAbsolute(named) ? named : resolve(own, named);
}

/** Whether it has only the newest commits of a history. */
export function isShallow({ common }: GitDirectory): boolean {
  return readText(join(common, 'shallow')) !== null;
}

/** Trimmed; null when there is no such file. Git leaves empty folders where refs once were. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error) ?? '')) return null;
    throw error;
  }
}
