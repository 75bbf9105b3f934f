// The repository that a folder is in: git's directory and its objects, for as long as they are asked.
import { realpathSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { codeOf, messageOf, UsageError } from '../../base/errors.ts';
import { findGitDirectory, type GitDirectory } from './git-directory.ts';
import { ObjectStore } from './objects/object-store.ts';

export interface GitRepository {
  readonly git: GitDirectory;
  readonly objects: ObjectStore;
  /** The folder from the top of the working copy, with forward slashes; '' for the top itself. */
  readonly place: string;
}

/**
 * Null where the folder is in no working copy. The folder itself need not exist any more. Throws `UsageError`
 * where git's files cannot be read, and what `use` throws.
 */
export function withRepository<Result>(
  folder: string,
  use: (repository: GitRepository) => Result,
): Result | null {
  try {
    const path = realPath(folder);
    const git = findGitDirectory(path);
    if (git === null) return null;
    const objects = new ObjectStore(git.common);
    try {
      return use({ git, objects, place: relative(git.top, path).split(sep).join('/') });
    } finally {
      objects.close();
    }
  } catch (error) {
    if (error instanceof UsageError || codeOf(error) === null) throw error;
    throw new UsageError(`git's files cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** Without links, as far as it exists. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || path === dirname(path)) throw error;
    return join(realPath(dirname(path)), basename(path));
  }
}
