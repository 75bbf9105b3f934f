// Which files are not as a commit has them: edited and not committed, or not known to git at all.
import { realpathSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { Commit } from '../../model/commit.ts';
import type { IsEdited, WidgetDocument } from '../../model/document.ts';
import { sha256 } from '../../model/widget.ts';
import { readFile } from '../tree/read-file.ts';
import { findGitDirectory } from './git-directory.ts';
import { withRepository } from './git-repository.ts';
import { GitTrees } from './git-tree.ts';
import { idOf } from './objects/git-object.ts';
import { commitOf } from './read-commit.ts';

/** One of the files that a widget is made of, as it was read. */
export interface ReadLayer {
  /** From the widget directory, with forward slashes. */
  readonly file: string;
  /** Where its bytes are, without links. */
  readonly path: string;
  /** SHA-256 (hex) of its bytes. */
  readonly digest: string;
}

/** The fragments that reach a widget, and the digest of its own bytes. */
export interface ReadLayers {
  readonly own: string;
  readonly fragments: readonly ReadLayer[];
}

/** Null for a widget file that extends none. */
export type LayersOf = (file: string) => ReadLayers | null;

/** What a commit has. */
interface Committed {
  /** Of the widget files, their blobs by path from the widget directory. */
  readonly blobs: ReadonlyMap<string, string>;
  readonly hashLength: number;
}

/** Remembers the answers for one commit. */
export class EditedFiles {
  #known: Known | null = null;

  /**
   * `root` is the widget directory without links. The files are asked for when an answer is needed; `layersOf` says
   * which were read.
   */
  of(root: string, { id }: Commit, layersOf: LayersOf = () => null): IsEdited {
    if (this.#known?.commit !== id || this.#known.root !== root) this.#known = new Known(root, id);
    const known = this.#known;
    return ({ file, digest }: Pick<WidgetDocument, 'file' | 'digest'>) => {
      const layers = layersOf(file);
      if (known.isEdited({ file, digest: layers?.own ?? digest, path: join(root, file) }))
        return true;
      return layers?.fragments.some((fragment) => known.isFragmentEdited(fragment)) === true;
    };
  }
}

class Known {
  readonly root: string;
  readonly commit: string;
  #committed: Committed | null | undefined;
  /** By file, of the bytes that were asked about last. */
  readonly #answers = new Map<string, { readonly digest: string; readonly answer: boolean }>();
  /** Fragments' blobs, by file; null where the commit has none. */
  readonly #fragments = new Map<string, string | null>();

  constructor(root: string, commit: string) {
    this.root = root;
    this.commit = commit;
  }

  isEdited(layer: ReadLayer): boolean {
    return this.#answer(layer, () => {
      const committed = this.#readCommitted();
      // Git has a link for it, not a file.
      if (committed === null || realpathSync(layer.path) !== layer.path) return false;
      const { blobs, hashLength } = committed;
      return this.#differs(layer, blobs.get(layer.file) ?? null, hashLength);
    });
  }

  /** A fragment may stand behind links, and above the widget directory. */
  isFragmentEdited(layer: ReadLayer): boolean {
    return this.#answer(layer, () => {
      const committed = this.#readCommitted();
      if (committed === null) return false;
      if (!this.#fragments.has(layer.file)) {
        this.#fragments.set(layer.file, readFragmentBlob(this, layer.file));
      }
      const blob = this.#fragments.get(layer.file) ?? null;
      return this.#differs(layer, blob, committed.hashLength);
    });
  }

  #readCommitted(): Committed | null {
    if (this.#committed === undefined) this.#committed = readCommitted(this);
    return this.#committed;
  }

  #answer({ file, digest }: ReadLayer, find: () => boolean): boolean {
    const before = this.#answers.get(file);
    if (before?.digest === digest) return before.answer;
    try {
      const answer = find();
      this.#answers.set(file, { digest, answer });
      return answer;
    } catch {
      // Nothing is said where it cannot be told: the files or git's directory may be replaced at this moment.
      return false;
    }
  }

  #differs({ path, digest }: ReadLayer, blob: string | null, hashLength: number): boolean {
    if (blob === null) return !this.#isOfOtherRepository(path);
    const read = readFile(path, () => new Date(0));
    // It has changed since it was loaded, or is gone.
    if (!('bytes' in read) || sha256(read.bytes) !== digest) return false;
    const isCommitted = (bytes: Uint8Array) => idOf('blob', bytes, hashLength) === blob;
    return !isCommitted(read.bytes) && !isCommitted(withoutCarriageReturns(read.bytes));
  }

  /** A submodule's files are those of another repository, whose commit is not asked for. */
  #isOfOtherRepository(path: string): boolean {
    return findGitDirectory(dirname(path))?.own !== findGitDirectory(this.root)?.own;
  }
}

type Asked = Pick<Known, 'root' | 'commit'>;

function readCommitted({ root, commit: id }: Asked): Committed | null {
  return withRepository(root, ({ objects, place }) => {
    const commit = commitOf(objects, id);
    if (commit === null) return null;
    const trees = new GitTrees(objects);
    const folder = trees.at(commit.tree, place);
    const blobs = folder?.kind === 'folder' ? trees.filesBelow(folder.id) : new Map();
    return { blobs, hashLength: objects.hashLength };
  });
}

/** As the commit's own links lead to it. */
function readFragmentBlob({ root, commit: id }: Asked, file: string): string | null {
  return withRepository(root, ({ objects, place }) => {
    const commit = commitOf(objects, id);
    const path = posix.join(place, file);
    return commit === null ? null : (new GitTrees(objects).follow(commit.tree, path)?.id ?? null);
  });
}

/** As git stores a text that a checkout has with the line ends of Windows. */
function withoutCarriageReturns(bytes: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}
