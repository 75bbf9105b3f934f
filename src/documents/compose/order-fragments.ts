// The order in which fragments are laid over each other: depth first, the weakest first, each once. Pure.

/** An entry of `extends` that leads back to a fragment which is still being followed. */
export interface Ring {
  /** Whose entry closes the ring; its index in that file's `extends`. */
  readonly file: string;
  readonly entry: number;
  /** From the fragment that is come back to, to itself: `_a.yaml`, `_b.yaml`, `_a.yaml`. */
  readonly way: readonly string[];
}

export interface FragmentOrder {
  /** The weakest first, each at its first mention. */
  readonly files: readonly string[];
  readonly rings: readonly Ring[];
}

/** By the index of the entry; null stands for one that leads to no fragment. */
export type EntriesOf = (file: string) => readonly (string | null)[];

/**
 * Of what a file extends.
 *
 * A fragment that several reach lies beneath all of them: with `[_dark, _holiday]`, both over `_brand`, the order is
 * brand, dark, holiday.
 */
export function orderFragments(
  entries: readonly (string | null)[],
  entriesOf: EntriesOf,
): FragmentOrder {
  const order = new OrderedFragments(entriesOf);
  for (const file of entries) if (file !== null) order.add(file);
  return order;
}

/** The order, entry by entry. */
export class OrderedFragments implements FragmentOrder {
  readonly files: string[] = [];
  readonly rings: Ring[] = [];
  readonly #entriesOf: EntriesOf;
  readonly #most: number;
  readonly #done = new Set<string>();
  readonly #way: string[] = [];
  #isOver = false;

  /** `most`: no more fragments than that are followed. */
  constructor(entriesOf: EntriesOf, most = Number.POSITIVE_INFINITY) {
    this.#entriesOf = entriesOf;
    this.#most = most;
  }

  /** Whether there are more than are followed. */
  get isOver(): boolean {
    return this.#isOver;
  }

  has(file: string): boolean {
    return this.#done.has(file);
  }

  /** What the next entry leads to. */
  add(file: string): void {
    if (!this.#done.has(file)) this.#follow(file);
  }

  #follow(file: string): void {
    if (this.files.length + this.#way.length >= this.#most) {
      this.#isOver = true;
      return;
    }
    this.#way.push(file);
    for (const [entry, next] of this.#entriesOf(file).entries()) {
      if (next === null || this.#done.has(next)) continue;
      const since = this.#way.indexOf(next);
      if (since === -1) this.#follow(next);
      else this.rings.push({ file, entry, way: [...this.#way.slice(since), next] });
    }
    this.#way.pop();
    this.#done.add(file);
    this.files.push(file);
  }
}
