// What files declare by themselves, remembered by their bytes.
import { join } from 'node:path';
import type { KnownContent } from '../../model/document.ts';
import type { WidgetId } from '../../model/widget.ts';
import {
  type FileContent,
  readContent,
  rememberedContent,
  unparsedContent,
} from '../check/file-content.ts';
import { fragmentMoved } from './fragment-files.ts';
import { readLoaded } from './value-places.ts';

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

/** By the digest of their bytes. */
export class FileContents {
  readonly #deps: ContentDeps;
  #contents = new Map<string, FileContent>();

  constructor(deps: ContentDeps) {
    this.#deps = deps;
  }

  get count(): number {
    return this.#contents.size;
  }

  has(digest: string): boolean {
    return this.#contents.has(digest);
  }

  forget(): void {
    this.#contents = new Map();
  }

  /** Contents that were read are kept even if the snapshot is dropped: they are what they are. */
  onRead(digest: string, bytes: Uint8Array): void {
    if (this.#contents.has(digest)) return;
    const content =
      this.#deps.parsed?.(digest) ?? this.#recorded(digest, bytes) ?? this.#parsed(bytes);
    this.#contents.set(digest, content);
  }

  /** Null of what no earlier process has recorded. */
  #recorded(digest: string, bytes: Uint8Array): FileContent | null {
    const { remember, extendsOf } = this.#deps;
    const unparsed = extendsOf === undefined ? null : unparsedContent(bytes, extendsOf);
    if (unparsed !== null) return unparsed;
    const known = remember(digest);
    return known === undefined ? null : rememberedContent(bytes, known);
  }

  of(digest: string): FileContent {
    const content = this.#contents.get(digest);
    if (content === undefined) throw new Error(`no content was read for the digest ${digest}`);
    return content;
  }

  /** Of a file that was not parsed as yet. Throws `fragmentMoved` where it has changed since it was read. */
  parsed(
    root: string,
    { path, digest }: { readonly path: string; readonly digest: string },
  ): FileContent {
    const bytes = readLoaded({ path: join(root, path), digest });
    if (bytes === null) throw fragmentMoved;
    const content = this.#parsed(bytes);
    this.#contents.set(digest, content);
    return content;
  }

  /** Forgets all others. */
  keep(digests: readonly string[]): void {
    this.#contents = new Map(digests.map((digest) => [digest, this.of(digest)]));
  }

  #parsed(bytes: Uint8Array): FileContent {
    return readContent(bytes, { notes: this.#deps.notes ?? true });
  }
}
