// Which files of a tree have which chain, and which of them each fragment reaches. Pure.
import { byFile } from '../tree/build-tree.ts';
import type { Chain } from './fragment-chains.ts';
import type { Fragment } from './fragment-files.ts';
import type { Reached } from './fragment-problems.ts';
import type { KnownFile } from './known-files.ts';

/** The indexes of the files that have it, ascending. */
export type FilesOfChains = ReadonlyMap<Chain, readonly number[]>;

export function filesOfChains(files: readonly KnownFile[]): FilesOfChains {
  const found = new Map<Chain, number[]>();
  for (const [index, { chain }] of files.entries()) {
    if (chain === null) continue;
    const indexes = found.get(chain);
    if (indexes === undefined) found.set(chain, [index]);
    else indexes.push(index);
  }
  return found;
}

/** Sorted by file, as the files are. */
export function reachedBy(files: readonly KnownFile[]): Reached[] {
  const reached = new Map<string, { readonly fragment: Fragment; readonly widgets: string[] }>();
  const listsOf = new Map<Chain, string[][]>();
  for (const { file, chain } of files) {
    if (chain === null) continue;
    let lists = listsOf.get(chain);
    if (lists === undefined) {
      lists = chain.fragments.map((fragment) => {
        const known = reached.get(fragment.file) ?? { fragment, widgets: [] };
        reached.set(fragment.file, known);
        return known.widgets;
      });
      listsOf.set(chain, lists);
    }
    for (const widgets of lists) widgets.push(file.path);
  }
  return [...reached.values()].sort((a, b) => byFile(a.fragment, b.fragment));
}

/** The same with the fragments as they are now; null where a chain has others than before. */
export function reachedAgain(
  reached: readonly Reached[],
  chains: Iterable<readonly [before: Chain, now: Chain]>,
): Reached[] | null {
  const fragments = new Map<string, Fragment>();
  for (const [before, now] of chains) {
    const isSame = before.fragments.every(({ file }, at) => now.fragments[at]?.file === file);
    if (!isSame || before.fragments.length !== now.fragments.length) return null;
    for (const fragment of now.fragments) fragments.set(fragment.file, fragment);
  }
  return reached.map(({ fragment, widgets }) => ({
    fragment: fragments.get(fragment.file) ?? fragment,
    widgets,
  }));
}
