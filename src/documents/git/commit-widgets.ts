// The widget files of a commit with what they extend there: what each declares, and which a change of a fragment
// reaches.
import { sha256 } from '../../model/widget.ts';
import { type FileContent, readContent } from '../check/file-content.ts';
import { compose } from '../fragments/composed-content.ts';
import { FragmentChains } from '../fragments/fragment-chains.ts';
import { ValuePlaces } from '../fragments/value-places.ts';
import { largestFile, tooLarge } from '../tree/unreadable-file.ts';
import { CommitFragments, type CommitPlace } from './commit-fragments.ts';
import { type GitTrees, MissingObject } from './git-tree.ts';
import type { ObjectStore } from './objects/object-store.ts';

export type CommittedContent = Pick<
  FileContent,
  'widgetId' | 'widget' | 'suspension' | 'findings'
> & {
  /** Why it is held for the sake of a fragment, in words; null where it is not. */
  readonly broken: string | null;
  /**
   * SHA-256 (hex) of the file's bytes; where it extends something, of its blob and what that says, which is the digest
   * of no file in a directory.
   */
  readonly digest: string;
  /** As written; absent where it extends nothing. */
  readonly extends?: readonly string[];
};

/** By blob, what a file extends; null for nothing. */
type Entries = Map<string, readonly string[] | null>;

/** What several commits of a repository may share. */
export interface CommitFiles {
  /** By blob, what was parsed of it; absent where nothing is to be kept. */
  readonly contents?: Map<string, ParsedBlob>;
  readonly objects: ObjectStore;
  readonly trees: GitTrees;
  readonly entries: Entries;
}

export interface ParsedBlob {
  /** SHA-256 (hex) of the bytes. */
  readonly digest: string;
  readonly content: FileContent;
}

export class CommitWidgets {
  readonly #contents: Map<string, ParsedBlob> | undefined;
  readonly #objects: ObjectStore;
  readonly #entries: Entries;
  readonly #chains: FragmentChains;
  readonly #places: ValuePlaces;
  readonly #now: Date;

  /** `now` decides which suspensions have ended. */
  constructor({ objects, trees, entries, contents }: CommitFiles, at: CommitPlace, now: Date) {
    this.#objects = objects;
    this.#contents = contents;
    this.#entries = entries;
    this.#chains = new FragmentChains(new CommitFragments(objects, trees, at));
    // The digest of a committed file is that of its blob: no file of a directory is opened.
    this.#places = new ValuePlaces(({ digest }) => objects.read(digest)?.bytes ?? null);
    this.#now = now;
  }

  /** Of a file by its path from the widget directory and its blob. Throws `MissingObject`. */
  contentOf(file: string, blob: string): CommittedContent {
    const { digest, content } = this.#parsed(blob);
    if (content === null) {
      const findings = [tooLarge(this.#bytesOf(blob).length)];
      return { widgetId: null, widget: null, suspension: null, findings, broken: null, digest };
    }
    const texts = entriesIn(content);
    if (texts === null) return { ...content, broken: null, digest };
    const chain = this.#chains.chainOf(file, texts);
    const layered = { file, root: '', bytes: blob, content, chain };
    const options = { now: this.#now, notes: false, places: this.#places };
    return compose(layered, null, options).content;
  }

  /**
   * What a file gets from fragments: the same text where it is the same. Null for a file that extends nothing. Throws
   * `MissingObject`.
   */
  inheritedBy(file: string, blob: string): string | null {
    const texts = this.#entriesOf(blob);
    if (texts === null) return null;
    const { meanings, broken, atEntries } = this.#chains.chainOf(file, texts);
    return JSON.stringify([meanings, broken, atEntries]);
  }

  #entriesOf(blob: string): readonly string[] | null {
    const known = this.#entries.get(blob);
    if (known !== undefined) return known;
    const parsed = this.#contents?.get(blob);
    const isCandidate = parsed !== undefined || this.#bytesOf(blob).includes('extends');
    const content = isCandidate ? this.#parsed(blob).content : null;
    const entries = content === null ? null : entriesIn(content);
    this.#entries.set(blob, entries);
    return entries;
  }

  /** Null: it is too large to be parsed. */
  #parsed(blob: string): { readonly digest: string; readonly content: FileContent | null } {
    const known = this.#contents?.get(blob);
    if (known !== undefined) return known;
    const bytes = this.#bytesOf(blob);
    const digest = sha256(bytes);
    if (bytes.length > largestFile) return { digest, content: null };
    const parsed = { digest, content: readContent(bytes, { notes: false }) };
    this.#contents?.set(blob, parsed);
    return parsed;
  }

  #bytesOf(blob: string): Buffer {
    const object = this.#objects.read(blob);
    if (object?.type !== 'blob') throw new MissingObject(`the file ${blob}`);
    return object.bytes;
  }
}

/** Null where the file extends nothing. */
function entriesIn({ layer }: FileContent): readonly string[] | null {
  if (layer === undefined) return null;
  return 'entries' in layer ? layer.entries.map(({ text }) => text) : layer.unparsed;
}
