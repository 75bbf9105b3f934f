// The commit that a directory's content comes from, and when it was made. Reads git's own files: a
// commit is a loose object, or stands in a pack. Never runs git.
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inflateSync } from 'node:zlib';
import { codeOf } from '../../base/errors.ts';
import { findGitDirectory } from './git-directory.ts';
import { readRevision } from './read-revision.ts';

export interface Commit {
  /** The hash in full; null where none can be told. */
  readonly revision: string | null;
  /** The committer's date. */
  readonly committedAt: Date | null;
}

export const noCommit: Commit = { revision: null, committedAt: null };

/** The object store may be packed anew at the very moment it is asked. */
const mostTries = 3;

/** Asks the object store once for each commit, or a few times where that comes to nothing. */
export class CommitReader {
  #last: Commit = noCommit;
  #tries = 0;

  read(folder: string): Commit {
    const revision = readRevision(folder);
    if (revision === null) return noCommit;
    const isNew = revision !== this.#last.revision;
    this.#tries = isNew ? 0 : this.#tries;
    if (isNew || (this.#last.committedAt === null && this.#tries < mostTries)) {
      this.#tries += 1;
      this.#last = { revision, committedAt: readCommitTime(folder, revision) };
    }
    return this.#last;
  }
}

/** Null where the object cannot be had: a repository that is not here, or a pack's delta. */
export function readCommitTime(folder: string, commit: string): Date | null {
  try {
    const git = findGitDirectory(folder);
    if (git === null) return null;
    for (const objects of storesFrom(join(git.common, 'objects'))) {
      const object = readLoose(objects, commit) ?? readPacked(join(objects, 'pack'), commit);
      if (object !== null) return committerDate(object);
    }
    return null;
  } catch {
    // Nothing depends on it, and the store may be packed anew, or be damaged, at this very moment.
    return null;
  }
}

const mostStores = 20;

/** The store, and those that it borrows from: `git clone --shared` and `--reference` copy nothing. */
function storesFrom(objects: string): ReadonlySet<string> {
  const stores = new Set([objects]);
  for (const store of stores) {
    const list = readIfThere(join(store, 'info', 'alternates'))?.toString('utf8') ?? '';
    for (const line of list.split('\n')) {
      const isStore = line !== '' && !line.startsWith('#') && stores.size < mostStores;
      // This very loop comes to what is added here.
      if (isStore) stores.add(resolve(store, line));
    }
  }
  return stores;
}

/** `committer Ann <ann@example.org> 1790000000 +0100`: seconds since 1970. */
function committerDate(object: string | null): Date | null {
  const seconds = /^committer .* (\d+) [+-]\d{4}$/m.exec(object ?? '')?.[1];
  return seconds === undefined ? null : new Date(Number(seconds) * 1000);
}

function readLoose(objects: string, commit: string): string | null {
  const bytes = readIfThere(join(objects, commit.slice(0, 2), commit.slice(2)));
  if (bytes === null) return null;
  return inflateSync(bytes, { maxOutputLength: largestCommit }).toString('utf8');
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

const largestCommit = 1024 * 1024;

function readPacked(folder: string, commit: string): string | null {
  for (const name of listPacks(folder)) {
    const offset = findInIndex(readFileSync(join(folder, name)), Buffer.from(commit, 'hex'));
    if (offset !== null) return readEntry(join(folder, name.replace(/\.idx$/, '.pack')), offset);
  }
  return null;
}

function listPacks(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.idx'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

const indexHeader = Buffer.from([0xff, 0x74, 0x4f, 0x63, 0, 0, 0, 2]);

/**
 * The offset in the pack; null when it is not in there. Version 2 of the index, as gitformat-pack(5)
 * describes it: a header, 256 running counts by first byte, the sorted hashes, their checksums of 4
 * bytes, their offsets of 4 bytes, and offsets of 8 bytes for what lies beyond 2 GiB.
 */
function findInIndex(index: Buffer, hash: Buffer): number | null {
  if (!index.subarray(0, 8).equals(indexHeader)) return null;
  const counts = (byte: number) => (byte < 0 ? 0 : index.readUInt32BE(8 + 4 * byte));
  const total = counts(255);
  const hashes = 8 + 4 * 256;
  const first = hash[0] ?? 0;
  for (let at = counts(first - 1); at < counts(first); at += 1) {
    const start = hashes + at * hash.length;
    if (!index.subarray(start, start + hash.length).equals(hash)) continue;
    const offsets = hashes + total * (hash.length + 4);
    const offset = index.readUInt32BE(offsets + 4 * at);
    if (offset < 2 ** 31) return offset;
    const far = offsets + 4 * total + 8 * (offset - 2 ** 31);
    return Number(index.readBigUInt64BE(far));
  }
  return null;
}

const commitType = 1;

/** A pack's entry: type and size, seven bits a byte, then the deflated object. */
function readEntry(pack: string, offset: number): string | null {
  const bytes = readAt(pack, offset, 64 * 1024);
  const type = ((bytes[0] ?? 0) >> 4) & 7;
  if (type !== commitType) return null;
  let start = 0;
  while (((bytes[start] ?? 0) & 0x80) !== 0) start += 1;
  return inflateSync(bytes.subarray(start + 1), { maxOutputLength: largestCommit }).toString(
    'utf8',
  );
}

function readAt(path: string, offset: number, length: number): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, length, offset));
  } finally {
    closeSync(descriptor);
  }
}
