// One pack: an entry is a deflated object, or a delta to another entry, which may be one itself, and so on
// for hundreds of them. Format: gitformat-pack(5).
import { existsSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { codeOf } from '../../../base/errors.ts';
import { applyDelta } from './delta.ts';
import { type GitObject, largestObject, type ObjectType } from './git-object.ts';
import { damaged, readDistance, readNumber } from './numbers.ts';
import type { ObjectCache } from './object-cache.ts';
import type { OpenFiles } from './open-files.ts';
import { PackIndex } from './pack-index.ts';

export interface PackDeps {
  readonly files: OpenFiles;
  readonly cache: ObjectCache;
  readonly hashLength: number;
  /** A base that a delta names by its id. */
  readonly readBase: (id: string) => GitObject | null;
}

type Entry = { readonly dataAt: number; readonly size: number } & (
  | { readonly type: ObjectType }
  | { readonly baseAt: number }
  | { readonly baseId: string }
);

const types: readonly (ObjectType | null)[] = [null, 'commit', 'tree', 'blob', 'tag'];
const deltaByDistance = 6;
const deltaById = 7;

/** A type, a size, and a distance or a hash are no longer together. */
const longestHeader = 64;

/** Git itself makes no longer chain of deltas; a longer one goes in a circle. */
const longestChain = 4096;

export class Pack {
  readonly #path: string;
  readonly #index: PackIndex;
  readonly #deps: PackDeps;

  private constructor(path: string, index: PackIndex, deps: PackDeps) {
    this.#path = path;
    this.#index = index;
    this.#deps = deps;
  }

  /** Null for an index without its pack, which git passes over. Throws for an index of version 1. */
  static open(indexPath: string, deps: PackDeps): Pack | null {
    const path = indexPath.replace(/\.idx$/, '.pack');
    if (!existsSync(path)) return null;
    const index = PackIndex.open(indexPath, deps.files, deps.hashLength);
    // Git long writes no more of them.
    if (index === null) throw new Error(`${indexPath} is of version 1: git repack -ad replaces it`);
    return new Pack(path, index, deps);
  }

  /** Null when it is not in there. */
  read(id: string): GitObject | null {
    const offset = this.#index.find(Buffer.from(id, 'hex'));
    return offset === null ? null : this.#readAt(offset);
  }

  startingWith(start: string): string[] {
    return this.#index.startingWith(start);
  }

  #readAt(offset: number): GitObject {
    const deltas: (Entry & { readonly offset: number })[] = [];
    let object: GitObject | null = null;
    for (let at = offset; object === null; ) {
      object = this.#deps.cache.get(this.#key(at));
      if (object !== null) break;
      const entry = this.#entryAt(at);
      if ('type' in entry) {
        object = this.#keep(at, { type: entry.type, bytes: this.#inflate(entry) });
        break;
      }
      deltas.push({ ...entry, offset: at });
      if (deltas.length > longestChain) throw damaged('a chain of deltas has no end');
      if ('baseAt' in entry) at = entry.baseAt;
      else object = this.#baseOf(entry.baseId);
    }
    let { type, bytes } = object;
    for (const delta of deltas.reverse()) {
      bytes = applyDelta(bytes, this.#inflate(delta), largestObject);
      this.#keep(delta.offset, { type, bytes });
    }
    return { type, bytes };
  }

  #baseOf(id: string): GitObject {
    const base = this.#deps.readBase(id);
    if (base === null) throw damaged(`the base ${id} of a delta is not there`);
    return base;
  }

  #keep(offset: number, object: GitObject): GitObject {
    this.#deps.cache.put(this.#key(offset), object);
    return object;
  }

  #key(offset: number): string {
    return `${this.#path}:${offset}`;
  }

  #entryAt(offset: number): Entry {
    const bytes = this.#deps.files.read(this.#path, offset, longestHeader);
    const [first] = bytes;
    if (first === undefined) throw damaged('a pack is cut short');
    const cursor = { bytes, at: 1 };
    const size = first < 0x80 ? first & 0x0f : readNumber(cursor, first & 0x0f, 4);
    if (size > largestObject) throw new Error(`an object of ${size} bytes is more than is read`);
    const kind = (first >> 4) & 7;
    if (kind === deltaByDistance) {
      const distance = readDistance(cursor);
      if (distance === 0 || distance > offset) throw damaged('a delta has no base');
      return { size, baseAt: offset - distance, dataAt: offset + cursor.at };
    }
    const { hashLength } = this.#deps;
    if (kind === deltaById) {
      const baseId = bytes.toString('hex', cursor.at, cursor.at + hashLength);
      return { size, baseId, dataAt: offset + cursor.at + hashLength };
    }
    const type = types[kind] ?? null;
    if (type === null) throw damaged('a pack has an entry of an unknown kind');
    return { size, type, dataAt: offset + cursor.at };
  }

  /** How long the deflated bytes are is not said anywhere: of long ones more is read until they end. */
  #inflate({ dataAt, size }: Entry): Buffer {
    const { files } = this.#deps;
    for (let length = Math.min(size + 128, 32 * 1024); ; length *= 4) {
      const deflated = files.read(this.#path, dataAt, length);
      try {
        const options = { maxOutputLength: Math.max(size, 1), chunkSize: chunkFor(size) };
        const bytes = inflateSync(deflated, options);
        if (bytes.length !== size) throw damaged('an entry is not as long as it says');
        return bytes;
      } catch (error) {
        const isCut = codeOf(error) === 'Z_BUF_ERROR' && deflated.length === length;
        if (!isCut) throw error;
      }
    }
  }
}

/** One more than is expected: else a full chunk asks for a further one. */
function chunkFor(size: number): number {
  return Math.max(64, Math.min(size + 1, 256 * 1024));
}
