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
import { type BuiltTree, byFile, loadTree, type TreeFile } from '../tree/build-tree.ts';
import { type ComposedContent, ComposedContents, type Reached } from './composed-contents.ts';
import { type Chain, FragmentChains } from './fragment-chains.ts';
import { type Fragment, type FragmentFiles, fragmentMoved } from './fragment-files.ts';
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
    const chains = new FragmentChains(fragments);
    const chainOf = new Map<string, Chain>();
    for (const file of files) {
      if (!('digest' in file)) continue;
      const chain = this.#gathered(root, file, chains);
      if (chain !== null) chainOf.set(file.path, chain);
    }
    return { root, files, fragments, chains, chainOf };
  }

  /** Null for a file that extends nothing. */
  #gathered(
    root: string,
    { path, digest }: { readonly path: string; readonly digest: string },
    chains: FragmentChains,
  ): Chain | null {
    const content = this.#contentOf(digest);
    let { layer } = content;
    if (layer !== undefined && 'unparsed' in layer) {
      const chain = chains.chainOf(path, layer.unparsed);
      const layered = { file: path, root, bytes: digest, content, chain };
      if (this.#composed.recall(layered, layer.unparsed, this.#deps.remember)) return chain;
      const bytes = readLoaded({ path: join(root, path), digest });
      if (bytes === null) throw fragmentMoved;
      const parsed = readContent(bytes, { notes: this.#deps.notes ?? true });
      this.#contents.set(digest, parsed);
      layer = parsed.layer;
    }
    if (layer === undefined || 'unparsed' in layer) return null;
    const entries = layer.entries.map(({ text }) => text);
    return chains.chainOf(path, entries);
  }

  /** What is of no file any more is forgotten. */
  load(tree: GatheredTree, options: LoadOptions): BuiltTree & Pick<LoadedTree, 'fragments'> {
    const { files, chains, chainOf } = tree;
    const digests = files.flatMap((file) => ('digest' in file ? file.digest : []));
    this.#contents = new Map(digests.map((digest) => [digest, this.#contentOf(digest)]));
    this.#composed.begin();
    const built = loadTree(
      files,
      (digest, file) => this.#wholeOf(tree, { digest, file }, options),
      options,
    );
    if (chainOf.size === 0) {
      this.#composed.end();
      return { ...built, fragments: [] };
    }
    const reached = reachedBy(chainOf);
    const problems = [...built.problems, ...this.#composed.problems(chains, reached)];
    const notes = [...built.notes, ...this.#composed.notes];
    this.#composed.end();
    return {
      ...{ ...built, problems: problems.sort(inOrder), notes: notes.sort(inOrder) },
      fragments: reached.map(({ fragment: { file }, widgets }) => ({ file, widgets })),
    };
  }

  #wholeOf(
    { root, chainOf }: GatheredTree,
    { digest, file }: { readonly digest: string; readonly file: string },
    { now, isPatient }: LoadOptions,
  ): FileContent | ComposedContent {
    const content = this.#contentOf(digest);
    const chain = chainOf.get(file);
    if (chain === undefined) return content;
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

/** Sorted by file. */
function reachedBy(chainOf: ReadonlyMap<string, Chain>): Reached[] {
  const widgets = new Map<Fragment, string[]>();
  for (const [file, { fragments }] of chainOf) {
    for (const fragment of fragments) {
      const reached = widgets.get(fragment);
      if (reached === undefined) widgets.set(fragment, [file]);
      else reached.push(file);
    }
  }
  const reached = [...widgets].map(([fragment, files]) => ({ fragment, widgets: files.sort() }));
  return reached.sort((a, b) => byFile(a.fragment, b.fragment));
}

function inOrder(a: Problem, b: Problem): number {
  return byFile(a, b) || byPlace(a, b);
}
