// What the files of a tree declare, remembered by their bytes from look to look: each by itself, and with all
// that it extends.
import { join } from 'node:path';
import { secretsVersion } from '../../base/secrets.ts';
import type { KnownContent, LoadedTree, Problem } from '../../model/document.ts';
import type { WidgetId } from '../../model/widget.ts';
import {
  type FileContent,
  readContent,
  rememberedContent,
  unparsedContent,
} from '../check/file-content.ts';
import { byPlace } from '../parse/finding.ts';
import {
  type BuiltFiles,
  type BuiltTree,
  byFile,
  loadTree,
  type TreeFile,
} from '../tree/build-tree.ts';
import { type ComposedContent, ComposedContents, type Reached } from './composed-contents.ts';
import { type Chain, chainKey, FragmentChains } from './fragment-chains.ts';
import { type Fragment, type FragmentFiles, fragmentMoved } from './fragment-files.ts';
import { lacksTogether } from './shared-lack.ts';
import { readLoaded, ValuePlaces } from './value-places.ts';

export interface ContentDeps {
  /** The content of this digest, where an earlier process has recorded it: see `WidgetDocument.digest`. */
  readonly remember: (digest: string) => KnownContent | undefined;
  /** What a widget's file extended when it was recorded. */
  readonly extendsOf?: (widgetId: WidgetId) => readonly string[] | undefined;
  /** Whether notes are looked for; default: yes. */
  readonly notes?: boolean;
}

/** The files of one look with what they extend. */
export interface GatheredTree {
  readonly root: string;
  readonly files: readonly TreeFile[];
  readonly fragments: FragmentFiles;
  readonly chains: FragmentChains;
  /** By widget file that extends others. */
  readonly chainOf: ReadonlyMap<string, Chain>;
}

export interface LoadOptions {
  readonly now: Date;
  /** Whether what was written a moment ago is believed. */
  readonly isPatient: boolean;
}

export class TreeContents {
  readonly #deps: ContentDeps;
  readonly #composed: ComposedContents;
  #contents = new Map<string, FileContent>();
  /** By file, what it extended when it was last gathered. */
  #uses = new Map<string, Use>();
  #chains: ReadonlyMap<string, Chain> = new Map();
  #built: BuiltFiles = new Map();
  #secrets = secretsVersion();

  constructor(deps: ContentDeps) {
    this.#deps = deps;
    this.#composed = new ComposedContents(new ValuePlaces(), { notes: deps.notes ?? true });
  }

  /** A file that was read without a fault may hold a key that has come into force since: true where that is so. */
  forgetWhereKeysMoved(): boolean {
    if (this.#secrets === secretsVersion()) return false;
    this.#secrets = secretsVersion();
    this.#contents = new Map();
    this.#uses = new Map();
    this.#built = new Map();
    this.#composed.forget();
    return true;
  }

  /** Contents that were read are kept even if the snapshot is dropped: they are what they are. */
  onRead(digest: string, bytes: Uint8Array): void {
    if (this.#contents.has(digest)) return;
    const { remember, extendsOf, notes = true } = this.#deps;
    const recorded = remember(digest);
    const content =
      recorded === undefined
        ? ((extendsOf && unparsedContent(bytes, extendsOf)) ?? readContent(bytes, { notes }))
        : rememberedContent(bytes, recorded);
    this.#contents.set(digest, content);
  }

  widgetIn(file: TreeFile): WidgetId | null {
    return 'digest' in file ? this.#contentOf(file.digest).widgetId : null;
  }

  /** Reads what the files extend. Throws `fragmentMoved` where a file has changed since it was read. */
  gather(root: string, files: readonly TreeFile[], fragments: FragmentFiles): GatheredTree {
    const chains = new FragmentChains(fragments, this.#chains);
    const chainOf = new Map<string, Chain>();
    for (const file of files) {
      if (!('digest' in file)) {
        this.#uses.delete(file.path);
        continue;
      }
      const chain = this.#chainOf(root, file, chains);
      if (chain !== null) chainOf.set(file.path, chain);
    }
    if (this.#uses.size > files.length) this.#uses = new Map();
    this.#chains = chains.chains;
    return { root, files, fragments, chains, chainOf };
  }

  /** Of a file that did not move and whose chain is as it was, nothing is looked at. */
  #chainOf(
    root: string,
    file: { readonly path: string; readonly digest: string },
    chains: FragmentChains,
  ): Chain | null {
    const { path, digest } = file;
    const use = this.#uses.get(path);
    if (use?.digest === digest) {
      if (use.chain === null) return null;
      const chain = chains.chainAt(use.key, path, use.entries);
      if (chain === use.chain) return chain;
    }
    const gathered = this.#gathered(root, file, chains);
    const made =
      gathered === null
        ? { digest, chain: null }
        : { ...gathered, digest, key: chainKey(path, gathered.entries) };
    this.#uses.set(path, made);
    return made.chain;
  }

  /** Null for a file that extends nothing. */
  #gathered(
    root: string,
    { path, digest }: { readonly path: string; readonly digest: string },
    chains: FragmentChains,
  ): { readonly chain: Chain; readonly entries: readonly string[] } | null {
    const content = this.#contentOf(digest);
    let { layer } = content;
    if (layer !== undefined && 'unparsed' in layer) {
      const chain = chains.chainOf(path, layer.unparsed);
      const layered = { file: path, root, bytes: digest, content, chain };
      if (this.#composed.recall(layered, layer.unparsed, this.#deps.remember)) {
        return { chain, entries: layer.unparsed };
      }
      const bytes = readLoaded({ path: join(root, path), digest });
      if (bytes === null) throw fragmentMoved;
      const parsed = readContent(bytes, { notes: this.#deps.notes ?? true });
      this.#contents.set(digest, parsed);
      layer = parsed.layer;
    }
    if (layer === undefined || 'unparsed' in layer) return null;
    const entries = layer.entries.map(({ text }) => text);
    return { chain: chains.chainOf(path, entries), entries };
  }

  /** What is of no file any more is forgotten. */
  load(tree: GatheredTree, options: LoadOptions): BuiltTree & Pick<LoadedTree, 'fragments'> {
    const { files, chains, chainOf } = tree;
    if (this.#contents.size > files.length) this.#forgetOthers(files);
    this.#composed.begin();
    const built = loadTree(
      files,
      (digest, file) => this.#wholeOf(tree, { digest, file }, options),
      { ...options, built: this.#built },
    );
    if (chainOf.size === 0) {
      this.#composed.end(chainOf, () => false);
      return { ...built, fragments: [] };
    }
    const reached = reachedBy(chainOf);
    const fragments = reached.map(({ fragment: { file }, widgets }) => ({ file, widgets }));
    const orderOf = (file: string) => (chainOf.get(file)?.fragments ?? []).map((one) => one.file);
    const told = lacksTogether(built, fragments, orderOf);
    const problems = [...told.problems, ...this.#composed.problems(chains, reached)];
    const notes = [...built.notes, ...this.#composed.notes];
    const ofFragments = new Set(reached.map(({ fragment }) => fragment.digest));
    const isOfFile = (digest: string) => ofFragments.has(digest) || this.#contents.has(digest);
    this.#composed.end(chainOf, isOfFile);
    return {
      ...{ ...told, problems: problems.sort(inOrder), notes: notes.sort(inOrder) },
      fragments,
    };
  }

  #forgetOthers(files: readonly TreeFile[]): void {
    const digests = files.flatMap((file) => ('digest' in file ? file.digest : []));
    this.#contents = new Map(digests.map((digest) => [digest, this.#contentOf(digest)]));
  }

  #wholeOf(
    { root, chainOf }: GatheredTree,
    { digest, file }: { readonly digest: string; readonly file: string },
    { now, isPatient }: LoadOptions,
  ): FileContent | ComposedContent {
    const content = this.#contentOf(digest);
    const chain = chainOf.get(file);
    if (chain === undefined) return content;
    const kept = this.#composed.kept(file, digest, chain);
    if (kept !== null) return kept;
    const layered = { file, root, bytes: digest, content, chain };
    const composed = this.#composed.compose(layered, now);
    return isPatient || composed.unsettled === null ? composed : { ...composed, unsettled: null };
  }

  #contentOf(digest: string): FileContent {
    const content = this.#contents.get(digest);
    if (content === undefined) throw new Error(`no content was read for the digest ${digest}`);
    return content;
  }
}

/** Sorted by file, as the files are. */
function reachedBy(chainOf: ReadonlyMap<string, Chain>): Reached[] {
  const reached = new Map<string, { readonly fragment: Fragment; readonly widgets: string[] }>();
  const listsOf = new Map<Chain, string[][]>();
  for (const [file, chain] of chainOf) {
    let lists = listsOf.get(chain);
    if (lists === undefined) {
      lists = chain.fragments.map((fragment) => {
        const known = reached.get(fragment.file) ?? { fragment, widgets: [] };
        reached.set(fragment.file, known);
        return known.widgets;
      });
      listsOf.set(chain, lists);
    }
    for (const widgets of lists) widgets.push(file);
  }
  return [...reached.values()].sort((a, b) => byFile(a.fragment, b.fragment));
}

/** What a file was seen to extend; `chain` is null for nothing. */
type Use = { readonly digest: string } & (
  | { readonly chain: null }
  | { readonly chain: Chain; readonly key: string; readonly entries: readonly string[] }
);

function inOrder(a: Problem, b: Problem): number {
  return byFile(a, b) || byPlace(a, b);
}
