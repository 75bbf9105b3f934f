// The fragments of a commit, found as the files of a directory are: by text, then through the links that the commit
// has. Reads git's objects, and nothing else.
import { posix } from 'node:path';
import { type FragmentContent, readFragment } from '../check/fragment-content.ts';
import type { Fragment, Refused } from '../fragments/fragment-files.ts';
import { atRest } from '../tree/file-age.ts';
import {
  type EntryRefusal,
  fragmentRule,
  isFragmentName,
  nameFragment,
  shownEntry,
} from '../tree/name-fragment.ts';
import { largestFile, tooLarge } from '../tree/unreadable-file.ts';
import { type GitTrees, MissingObject } from './git-tree.ts';
import type { ObjectStore } from './objects/object-store.ts';

/** A commit's tree, and where in it the files are. */
export interface CommitPlace {
  readonly tree: string;
  /** The source root from the tree's own folder, '' for that folder. */
  readonly top: string;
  /** The widget directory from the source root. */
  readonly place: string;
}

export class CommitFragments {
  readonly #objects: ObjectStore;
  readonly #trees: GitTrees;
  readonly #at: CommitPlace;
  readonly #contents = new Map<string, FragmentContent>();

  constructor(objects: ObjectStore, trees: GitTrees, at: CommitPlace) {
    this.#objects = objects;
    this.#trees = trees;
    this.#at = at;
  }

  /** What an entry of the file `from` names. Throws `MissingObject`. */
  resolve(from: string, entry: string): Fragment | Refused {
    const { tree, top, place } = this.#at;
    const named = nameFragment(place, from, entry);
    if (named === null) return outside(entry);
    if ('code' in named) return { refusal: named };
    const { file, below } = named;
    const found = this.#trees.follow(tree, posix.join(top, below));
    if (found === null) return missing(entry);
    const target = posix.relative(`/${top}`, `/${found.path}`);
    if (target.startsWith('../')) return outside(entry);
    if (target !== below && !isFragmentName(posix.relative(`/${place}`, `/${target}`))) {
      const summary = `the link ${shownEntry(entry)} leads to what is no fragment by its name`;
      return refused('not-a-fragment', summary, fragmentRule);
    }
    return { file, path: null, digest: found.id, content: this.#read(found.id), rest: atRest };
  }

  #read(blob: string): FragmentContent {
    const known = this.#contents.get(blob);
    if (known !== undefined) return known;
    const object = this.#objects.read(blob);
    if (object?.type !== 'blob') throw new MissingObject(`the file ${blob}`);
    const { bytes } = object;
    const content = bytes.length <= largestFile ? readFragment(bytes) : unread(bytes.length);
    this.#contents.set(blob, content);
    return content;
  }
}

function unread(size: number): FragmentContent {
  return { entries: [], omit: [], value: null, findings: [tooLarge(size)], meaning: '' };
}

function outside(entry: string): Refused {
  const detail = 'What lies there is of no commit of this repository.';
  return refused('fragment-outside', `${shownEntry(entry)} leads out of the source root`, detail);
}

function missing(entry: string): Refused {
  const detail = 'The commit has no such file.';
  return refused('missing-fragment', `there is no file ${shownEntry(entry)}`, detail);
}

function refused(code: EntryRefusal['code'], summary: string, detail: string): Refused {
  return { refusal: { code, summary, detail } };
}
