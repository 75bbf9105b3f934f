// All that is known of the files of one look, for the next one: in a list, sorted by path as the files are.
import type { FileContent } from '../check/file-content.ts';
import { type Content, isTimed, type TreeFile } from '../tree/build-tree.ts';
import { type Composed, type ComposeOptions, compose } from './composed-content.ts';
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
}

/** Finds the index of files by path, -1 for none; those that are asked for come sorted, as the list is. */
export function alongside(files: readonly KnownFile[]): (path: string) => number {
  let at = 0;
  return (path) => {
    let known = files[at];
    while (known !== undefined && known.file.path !== path && known.file.path < path) {
      at += 1;
      known = files[at];
    }
    if (known?.file.path !== path) return -1;
    at += 1;
    return at - 1;
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

/** With what comes of it and all that it extends, as these are now. */
export function withComposed(known: KnownFile, root: string, options: ComposeOptions): KnownFile {
  const { file, content, chain, composed } = known;
  if (!('digest' in file) || content === null || chain === null) return known;
  const { path, digest: bytes } = file;
  const isNow = composed?.chain === chain && composed.bytes === bytes && composed.isLasting;
  if (isNow) return known;
  const layered = { file: path, root, bytes, content, chain };
  return { file, content, chain, composed: compose(layered, composed, options) };
}

/** Whether something else comes of it as time goes by. */
export function isPassing(known: KnownFile | undefined): boolean {
  if (known === undefined) return false;
  const { content, composed } = known;
  if (composed !== null) return !composed.isLasting || isTimed(composed.content);
  return content !== null && isTimed(content);
}

export function contentIn(known: KnownFile | undefined, isPatient: boolean): Content {
  if (known === undefined || known.content === null) throw new Error('a file was not read');
  const { content, chain, composed } = known;
  if (chain === null || composed === null) return content;
  const whole = composed.content;
  return isPatient || whole.unsettled === null ? whole : { ...whole, unsettled: null };
}
