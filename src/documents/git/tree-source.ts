// The source of a directory's files, as far as that tells a whole tree from half of one.
import { lstatSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../../base/errors.ts';
import type { TreeSource } from '../../model/document.ts';
import { publishedCommit } from './read-revision.ts';

/** `root` is the directory without links. */
export function sourceOf(root: string, { isCheckout }: { isCheckout: boolean }): TreeSource {
  if (publishedCommit(root) !== null || isInVolume(root)) return 'published';
  return isCheckout ? 'checkout' : 'plain';
}

/** The kubelet keeps what a volume shows in a folder such as `..2026_01_31_09_00_00.123`. */
const dataLink = '..data';

/** The volume itself, or a folder of what it shows. */
function isInVolume(root: string): boolean {
  if (targetOf(join(root, dataLink)) !== null) return true;
  for (let at = root; at !== dirname(at); at = dirname(at)) {
    const name = basename(at);
    if (name.startsWith('..') && targetOf(join(dirname(at), dataLink)) === name) return true;
  }
  return false;
}

/** Null where there is no such link, or where it may not be read. */
function targetOf(link: string): string | null {
  try {
    const stats = lstatSync(link, { throwIfNoEntry: false });
    return stats?.isSymbolicLink() ? readlinkSync(link) : null;
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return null;
  }
}
