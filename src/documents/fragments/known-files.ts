// All that is known of the files of one look, for the next one: in a list, sorted by path as the files are.
import type { FileContent } from '../check/file-content.ts';
import type { BuiltFile, TreeFile } from '../tree/build-tree.ts';
import type { Composed } from './composed-content.ts';
import type { Chain } from './fragment-chains.ts';

/** A file with all that is known of it: the same object from look to look, as long as nothing of that moves. */
export interface KnownFile {
  readonly file: TreeFile;
  /** Null of a file that was not read. */
  readonly content: FileContent | null;
  /** Null where it extends nothing. */
  readonly chain: Chain | null;
  /** Of a file with a chain, what was composed last, maybe with another one; null where nothing was. */
  readonly composed: Composed | null;
  /** What came of it last; null where nothing did. */
  readonly built: BuiltFile | null;
}

/** Finds files by path; those that are asked for come sorted, as the list is. */
export function alongside(files: readonly KnownFile[]): (path: string) => KnownFile | null {
  let at = 0;
  return (path) => {
    let known = files[at];
    while (known !== undefined && known.file.path !== path && known.file.path < path) {
      at += 1;
      known = files[at];
    }
    if (known?.file.path !== path) return null;
    at += 1;
    return known;
  };
}

export function fileAt(files: readonly KnownFile[], path: string): KnownFile | undefined {
  let [low, high] = [0, files.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const known = files[middle];
    if (known === undefined || known.file.path === path) return known;
    if (known.file.path < path) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}
