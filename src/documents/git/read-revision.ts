// Which commit a directory's content comes from, without running git: git-sync publishes it in the
// name of its link's target, and a repository says it in HEAD. Tells nothing of uncommitted edits.
import { realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { codeOf } from '../../base/errors.ts';
import { findGitDirectory, type GitDirectory } from './git-directory.ts';
import { readRef } from './refs.ts';

const commitHash = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** The commit's hash in full; null where none can be told. */
export function readRevision(directory: string): string | null {
  try {
    const root = realpathSync(directory);
    return publishedCommit(root) ?? headOf(findGitDirectory(root));
  } catch (error) {
    // The directory may be replaced at this very moment, or may not be read: then no commit is told.
    if (codeOf(error) === null) throw error;
    return null;
  }
}

/** The same of a directory without links, whose git directory was found. */
export function revisionIn(root: string, git: GitDirectory | null): string | null {
  try {
    return publishedCommit(root) ?? headOf(git);
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return null;
  }
}

function headOf(git: GitDirectory | null): string | null {
  return git === null ? null : readRef(git, 'HEAD');
}

/** git-sync's written contract: the base name of its link's target is the commit. */
export function publishedCommit(path: string): string | null {
  const tree = publishedTree(path);
  return tree === null ? null : basename(tree);
}

function publishedTree(path: string): string | null {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    if (basename(dirname(at)) === '.worktrees' && commitHash.test(basename(at))) return at;
  }
  return null;
}

/**
 * The topmost folder of the working copy that an absolute path leads into, by a name that stays the same from one
 * commit to the next: of what git-sync publishes its link, not the folder of a commit. Null where no commit can be
 * told of the path, or there is none now.
 */
export function workingCopyAt(path: string): string | null {
  try {
    const real = realpathSync(path);
    const tree = publishedTree(real);
    const top = tree ?? findGitDirectory(real)?.top ?? null;
    if (top === null) return null;
    for (let at = path; ; at = dirname(at)) {
      if (realpathSync(at) === top) return at;
      if (at === dirname(at)) break;
    }
    // A link within the path leads into the middle of it.
    return tree === null ? top : dirname(dirname(tree));
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return null;
  }
}
