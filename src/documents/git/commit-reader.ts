// The commit that a directory's content comes from, over many looks.
import type { Commit } from '../../model/commit.ts';
import { readCommit } from './read-commit.ts';
import { readRevision } from './read-revision.ts';

/** The part of a loaded tree that says which commit it is of. */
export interface CommitOrigin {
  /** The hash in full; null where none can be told. */
  readonly revision: string | null;
  /** The committer's date. */
  readonly committedAt: Date | null;
  /** Absent where the object cannot be read. */
  readonly commit?: Commit;
}

export const noCommit: CommitOrigin = { revision: null, committedAt: null };

/** The object store may be packed anew at the very moment it is asked. */
const mostTries = 3;

/** Asks the object store once for each commit, or a few times where that comes to nothing. */
export class CommitReader {
  #last: CommitOrigin = noCommit;
  #tries = 0;

  /** `revision`: of the folder, where it is known. */
  read(folder: string, revision = readRevision(folder)): CommitOrigin {
    if (revision === null) return noCommit;
    const isNew = revision !== this.#last.revision;
    this.#tries = isNew ? 0 : this.#tries;
    if (isNew || (this.#last.committedAt === null && this.#tries < mostTries)) {
      this.#tries += 1;
      this.#last = originOf(folder, revision);
    }
    return this.#last;
  }
}

function originOf(folder: string, revision: string): CommitOrigin {
  const found = readCommit(folder, revision);
  if (found === null) return { revision, committedAt: null };
  const { id, subject, author, time } = found;
  return { revision, committedAt: time, commit: { id, subject, author, time } };
}
