// Which files are not as a commit has them: edited and not committed, or not known to git at all.
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Commit } from '../../model/commit.ts';
import type { IsEdited } from '../../model/document.ts';
import { sha256 } from '../../model/widget.ts';
import { readFile } from '../tree/read-file.ts';
import { findGitDirectory } from './git-directory.ts';
import { withRepository } from './git-repository.ts';
import { GitTrees } from './git-tree.ts';
import { idOf } from './objects/git-object.ts';
import { commitOf } from './read-commit.ts';

/** The widget files that a commit has. */
interface Committed {
  /** Blobs by path from the widget directory. */
  readonly blobs: ReadonlyMap<string, string>;
  readonly hashLength: number;
}

/** Remembers the answers for one commit. */
export class EditedFiles {
  #commit: string | null = null;
  #root = '';
  #answer: IsEdited | null = null;

  /** `root` is the widget directory without links. The files are asked for when an answer is needed. */
  of(root: string, commit: Commit): IsEdited {
    if (this.#answer === null || this.#commit !== commit.id || this.#root !== root) {
      this.#commit = commit.id;
      this.#root = root;
      this.#answer = answersOf(root, commit);
    }
    return this.#answer;
  }
}

function answersOf(root: string, { id }: Commit): IsEdited {
  let committed: Committed | null | undefined;
  /** By file, of the bytes that were asked about last. */
  const known = new Map<string, { readonly digest: string; readonly answer: boolean }>();
  return ({ file, digest }) => {
    const before = known.get(file);
    if (before?.digest === digest) return before.answer;
    try {
      if (committed === undefined) committed = readCommitted(root, id);
      const whole = committed !== null && { ...committed, file, digest };
      const answer = whole !== false && differs(join(root, file), whole);
      known.set(file, { digest, answer });
      return answer;
    } catch {
      // Nothing is said where it cannot be told: the files or git's directory may be replaced at this moment.
      return false;
    }
  };
}

function readCommitted(root: string, id: string): Committed | null {
  return withRepository(root, ({ objects, place }) => {
    const commit = commitOf(objects, id);
    if (commit === null) return null;
    const trees = new GitTrees(objects);
    const folder = trees.at(commit.tree, place);
    const blobs = folder?.kind === 'folder' ? trees.filesBelow(folder.id) : new Map();
    return { blobs, hashLength: objects.hashLength };
  });
}

function differs(
  path: string,
  { blobs, hashLength, file, digest }: Committed & { file: string; digest: string },
): boolean {
  // Git has a link for it, not a file.
  if (realpathSync(path) !== path) return false;
  const blob = blobs.get(file);
  if (blob === undefined) return !isOfOtherRepository(path, file);
  const read = readFile(path, () => new Date(0));
  // It has changed since it was loaded, or is gone.
  if (!('bytes' in read) || sha256(read.bytes) !== digest) return false;
  const isCommitted = (bytes: Uint8Array) => idOf('blob', bytes, hashLength) === blob;
  return !isCommitted(read.bytes) && !isCommitted(withoutCarriageReturns(read.bytes));
}

/** A submodule's files are those of another repository, whose commit is not asked for. */
function isOfOtherRepository(path: string, file: string): boolean {
  const depth = file.split('/').length - 1;
  const root = join(path, ...Array.from({ length: depth + 1 }, () => '..'));
  return findGitDirectory(dirname(path))?.own !== findGitDirectory(root)?.own;
}

/** As git stores a text that a checkout has with the line ends of Windows. */
function withoutCarriageReturns(bytes: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}
