// The objects of packs that were read last, up to a few megabytes: near ones are deltas of each other.
import type { GitObject } from './git-object.ts';

const mostBytes = 8 * 1024 * 1024;
const largestKept = 1024 * 1024;

export class ObjectCache {
  /** The one that was used last comes last. */
  readonly #objects = new Map<string, GitObject>();
  #bytes = 0;

  get(key: string): GitObject | null {
    const object = this.#objects.get(key);
    if (object === undefined) return null;
    this.#objects.delete(key);
    this.#objects.set(key, object);
    return object;
  }

  put(key: string, object: GitObject): void {
    if (object.bytes.length > largestKept || this.#objects.has(key)) return;
    this.#objects.set(key, object);
    this.#bytes += object.bytes.length;
    for (const [oldest, { bytes }] of this.#objects) {
      if (this.#bytes <= mostBytes) return;
      this.#objects.delete(oldest);
      this.#bytes -= bytes.length;
    }
  }
}
