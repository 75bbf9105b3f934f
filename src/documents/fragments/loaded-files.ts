// The files of the last tree, read again for what is shown of them: only the bytes that were loaded are believed.
import type { Range } from '../../model/document.ts';
import { entriesAt, layerOf } from '../check/layer-content.ts';
import type { Layer } from '../compose/compose-layers.ts';
import { type ComposedFile, composedFile } from '../compose/composed-file.ts';
import { type ParsedFile, parse } from '../parse/parse.ts';
import { type SourceText, sourceText } from '../parse/source-text.ts';
import type { LoadedFile } from '../tree/tree-reader.ts';
import { composedDigest } from './composed-content.ts';
import { readLoaded } from './value-places.ts';

export class LoadedFiles {
  readonly #fileOf: (file: string) => LoadedFile | undefined;
  /** Of fragments, which many files share; by the digest of their bytes. */
  #parsed = new Map<string, ParsedFile>();
  /** Problems come sorted by file, so the text of one file serves all excerpts of it. */
  #last: { readonly digest: string; readonly source: SourceText } | null = null;

  constructor(fileOf: (file: string) => LoadedFile | undefined) {
    this.#fileOf = fileOf;
  }

  /** Another tree is to be loaded: what was read again is forgotten. */
  forget(): void {
    this.#parsed = new Map();
    this.#last = null;
  }

  /** One line; null when the file has changed since. */
  sourceLine(file: string, line: number): string | null {
    const loaded = this.#fileOf(file);
    if (loaded === undefined) return null;
    if (this.#last?.digest !== loaded.bytes) {
      const bytes = readLoaded({ path: loaded.path, digest: loaded.bytes });
      if (bytes === null) return null;
      const source = sourceText(new TextDecoder().decode(bytes));
      this.#last = { digest: loaded.bytes, source };
    }
    return this.#last.source.line(line);
  }

  /**
   * Of a value, or of its nearest ancestor. `path`: where the file lies, if it was not loaded like that. Null when it
   * no longer has what the digest stands for.
   */
  locate(
    { file, path }: { readonly file: string; readonly path: string },
    digest: string,
    pointer: string,
  ): Range | null {
    const loaded = this.#fileOf(file);
    const isLoaded = loaded !== undefined && isOf(loaded, digest);
    const other = { path, bytes: digest, kind: loaded?.kind ?? 'widget' };
    return this.#parse(isLoaded ? loaded : other)?.place(pointer, 'value') ?? null;
  }

  /** Null when one of the files no longer has what was loaded. */
  compose(file: string, digest: string): ComposedFile | null {
    const loaded = this.#fileOf(file);
    if (loaded === undefined || loaded.kind !== 'widget' || !isOf(loaded, digest)) return null;
    const parsed = this.#parse(loaded);
    if (parsed === null || parsed.value === null) return null;
    const own = { file, value: layerOf(parsed.value) };
    const places = new Map<Layer, ParsedFile>();
    for (const fragment of loaded.chain?.fragments ?? []) {
      const { path, digest: bytes, content } = fragment;
      if (path === null || bytes === null || content.value === null) return null;
      const text = this.#parse({ path, bytes, kind: 'fragment' });
      if (text === null) return null;
      places.set({ file: fragment.file, value: content.value }, text);
    }
    const fragments = [...places.keys()];
    const omit = entriesAt('omit', parsed).map(({ text }) => text);
    return composedFile({ fragments, omit, own }, (layer, pointer) =>
      (places.get(layer) ?? parsed).place(pointer, 'key'),
    );
  }

  #parse({ path, bytes, kind }: Pick<LoadedFile, 'path' | 'bytes' | 'kind'>): ParsedFile | null {
    const known = kind === 'fragment' ? this.#parsed.get(bytes) : undefined;
    if (known !== undefined) return known;
    const read = readLoaded({ path, digest: bytes });
    if (read === null) return null;
    const parsed = parse(read, kind);
    if (kind === 'fragment') this.#parsed.set(bytes, parsed);
    return parsed;
  }
}

/** Whether the digest is that of the file's document, or of its bytes. */
function isOf({ bytes, chain }: LoadedFile, digest: string): boolean {
  return bytes === digest || (chain !== null && composedDigest(bytes, chain.meanings) === digest);
}
