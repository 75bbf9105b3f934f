// What a tree tells, with what is told of its fragments. Pure.
import type { LoadedTree, Problem } from '../../model/document.ts';
import { byPlace } from '../parse/finding.ts';
import { type BuiltTree, byFile } from '../tree/build-tree.ts';
import type { FragmentChains } from './fragment-chains.ts';
import { type Met, type Reached, toldOfFragments } from './fragment-problems.ts';
import { fileAt, type KnownFile } from './known-files.ts';
import { lacksTogether } from './shared-lack.ts';

/** `files`: those of the tree, sorted by path. */
export function withFragments(
  tree: BuiltTree,
  files: readonly KnownFile[],
  { reached, chains }: { readonly reached: readonly Reached[]; readonly chains: FragmentChains },
): BuiltTree & Pick<LoadedTree, 'fragments'> {
  const fragments = reached.map(({ fragment: { file }, widgets }) => ({ file, widgets }));
  const lacking = lacksTogether(tree, fragments, orderIn(files));
  const told = toldOfFragments(metIn(files), reached, chains);
  return {
    ...lacking,
    problems: [...lacking.problems, ...told.problems].sort(inOrder),
    notes: [...tree.notes, ...told.notes].sort(inOrder),
    fragments,
  };
}

/** The fragments of a widget file by its path, the weakest first. */
function orderIn(files: readonly KnownFile[]) {
  return (path: string): string[] =>
    fileAt(files, path)?.chain?.fragments.map(({ file }) => file) ?? [];
}

/** What the files with something to tell of fragments tell: hardly ever many. */
function metIn(files: readonly KnownFile[]): Met[] {
  const found: Met[] = [];
  for (const { file, chain, composed } of files) {
    if (chain === null || composed === null) continue;
    const { problems, notes } = composed.elsewhere;
    if (problems.length + notes.length > 0) found.push({ file: file.path, problems, notes });
  }
  return found;
}

function inOrder(a: Problem, b: Problem): number {
  return byFile(a, b) || byPlace(a, b);
}
