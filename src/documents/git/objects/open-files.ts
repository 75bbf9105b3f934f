// Reads parts of files by their place, with few of them open at a time: a pack of hundreds of megabytes
// costs no more memory than what is asked of it, and a store of a thousand packs no more descriptors.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const mostOpen = 32;

export class OpenFiles {
  /** The one that was used last comes last. */
  readonly #descriptors = new Map<string, number>();

  /** Fewer bytes where the file ends before. Throws what the file system throws. */
  read(path: string, offset: number, length: number): Buffer {
    const descriptor = this.#open(path);
    const buffer = Buffer.alloc(length);
    let filled = 0;
    while (filled < length) {
      const amount = readSync(descriptor, buffer, filled, length - filled, offset + filled);
      if (amount === 0) break;
      filled += amount;
    }
    return buffer.subarray(0, filled);
  }

  sizeOf(path: string): number {
    return fstatSync(this.#open(path)).size;
  }

  close(): void {
    for (const descriptor of this.#descriptors.values()) closeSync(descriptor);
    this.#descriptors.clear();
  }

  #open(path: string): number {
    const known = this.#descriptors.get(path);
    const descriptor = known ?? openSync(path, 'r');
    this.#descriptors.delete(path);
    this.#descriptors.set(path, descriptor);
    const [oldest] = this.#descriptors;
    if (this.#descriptors.size > mostOpen && oldest !== undefined) {
      closeSync(oldest[1]);
      this.#descriptors.delete(oldest[0]);
    }
    return descriptor;
  }
}
