// Tells what git is doing to a working copy at the moment, from the marks that it leaves in its directory.
import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, messageOf } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import type { Finding } from '../../model/document.ts';
import { warningAt } from '../parse/finding.ts';
import { startOfFile } from '../parse/source-text.ts';
import { findGitDirectory, type GitDirectory } from './git-directory.ts';

export interface GitOperation {
  /** `lock`: git is writing now. `halfway`: it may have stopped to ask a person. */
  readonly kind: 'lock' | 'halfway';
  /** The operation, in the words of a person. */
  readonly name: string;
  /** Its mark: removed when the operation ends. */
  readonly path: string;
  /** When it began, by the mark's time: milliseconds since 1970. */
  readonly sinceMs: number;
}

export interface GitState {
  /** Null where it may not be read. */
  readonly directory: GitDirectory | null;
  readonly operation: GitOperation | null;
  /** Another one after each operation that git has finished. */
  readonly index: string;
  /** Said where none of this can be seen. */
  readonly hidden: Finding | null;
}

/** The operation that is named first counts: while a lock exists, git writes. */
const marks = [
  { kind: 'lock', file: 'index.lock', name: 'git is writing' },
  { kind: 'halfway', file: 'rebase-merge', name: 'a rebase is in progress' },
  { kind: 'halfway', file: 'rebase-apply', name: 'a rebase, or git am, is in progress' },
  { kind: 'halfway', file: 'MERGE_HEAD', name: 'a merge is in progress' },
  { kind: 'halfway', file: 'CHERRY_PICK_HEAD', name: 'a cherry-pick is in progress' },
  { kind: 'halfway', file: 'REVERT_HEAD', name: 'a revert is in progress' },
] as const;

/** Null where the folder is in no working copy. Throws what the file system throws. */
export function readGitState(folder: string): GitState | null {
  try {
    const git = findGitDirectory(folder);
    if (git === null) return null;
    const index = markOf(join(git.own, 'index'));
    return { directory: git, operation: findOperation(git.own), index, hidden: null };
  } catch (error) {
    switch (codeOf(error)) {
      case 'EACCES':
      case 'EPERM':
        return { directory: null, operation: null, index: '', hidden: hiddenGit(error) };
      // It was removed, or made anew, at this very moment.
      case 'ENOENT':
      case 'ENOTDIR':
        return null;
      default:
        throw error;
    }
  }
}

function hiddenGit(error: unknown): Finding {
  return warningAt(startOfFile, 'hidden-git', {
    summary: "git's directory may not be read, so that its locks are not seen",
    detail: `Half a checkout could be taken for a whole one. Let the user that runs widget-sync read it (${printable(messageOf(error))}).`,
  });
}

function findOperation(own: string): GitOperation | null {
  for (const { kind, file, name } of marks) {
    const path = join(own, file);
    const stats = look(path);
    if (stats !== undefined) return { kind, name, path, sinceMs: stats.mtimeMs };
  }
  return null;
}

function markOf(path: string): string {
  const stats = look(path);
  return stats === undefined ? '' : `${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`;
}

function look(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
