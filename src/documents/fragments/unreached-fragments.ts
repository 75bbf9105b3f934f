// The files of a widget directory that are fragments by their names, and that nothing extends: kept for later, or
// forgotten. Looks at names only, and not behind links.
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../base/errors.ts';
import type { ReachedFragment } from '../../model/document.ts';
import { isFragmentName } from '../tree/name-fragment.ts';
import { entriesOf, treeLimits } from '../tree/tree-limits.ts';

/** Sorted, relative to the widget directory. Of more entries than a tree may have, the rest is not looked at. */
export function unreachedFragments(
  directory: string,
  reached: readonly Pick<ReachedFragment, 'file'>[],
): string[] {
  const known = new Set(reached.map(({ file }) => file));
  const found: string[] = [];
  const todo = [''];
  let entries = 0;
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop()) {
    for (const entry of entriesOf(join(directory, folder))) {
      entries += 1;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory()) todo.push(path);
      else if (isFragmentName(path) && !known.has(path)) found.push(path);
    }
    if (entries > treeLimits.entries) break;
  }
  // One that is reached through a link is not named by its own path.
  const places = new Set(reached.map(({ file }) => placeOf(directory, file)));
  return found.filter((file) => !places.has(placeOf(directory, file))).sort();
}

/** Without links; for what leads nowhere a path of its own. */
function placeOf(directory: string, file: string): string {
  const path = join(directory, file);
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return path;
  }
}
