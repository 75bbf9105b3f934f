// Git's objects by their ids: loose ones, those of packs, and those that the store borrows from others.
// Reads git's own files, never runs git, and holds no more of a pack than one object needs.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inflateSync } from 'node:zlib';
import { codeOf, messageOf } from '../../../base/errors.ts';
import { readText } from '../git-directory.ts';
import { type GitObject, idOf, largestObject, type ObjectType } from './git-object.ts';
import { damaged } from './numbers.ts';
import { ObjectCache } from './object-cache.ts';
import { OpenFiles } from './open-files.ts';
import { Pack, type PackDeps } from './pack.ts';

export class ObjectStore {
  /** 20 bytes for SHA-1, 32 for SHA-256. */
  readonly hashLength: number;
  readonly #stores: ReadonlySet<string>;
  readonly #files = new OpenFiles();
  readonly #deps: PackDeps;
  #packs: readonly Pack[] | null = null;
  #listed = '';
  #depth = 0;
  #trouble: string | null = null;

  /** `common`: the git directory that holds `objects` and `config`. To be closed after use. */
  constructor(common: string) {
    this.hashLength = hashLengthOf(readText(join(common, 'config')) ?? '');
    this.#stores = storesFrom(join(common, 'objects'));
    const readBase = (id: string) => this.#find(id);
    const { hashLength } = this;
    this.#deps = { files: this.#files, cache: new ObjectCache(), hashLength, readBase };
  }

  /** Why an object could not be read that may be there; null where none was missed for such a reason. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Null when it is not there, or cannot be read: then `trouble` says why. Never throws. */
  read(id: string): GitObject | null {
    if (!isId(id, this.hashLength)) return null;
    return this.#asked(() => this.#verified(id)) ?? null;
  }

  /** The ids that begin so, of at least two hexadecimal digits. Never throws. */
  startingWith(start: string): string[] {
    const found = this.#asked(() => {
      const loose = [...this.#stores].flatMap((store) => looseStartingWith(store, start));
      return [...loose, ...this.#openPacks().flatMap((pack) => pack.startingWith(start))];
    });
    return [...new Set(found ?? [])].sort();
  }

  close(): void {
    this.#files.close();
  }

  /** Git may pack its objects anew at this very moment: then they are to be found in other files. */
  #asked<Answer>(ask: () => Answer | null): Answer | null {
    for (let tries = 1; ; tries += 1) {
      try {
        const answer = ask();
        if (answer !== null || tries === mostTries || !this.#hasOtherPacks()) return answer;
      } catch (error) {
        if (tries < mostTries && this.#hasOtherPacks()) continue;
        this.#trouble = messageOf(error);
        return null;
      }
    }
  }

  #verified(id: string): GitObject | null {
    const object = this.#find(id);
    if (object === null) return null;
    if (idOf(object.type, object.bytes, this.hashLength) === id) return object;
    throw damaged(`the object ${id} is another one than it says`);
  }

  #find(id: string): GitObject | null {
    // A delta's base may be named by its id, and be a delta again.
    if (this.#depth > deepestBase) throw damaged('a chain of deltas has no end');
    this.#depth += 1;
    try {
      return this.#findIn(this.#places(id));
    } finally {
      this.#depth -= 1;
    }
  }

  *#places(id: string): Iterable<() => GitObject | null> {
    for (const store of this.#stores) {
      yield () => readLoose(join(store, id.slice(0, 2), id.slice(2)));
    }
    for (const pack of this.#openPacks()) yield () => pack.read(id);
  }

  /** What is damaged in one place may be whole in another, as git finds it. */
  #findIn(places: Iterable<() => GitObject | null>): GitObject | null {
    let failure: unknown = null;
    for (const read of places) {
      try {
        const found = read();
        if (found !== null) return found;
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== null) throw failure;
    return null;
  }

  #openPacks(): readonly Pack[] {
    if (this.#packs === null) {
      const paths = this.#packPaths();
      this.#listed = paths.join('\n');
      this.#packs = paths.flatMap((path) => this.#openPack(path) ?? []);
    }
    return this.#packs;
  }

  /** The other packs serve all the same. */
  #openPack(path: string): Pack | null {
    try {
      return Pack.open(path, this.#deps);
    } catch (error) {
      this.#trouble = messageOf(error);
      return null;
    }
  }

  #hasOtherPacks(): boolean {
    if (this.#packPaths().join('\n') === this.#listed) return false;
    this.#packs = null;
    return true;
  }

  #packPaths(): string[] {
    return [...this.#stores].flatMap((store) => {
      const names = namesIn(join(store, 'pack')).filter((name) => name.endsWith('.idx'));
      return names.sort().map((name) => join(store, 'pack', name));
    });
  }
}

const deepestBase = 500;
const mostTries = 4;

function isId(id: string, hashLength: number): boolean {
  return id.length === 2 * hashLength && /^[0-9a-f]+$/.test(id);
}

/** `[extensions] objectformat = sha256`: gitrepository-layout(5). */
function hashLengthOf(config: string): number {
  return /^\s*objectformat\s*=\s*"?sha256\b/im.test(config) ? 32 : 20;
}

const mostStores = 20;

/** The store, and those that it borrows from: `git clone --shared` and `--reference` copy nothing. */
function storesFrom(objects: string): ReadonlySet<string> {
  const stores = new Set([objects]);
  for (const store of stores) {
    const list = readText(join(store, 'info', 'alternates')) ?? '';
    for (const line of list.split('\n')) {
      const isStore = line !== '' && !line.startsWith('#') && stores.size < mostStores;
      // This very loop comes to what is added here.
      if (isStore) stores.add(resolve(store, line));
    }
  }
  return stores;
}

/** A deflated object behind its own header, `blob 12` and a zero byte. */
function readLoose(path: string): GitObject | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  if (stats.size > largestObject) throw new Error('an object is larger than is read');
  const bytes = inflateSync(readFileSync(path), { maxOutputLength: largestObject });
  const start = bytes.indexOf(0);
  const [, type, size] =
    /^(commit|tree|blob|tag) (\d+)$/.exec(bytes.toString('latin1', 0, start)) ?? [];
  const content = bytes.subarray(start + 1);
  if (type === undefined || content.length !== Number(size)) throw damaged(`a file of it, ${path}`);
  return { type: type as ObjectType, bytes: content };
}

function looseStartingWith(store: string, start: string): string[] {
  const first = start.slice(0, 2);
  const names = namesIn(join(store, first)).filter((name) => /^[0-9a-f]{38,62}$/.test(name));
  return names.map((name) => first + name).filter((id) => id.startsWith(start));
}

/** None where there is no such folder. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return [];
    throw error;
  }
}
