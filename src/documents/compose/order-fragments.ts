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

/**
 * Of what a file extends. `entriesOf` gives the fragments that a fragment extends, by the index of the entry; null
 * stands for one that leads to no fragment.
 *
 * A fragment that several reach lies beneath all of them: with `[_dark, _holiday]`, both over `_brand`, the order is
 * brand, dark, holiday.
 */
export function orderFragments(
  entries: readonly (string | null)[],
  entriesOf: (file: string) => readonly (string | null)[],
): FragmentOrder {
  const files: string[] = [];
  const rings: Ring[] = [];
  const done = new Set<string>();
  const way: string[] = [];

  function follow(file: string): void {
    way.push(file);
    for (const [entry, next] of entriesOf(file).entries()) {
      if (next === null || done.has(next)) continue;
      const since = way.indexOf(next);
      if (since === -1) follow(next);
      else rings.push({ file, entry, way: [...way.slice(since), next] });
    }
    way.pop();
    done.add(file);
    files.push(file);
  }

  for (const file of entries) if (file !== null && !done.has(file)) follow(file);
  return { files, rings };
}
