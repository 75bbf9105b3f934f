// Reads a tree of widget files and the fragments that they extend: only what moved since the time before, and
// nothing anew where nothing did.
import type { Clock } from '../../base/clock.ts';
import type { LoadedTree } from '../../model/document.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { ContentDeps } from '../fragments/file-contents.ts';
import type { Chain } from '../fragments/fragment-chains.ts';
import {
  FragmentFiles,
  fragmentMoved,
  noFragmentsSeen,
  type SeenFragments,
} from '../fragments/fragment-files.ts';
import { fileAt } from '../fragments/known-files.ts';
import { type GatheredTree, TreeContents } from '../fragments/tree-contents.ts';
import type { LayersOf } from '../git/edited-files.ts';
import type { TreeFile } from './build-tree.ts';
import { settledAfterMs } from './file-age.ts';
import type { Snapshot } from './settle-detector.ts';
import type { Roots, SourceRoot } from './source-root.ts';
import { readTree, type Tree } from './walk-tree.ts';

export interface TreeReaderDeps extends ContentDeps {
  readonly clock: Clock;
}

/** A tree and its fragments, of one moment if nothing is torn. */
export interface ReadTree
  extends Pick<Snapshot, 'files' | 'fragments' | 'isTorn' | 'youngForMs' | 'changedAtMs'> {
  readonly tree: Tree;
  /** Without links. */
  readonly root: string;
  readonly sources: SourceRoot;
  /** Null where all is as it was loaded before. */
  readonly gathered: GatheredTree | null;
}

type Loaded = Omit<LoadedTree, 'revision' | 'committedAt' | 'commit' | 'isEdited' | 'source'>;

/** A file as it was last loaded. */
export interface LoadedFile {
  /** Absolute. */
  readonly path: string;
  /** SHA-256 (hex) of its bytes. */
  readonly bytes: string;
  readonly kind: 'widget' | 'fragment';
  /** What a widget file extends; null where it extends nothing. */
  readonly chain: Chain | null;
}

export class TreeReader {
  readonly #clock: Clock;
  readonly #contents: TreeContents;
  #seen: Tree['seen'] = new Map();
  #fragments: SeenFragments = noFragmentsSeen;
  /** What was loaded last, and is still so where nothing moved since. */
  #last: Loaded | null = null;
  #root = '';
  /** The source root then: with another one, other fragments may be named. */
  #top = '';
  /** As they were read then, with the widget of each. */
  #files: ReadTree['files'] = new Map();
  #fileCount = 0;

  constructor(deps: TreeReaderDeps) {
    this.#clock = deps.clock;
    this.#contents = new TreeContents(deps);
  }

  /** Null when something was overtaken on the way. Throws as `readTree` does. */
  read({ root, sources }: Roots): ReadTree | null {
    this.#forgetWhereKeysMoved();
    const now = () => this.#clock.now();
    const onRead = (digest: string, bytes: Uint8Array) => this.#contents.onRead(digest, bytes);
    const tree = readTree(root, this.#seen, { now, onRead });
    if (tree === null) return null;
    try {
      const looked = new FragmentFiles(sources, this.#fragments, now);
      if (this.#isKnown(tree, sources) && looked.isAsBefore()) {
        const before = { files: this.#files, root: root.path, sources, gathered: null };
        return this.#readOf(tree, looked, before);
      }
      const fragments = looked.afresh();
      const areSame = this.#hasSameFiles(tree);
      const { files: read } = tree;
      const gathered = this.#contents.gather({ root: root.path, files: read, areSame, fragments });
      const files = areSame ? this.#files : widgetsIn(gathered);
      return this.#readOf(tree, fragments, { files, root: root.path, sources, gathered });
    } catch (error) {
      if (error === fragmentMoved) return null;
      throw error;
    }
  }

  /** `isPatient`: whether what was written a moment ago is waited for. */
  load(
    { tree, root, sources, files: widgets, gathered }: ReadTree,
    { isPatient }: { readonly isPatient: boolean },
  ): Loaded {
    const { folders } = tree;
    this.#root = root;
    this.#top = sources.top;
    if (gathered === null && this.#last !== null) return { ...this.#last, folders };
    if (gathered === null) throw new Error('nothing was loaded that could be as it was');
    const loaded = this.#contents.load(gathered, { now: this.#clock.now(), isPatient });
    this.#seen = tree.seen;
    this.#files = widgets;
    this.#fragments = gathered.fragments.seen;
    this.#fileCount = tree.files.length;
    const { places } = gathered.fragments;
    this.#last = { ...loaded, folders, ...(places.size > 0 && { places }) };
    return this.#last;
  }

  /** By its name from the widget directory. */
  fileOf(file: string): LoadedFile | undefined {
    const known = fileAt(this.#contents.files, file);
    if (known !== undefined && 'digest' in known.file) {
      const { digest } = known.file;
      return { path: `${this.#root}/${file}`, bytes: digest, kind: 'widget', chain: known.chain };
    }
    const found = this.#fragments.found.get(file);
    if (typeof found !== 'object' || found.path === null || found.digest === null) return undefined;
    return { path: found.path, bytes: found.digest, kind: 'fragment', chain: null };
  }

  /** Of the last tree, also when there is another one. */
  get layersOf(): LayersOf {
    const { files } = this.#contents;
    return (name) => {
      const { file, chain = null } = fileAt(files, name) ?? {};
      if (file === undefined || !('digest' in file) || chain === null) return null;
      const read = chain.fragments.flatMap(({ file: fragment, path, digest }) =>
        path === null || digest === null ? [] : [{ file: fragment, path, digest }],
      );
      return { own: file.digest, fragments: read };
    };
  }

  #isKnown(tree: Tree, { top }: SourceRoot): boolean {
    const last = this.#last;
    if (last === null || !this.#hasSameFiles(tree) || top !== this.#top) return false;
    return last.nextUntil === null || last.nextUntil > this.#clock.now();
  }

  /** Nothing is gone either: what was young or refused then is not among the known files. */
  #hasSameFiles(tree: Tree): boolean {
    return this.#last !== null && tree.isKnown && tree.files.length === this.#fileCount;
  }

  #readOf(
    tree: Tree,
    fragments: FragmentFiles,
    found: Pick<ReadTree, 'files' | 'root' | 'sources' | 'gathered'>,
  ): ReadTree {
    const { files } = tree;
    const { there, missing } = fragments.names;
    return {
      ...{ ...found, tree },
      fragments: { there: new Set(there), missing },
      isTorn: tree.isTorn() || fragments.isTorn(),
      youngForMs: Math.max(longest(files.map(youngForMs)), fragments.youngForMs),
      changedAtMs: Math.max(tree.changedAtMs, fragments.changedAtMs),
    };
  }

  /** What was read without a fault may hold a key that has come into force since. */
  #forgetWhereKeysMoved(): void {
    if (!this.#contents.forgetWhereKeysMoved()) return;
    this.#seen = new Map();
    this.#fragments = noFragmentsSeen;
    this.#last = null;
  }
}

function widgetsIn({ files }: GatheredTree): ReadTree['files'] {
  const found = new Map<string, WidgetId | null>();
  for (const { file, content } of files) {
    if (isHeldOrRead(file)) found.set(file.path, content?.widgetId ?? null);
  }
  return found;
}

/** A link that is only not followed is no file. */
function isHeldOrRead(file: TreeFile): boolean {
  return 'digest' in file || file.finding.severity === 'error';
}

function youngForMs(file: TreeFile): number {
  if ('digest' in file) return file.youngForMs;
  // It moved while it was read, and is as young as can be.
  return file.finding.code === 'changing-file' ? settledAfterMs : 0;
}

function longest(waits: readonly number[]): number {
  return waits.reduce((most, wait) => Math.max(most, wait), 0);
}
