// The index of one pack, version 2, as gitformat-pack(5) describes it: a header, 256 running counts by
// first byte, the sorted hashes, their checksums of 4 bytes, their offsets of 4 bytes, and offsets of 8
// bytes for what lies beyond 2 GiB. Reads only the part of it that an answer needs.
import { damaged } from './numbers.ts';
import type { OpenFiles } from './open-files.ts';

const header = Buffer.from([0xff, 0x74, 0x4f, 0x63, 0, 0, 0, 2]);
const hashesAt = 8 + 4 * 256;

export class PackIndex {
  readonly #path: string;
  readonly #files: OpenFiles;
  readonly #hashLength: number;
  readonly #counts: Buffer;

  private constructor(path: string, files: OpenFiles, hashLength: number, counts: Buffer) {
    this.#path = path;
    this.#files = files;
    this.#hashLength = hashLength;
    this.#counts = counts;
  }

  /** Null for another version. */
  static open(path: string, files: OpenFiles, hashLength: number): PackIndex | null {
    const start = files.read(path, 0, hashesAt);
    if (!start.subarray(0, 8).equals(header)) return null;
    const index = new PackIndex(path, files, hashLength, start.subarray(8));
    if (start.length < hashesAt || index.#total * (hashLength + 8) > files.sizeOf(path)) {
      throw damaged('the index of a pack is cut short');
    }
    return index;
  }

  /** The place in the pack; null when it is not in there. */
  find(hash: Buffer): number | null {
    const { first, hashes } = this.#bucket(hash[0] ?? 0);
    const length = this.#hashLength;
    let [low, high] = [0, hashes.length / length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const order = hash.compare(hashes, middle * length, (middle + 1) * length);
      if (order === 0) return this.#offset(first + middle);
      if (order < 0) high = middle;
      else low = middle + 1;
    }
    return null;
  }

  /** The hashes that begin so, of a beginning of at least two hexadecimal digits. */
  startingWith(start: string): string[] {
    const { hashes } = this.#bucket(Number.parseInt(start.slice(0, 2), 16));
    const found: string[] = [];
    for (let at = 0; at < hashes.length; at += this.#hashLength) {
      const id = hashes.toString('hex', at, at + this.#hashLength);
      if (id.startsWith(start)) found.push(id);
    }
    return found;
  }

  get #total(): number {
    return this.#countTo(255);
  }

  #countTo(byte: number): number {
    return byte < 0 ? 0 : this.#counts.readUInt32BE(4 * byte);
  }

  /** The hashes of one first byte, and how many come before them. */
  #bucket(byte: number): { readonly first: number; readonly hashes: Buffer } {
    const first = this.#countTo(byte - 1);
    const amount = this.#countTo(byte) - first;
    if (amount < 0) throw damaged('the counts of an index run backwards');
    const length = this.#hashLength;
    const hashes = this.#files.read(this.#path, hashesAt + first * length, amount * length);
    if (hashes.length < amount * length) throw damaged('the index of a pack is cut short');
    return { first, hashes };
  }

  #offset(at: number): number {
    const offsetsAt = hashesAt + this.#total * (this.#hashLength + 4);
    const offset = this.#files.read(this.#path, offsetsAt + 4 * at, 4).readUInt32BE(0);
    if (offset < 2 ** 31) return offset;
    const farAt = offsetsAt + 4 * this.#total + 8 * (offset - 2 ** 31);
    return Number(this.#files.read(this.#path, farAt, 8).readBigUInt64BE(0));
  }
}
