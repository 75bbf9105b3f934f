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
  type BuiltFile,
  type BuiltTree,
  byFile,
  type Content,
  loadTree,
  type TreeFile,
} from '../tree/build-tree.ts';
import { atRest } from '../tree/file-age.ts';
import { type ComposeOptions, compose, recalled } from './composed-content.ts';
import { type Chain, FragmentChains } from './fragment-chains.ts';
import { type Fragment, type FragmentFiles, fragmentMoved } from './fragment-files.ts';
import { type Met, type Reached, toldOfFragments } from './fragment-problems.ts';
import { alongside, fileAt, type KnownFile } from './known-files.ts';
import { lacksTogether } from './shared-lack.ts';
import { readLoaded, ValuePlaces } from './value-places.ts';

export interface ContentDeps {
  /** The content of this digest, where an earlier process has recorded it: see `WidgetDocument.digest`. */
  readonly remember: (digest: string) => KnownContent | undefined;
  /** What was parsed of the same bytes elsewhere, by their digest: no file needs to be parsed twice. */
  readonly parsed?: (digest: string) => FileContent | undefined;
  /** What a widget's file extended when it was recorded. */
  readonly extendsOf?: (widgetId: WidgetId) => readonly string[] | undefined;
  /** Whether notes are looked for; default: yes. */
  readonly notes?: boolean;
}

/** The files of one look with what they extend. */
export interface GatheredTree {
  readonly root: string;
  /** Sorted by path. */
  readonly files: readonly KnownFile[];
  readonly fragments: FragmentFiles;
  readonly chains: FragmentChains;
}

export interface LoadOptions {
  readonly now: Date;
  /** Whether what was written a moment ago is believed. */
  readonly isPatient: boolean;
}

export class TreeContents {
  readonly #deps: ContentDeps;
  readonly #notes: boolean;
  readonly #places = new ValuePlaces();
  #contents = new Map<string, FileContent>();
  #files: readonly KnownFile[] = [];
  #chains: ReadonlyMap<string, Chain> = new Map();
  #secrets = secretsVersion();

  constructor(deps: ContentDeps) {
    this.#deps = deps;
    this.#notes = deps.notes ?? true;
  }

  /** A file that was read without a fault may hold a key that has come into force since: true where that is so. */
  forgetWhereKeysMoved(): boolean {
    if (this.#secrets === secretsVersion()) return false;
    this.#secrets = secretsVersion();
    this.#contents = new Map();
    this.#files = [];
    return true;
  }

  /** Contents that were read are kept even if the snapshot is dropped: they are what they are. */
  onRead(digest: string, bytes: Uint8Array): void {
    if (this.#contents.has(digest)) return;
    const { remember, parsed, extendsOf } = this.#deps;
    const recorded = remember(digest);
    const content =
      recorded === undefined
        ? (parsed?.(digest) ??
          (extendsOf && unparsedContent(bytes, extendsOf)) ??
          this.#parsed(bytes))
        : rememberedContent(bytes, recorded);
    this.#contents.set(digest, content);
  }

  /** Those of the last tree that was loaded, sorted by path. */
  get files(): readonly KnownFile[] {
    return this.#files;
  }

  /** Reads what the files extend. Throws `fragmentMoved` where a file has changed since it was read. */
  gather(root: string, files: readonly TreeFile[], fragments: FragmentFiles): GatheredTree {
    const chains = new FragmentChains(fragments, this.#chains);
    const before = alongside(this.#files);
    const gathered = files.map((file) => {
      const known = before(file.path);
      return this.#again(file, known, chains) ?? this.#gathered(root, { file, known }, chains);
    });
    return { root, files: gathered, fragments, chains };
  }

  /** Of a file that did not move and whose chain is as it was, nothing is looked at. Null for others. */
  #again(file: TreeFile, known: KnownFile | null, chains: FragmentChains): KnownFile | null {
    if (known === null || known.file !== file) return null;
    const { chain } = known;
    return chain === null || chains.renewed(chain) === chain ? known : null;
  }

  #gathered(
    root: string,
    { file, known }: { readonly file: TreeFile; readonly known: KnownFile | null },
    chains: FragmentChains,
  ): KnownFile {
    const nothing = { file, content: null, chain: null, composed: null, built: null };
    if (!('digest' in file)) return nothing;
    const built = known?.built ?? null;
    let content = this.#contentOf(file.digest);
    let { layer } = content;
    if (layer !== undefined && 'unparsed' in layer) {
      const chain = chains.chainOf(file.path, layer.unparsed);
      const unparsed = { file: file.path, bytes: file.digest, content, chain };
      const composed = recalled(unparsed, known?.composed ?? null, this.#deps.remember);
      if (composed !== null) return { file, content, chain, composed, built };
      content = this.#parsedAgain(root, file);
      layer = content.layer;
    }
    if (layer === undefined || 'unparsed' in layer) return { ...nothing, content, built };
    const entries = layer.entries.map(({ text }) => text);
    const chain = chains.chainOf(file.path, entries);
    return { file, content, chain, composed: known?.composed ?? null, built };
  }

  #parsedAgain(
    root: string,
    { path, digest }: { readonly path: string; readonly digest: string },
  ): FileContent {
    const bytes = readLoaded({ path: join(root, path), digest });
    if (bytes === null) throw fragmentMoved;
    const content = this.#parsed(bytes);
    this.#contents.set(digest, content);
    return content;
  }

  #parsed(bytes: Uint8Array): FileContent {
    return readContent(bytes, { notes: this.#notes });
  }

  /** What is of no file any more is forgotten. */
  load(
    { root, files: gathered, chains }: GatheredTree,
    { now, isPatient }: LoadOptions,
  ): BuiltTree & Pick<LoadedTree, 'fragments'> {
    const options = { now, notes: this.#notes, places: this.#places };
    const files = gathered.map((known) => withComposed(known, root, options));
    const { built, ...tree } = loadTree(
      files.map(({ file }) => (isPatient ? file : rested(file))),
      (_, __, index) => contentIn(files[index], isPatient),
      { now, before: (index) => files[index]?.built ?? null },
    );
    this.#files = files.map((known, index) => withBuilt(known, built[index] ?? null));
    this.#chains = chains.chains;
    if (this.#contents.size > files.length) this.#forgetOthers();
    const reached = reachedBy(files);
    this.#keepPlaces(reached);
    if (reached.length === 0) return { ...tree, fragments: [] };
    const fragments = reached.map(({ fragment: { file }, widgets }) => ({ file, widgets }));
    const lacking = lacksTogether(tree, fragments, orderIn(files));
    const told = toldOfFragments(metIn(files), reached, chains);
    return {
      ...lacking,
      problems: [...lacking.problems, ...told.problems].sort(inOrder),
      notes: [...tree.notes, ...told.notes].sort(inOrder),
      fragments,
    };
  }

  #forgetOthers(): void {
    const digests = this.#files.flatMap(({ file }) => ('digest' in file ? file.digest : []));
    this.#contents = new Map(digests.map((digest) => [digest, this.#contentOf(digest)]));
  }

  #keepPlaces(reached: readonly Reached[]): void {
    const ofFragments = new Set(reached.map(({ fragment }) => fragment.digest));
    this.#places.keep((digest) => ofFragments.has(digest) || this.#contents.has(digest));
  }

  #contentOf(digest: string): FileContent {
    const content = this.#contents.get(digest);
    if (content === undefined) throw new Error(`no content was read for the digest ${digest}`);
    return content;
  }
}

/** The fragments of a widget file by its path, the weakest first. */
function orderIn(files: readonly KnownFile[]) {
  return (path: string): string[] =>
    fileAt(files, path)?.chain?.fragments.map(({ file }) => file) ?? [];
}

/** With what comes of it and all that it extends, as these are now. */
function withComposed(known: KnownFile, root: string, options: ComposeOptions): KnownFile {
  const { file, content, chain, composed } = known;
  if (!('digest' in file) || content === null || chain === null) return known;
  const { path, digest: bytes } = file;
  const isNow = composed?.chain === chain && composed.bytes === bytes && composed.isLasting;
  if (isNow) return known;
  const layered = { file: path, root, bytes, content, chain };
  return { ...known, composed: compose(layered, composed, options) };
}

function withBuilt(known: KnownFile, built: BuiltFile | null): KnownFile {
  return known.built === built ? known : { ...known, built };
}

function contentIn(known: KnownFile | undefined, isPatient: boolean): Content {
  if (known === undefined || known.content === null) throw new Error('a file was not read');
  const { content, chain, composed } = known;
  if (chain === null || composed === null) return content;
  const whole = composed.content;
  return isPatient || whole.unsettled === null ? whole : { ...whole, unsettled: null };
}

function rested(file: TreeFile): TreeFile {
  return 'digest' in file && file.settlesInMs > 0 ? { ...file, ...atRest } : file;
}

/** What the files with something to tell of fragments tell. */
function metIn(files: readonly KnownFile[]): Met[] {
  return files.flatMap(({ file, chain, composed }) => {
    if (chain === null || composed === null) return [];
    const { problems, notes } = composed.elsewhere;
    return problems.length + notes.length > 0 ? { file: file.path, problems, notes } : [];
  });
}

/** Sorted by file, as the files are. */
function reachedBy(files: readonly KnownFile[]): Reached[] {
  const reached = new Map<string, { readonly fragment: Fragment; readonly widgets: string[] }>();
  const listsOf = new Map<Chain, string[][]>();
  for (const { file, chain } of files) {
    if (chain === null) continue;
    let lists = listsOf.get(chain);
    if (lists === undefined) {
      lists = chain.fragments.map((fragment) => {
        const known = reached.get(fragment.file) ?? { fragment, widgets: [] };
        reached.set(fragment.file, known);
        return known.widgets;
      });
      listsOf.set(chain, lists);
    }
    for (const widgets of lists) widgets.push(file.path);
  }
  return [...reached.values()].sort((a, b) => byFile(a.fragment, b.fragment));
}

function inOrder(a: Problem, b: Problem): number {
  return byFile(a, b) || byPlace(a, b);
}
