// What the files of a tree declare, remembered by their bytes from look to look: each by itself, and with all
// that it extends.
import { secretsVersion } from '../../base/secrets.ts';
import type { LoadedTree } from '../../model/document.ts';
import { isUnparsed } from '../check/file-content.ts';
import { type BuiltFiles, type BuiltTree, loadTree, type TreeFile } from '../tree/build-tree.ts';
import { atRest } from '../tree/file-age.ts';
import { recalled } from './composed-content.ts';
import { type ContentDeps, FileContents } from './file-contents.ts';
import { type Chain, FragmentChains } from './fragment-chains.ts';
import type { FragmentFiles } from './fragment-files.ts';
import type { Reached } from './fragment-problems.ts';
import { alongside, contentIn, isPassing, type KnownFile, withComposed } from './known-files.ts';
import { type FilesOfChains, filesOfChains, reachedAgain, reachedBy } from './reached-files.ts';
import { withFragments } from './tell-of-fragments.ts';
import { ValuePlaces } from './value-places.ts';

/** The files of one look with what they extend. */
export interface GatheredTree {
  readonly root: string;
  /** Sorted by path. */
  readonly files: readonly KnownFile[];
  readonly treeFiles: readonly TreeFile[];
  /** By the index of a file, its index in the tree before; -1 for a new one. Null where that is the same. */
  readonly indexBefore: readonly number[] | null;
  /** The indexes of files of which something else may come than before; null: all of them. */
  readonly moved: readonly number[] | null;
  readonly fragments: FragmentFiles;
  readonly chains: FragmentChains;
}

type LoadedFilesOfTree = BuiltTree & Pick<LoadedTree, 'fragments'>;

interface ComposedFiles {
  readonly files: readonly KnownFile[];
  readonly isSame: boolean;
}

interface Chains {
  /** Of what the files say. */
  readonly ofFiles: FragmentChains;
  /** Of what records say of files that were not parsed. */
  readonly ofRecords: FragmentChains;
}

/** What is gathered. */
export interface FoundTree {
  /** The widget directory, absolute. */
  readonly root: string;
  readonly files: readonly TreeFile[];
  /** Whether these are the very files of the tree that was loaded last. */
  readonly areSame: boolean;
  readonly fragments: FragmentFiles;
}

/** The tree that was loaded last. */
interface LastTree extends BuiltFiles {
  readonly files: readonly KnownFile[];
  readonly chains: ReadonlyMap<string, Chain>;
  readonly ofChains: FilesOfChains;
  /** The indexes of files of which something else comes as time goes by. */
  readonly passing: readonly number[];
  readonly reached: readonly Reached[];
}

const noTree: LastTree = {
  ...{ files: [], chains: new Map(), ofChains: new Map(), passing: [], reached: [] },
  ...{ built: [], duplicates: new Map() },
};

export interface LoadOptions {
  readonly now: Date;
  /** Whether what was written a moment ago is believed. */
  readonly isPatient: boolean;
}

export class TreeContents {
  readonly #remember: ContentDeps['remember'];
  readonly #notes: boolean;
  readonly #places = new ValuePlaces();
  readonly #contents: FileContents;
  #last = noTree;
  #secrets = secretsVersion();

  constructor(deps: ContentDeps) {
    this.#remember = deps.remember;
    this.#contents = new FileContents(deps);
    this.#notes = deps.notes ?? true;
  }

  /** A file that was read without a fault may hold a key that has come into force since: true where that is so. */
  forgetWhereKeysMoved(): boolean {
    if (this.#secrets === secretsVersion()) return false;
    this.#secrets = secretsVersion();
    this.#contents.forget();
    this.#last = noTree;
    return true;
  }

  onRead(digest: string, bytes: Uint8Array): void {
    this.#contents.onRead(digest, bytes);
  }

  /** Those of the last tree that was loaded, sorted by path. */
  get files(): readonly KnownFile[] {
    return this.#last.files;
  }

  /** Reads what the files extend. Throws `fragmentMoved` where a file has changed since it was read. */
  gather(tree: FoundTree): GatheredTree {
    return tree.areSame ? this.#gatherMoved(tree) : this.#gatherAll(tree);
  }

  #gatherAll({ root, files: treeFiles, fragments }: FoundTree): GatheredTree {
    const chains = this.#chainsOver(fragments);
    const before = alongside(this.#last.files);
    const indexBefore: number[] = [];
    const files = treeFiles.map((file) => {
      const index = before(file.path);
      indexBefore.push(index);
      const known = this.#last.files[index] ?? null;
      return isAsBefore(file, known, chains)
        ? known
        : this.#gathered(root, { file, known }, chains);
    });
    return { root, files, treeFiles, indexBefore, moved: null, fragments, chains: chains.ofFiles };
  }

  /** Of a file that did not move and whose chain is as it was, nothing is looked at. */
  #gatherMoved({ root, files: treeFiles, fragments }: FoundTree): GatheredTree {
    const chains = this.#chainsOver(fragments);
    const { files, ofChains, passing } = this.#last;
    const isMoved = new Set(passing);
    for (const [chain, indexes] of ofChains) {
      if (chains.ofFiles.renewed(chain) !== chain) for (const index of indexes) isMoved.add(index);
    }
    const moved = [...isMoved].sort((a, b) => a - b);
    const now = [...files];
    for (const index of moved) {
      const known = files[index];
      if (known !== undefined)
        now[index] = this.#gathered(root, { file: known.file, known }, chains);
    }
    const common = { root, files: now, treeFiles, fragments };
    return { ...common, indexBefore: null, moved, chains: chains.ofFiles };
  }

  #chainsOver(fragments: FragmentFiles): Chains {
    const { chains } = this.#last;
    // What only a record names is not kept, watched or counted.
    return {
      ofFiles: new FragmentChains(fragments, chains),
      ofRecords: new FragmentChains(fragments.afresh(), chains),
    };
  }

  #gathered(
    root: string,
    { file, known }: { readonly file: TreeFile; readonly known: KnownFile | null },
    { ofFiles, ofRecords }: Chains,
  ): KnownFile {
    if (!('digest' in file)) return { file, content: null, chain: null, composed: null };
    const before = known?.composed ?? null;
    let content = this.#contents.of(file.digest);
    if (isUnparsed(content)) {
      const recorded = ofRecords.chainOf(file.path, content.layer.unparsed);
      const unparsed = { bytes: file.digest, content, chain: recorded };
      const chainNow = () => ofFiles.renewed(recorded);
      const composed = recalled(unparsed, before, this.#remember, chainNow);
      if (composed !== null) return { file, content, chain: chainNow(), composed };
      content = this.#contents.parsed(root, file);
    }
    const { layer } = content;
    if (layer === undefined || 'unparsed' in layer) {
      return { file, content, chain: null, composed: null };
    }
    const entries = layer.entries.map(({ text }) => text);
    return { file, content, chain: ofFiles.chainOf(file.path, entries), composed: before };
  }

  /** What is of no file any more is forgotten. */
  load(tree: GatheredTree, { now, isPatient }: LoadOptions): LoadedFilesOfTree {
    const { files, isSame } = this.#composed(tree, now);
    const last = this.#last;
    const { moved, indexBefore, chains } = tree;
    const { built, duplicates, ...told } = loadTree(
      isPatient ? tree.treeFiles : tree.treeFiles.map(rested),
      (_, __, index) => contentIn(files[index], isPatient),
      {
        now,
        builtBefore: (index) => last.built[indexBefore?.[index] ?? index] ?? null,
        before: isSame ? { ...last, moved: moved ?? [] } : null,
      },
    );
    const renewed = [...last.ofChains.keys()].map(
      (chain) => [chain, chains.renewed(chain)] as const,
    );
    const reached = (isSame ? reachedAgain(last.reached, renewed) : null) ?? reachedBy(files);
    this.#last = {
      ...{ files, chains: chains.chains, built, duplicates, reached },
      ofChains: isSame ? withChains(last.ofChains, chains) : filesOfChains(files),
      passing: [...(moved ?? files.keys())].filter((index) => isPassing(files[index])),
    };
    if (this.#contents.count > files.length) {
      this.#contents.keep(files.flatMap(({ file }) => ('digest' in file ? file.digest : [])));
    }
    this.#keepPlaces(reached);
    if (reached.length === 0) return { ...told, fragments: [] };
    return withFragments(told, files, { reached, chains });
  }

  /** `isSame`: whether all that the files say by themselves is as it was. */
  #composed({ root, files: gathered, moved }: GatheredTree, now: Date): ComposedFiles {
    const options = { now, notes: this.#notes, places: this.#places };
    const files = [...gathered];
    let isSame = moved !== null;
    for (const index of moved ?? files.keys()) {
      const known = gathered[index];
      if (known === undefined) continue;
      files[index] = withComposed(known, root, options);
      isSame &&= known.content === this.#last.files[index]?.content;
    }
    return { files, isSame };
  }

  #keepPlaces(reached: readonly Reached[]): void {
    const ofFragments = new Set(reached.map(({ fragment }) => fragment.digest));
    this.#places.keep((digest) => ofFragments.has(digest) || this.#contents.has(digest));
  }
}

function withChains(ofChains: FilesOfChains, chains: FragmentChains): FilesOfChains {
  return new Map([...ofChains].map(([chain, indexes]) => [chains.renewed(chain), indexes]));
}

/** Whether nothing of it moved, nor of its chain. */
function isAsBefore(
  file: TreeFile,
  known: KnownFile | null,
  { ofFiles }: Chains,
): known is KnownFile {
  if (known?.file !== file) return false;
  const { chain } = known;
  return chain === null || ofFiles.renewed(chain) === chain;
}

function rested(file: TreeFile): TreeFile {
  return 'digest' in file && file.settlesInMs > 0 ? { ...file, ...atRest } : file;
}
