// What a look has walked, as far as it tells what to watch. Pure.
import { relative, sep } from 'node:path';
import type { LoadedTree } from '../../model/document.ts';
import { isPassedOver } from '../tree/tree-limits.ts';

/** The part of a tree that says what to watch. */
export type Walked = Pick<LoadedTree, 'folders' | 'places'>;

/** Whether the watch of a root reports what happens in a folder. */
export function isWalked(root: string, folder: string): boolean {
  const names = relative(root, folder).split(sep);
  return names.every((name) => name === '' || !isPassedOver(name));
}

/** Whether a folder of the earlier look is another one now: its watch went with the former. */
export function hasReplacement(
  before: ReadonlyMap<string, string> | null,
  now: ReadonlyMap<string, string> | null,
): boolean {
  if (before === null || now === null) return false;
  for (const [path, identity] of now) {
    if (path !== '' && before.has(path) && before.get(path) !== identity) return true;
  }
  return false;
}
