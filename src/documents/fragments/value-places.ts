// Where the values of files stand, asked for what is shown only: the files are read again, and only the bytes that
// were loaded are believed.

import type { Range } from '../../model/document.ts';
import { sha256 } from '../../model/widget.ts';
import type { Part } from '../parse/finding.ts';
import { type FileKind, type ParsedFile, parse } from '../parse/parse.ts';
import { readFile } from '../tree/read-file.ts';

export interface LoadedFile {
  readonly path: string;
  /** SHA-256 (hex) of the bytes that were loaded. */
  readonly digest: string;
  readonly kind: FileKind;
}

/** Null where the file no longer has these bytes. */
export function readLoaded({
  path,
  digest,
}: Pick<LoadedFile, 'path' | 'digest'>): Uint8Array | null {
  // Its age matters to whoever takes it for new.
  const read = readFile(path, () => new Date(0));
  return 'bytes' in read && sha256(read.bytes) === digest ? read.bytes : null;
}

/** Null where there are no such bytes any more. */
type ReadAgain = (file: Pick<LoadedFile, 'path' | 'digest'>) => Uint8Array | null;

/** Remembers the places that were asked for, and the file that was asked about last. */
export class ValuePlaces {
  readonly #read: ReadAgain;
  /** By digest, then by part and pointer. */
  readonly #asked = new Map<string, Map<string, Range | null>>();
  #last: { readonly digest: string; readonly parsed: ParsedFile | null } | null = null;

  constructor(read: ReadAgain = readLoaded) {
    this.#read = read;
  }

  /** Of the pointer's key or value, or of its nearest ancestor; null where the file has changed since. */
  place(file: LoadedFile, pointer: string, part: Part): Range | null {
    const key = `${part} ${pointer}`;
    const asked = this.#asked.get(file.digest) ?? new Map<string, Range | null>();
    this.#asked.set(file.digest, asked);
    const range = asked.get(key) ?? this.#parsed(file)?.place(pointer, part) ?? null;
    asked.set(key, range);
    return range;
  }

  /** Forgets what is of no file any more. */
  keep(isOfFile: (digest: string) => boolean): void {
    for (const digest of this.#asked.keys()) if (!isOfFile(digest)) this.#asked.delete(digest);
    this.#last = null;
  }

  #parsed(file: LoadedFile): ParsedFile | null {
    if (this.#last?.digest !== file.digest) {
      const bytes = this.#read(file);
      this.#last = { digest: file.digest, parsed: bytes && parse(bytes, file.kind) };
    }
    return this.#last.parsed;
  }
}
