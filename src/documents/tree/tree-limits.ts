// How much a widget directory may hold. Beyond it somebody has named the wrong one, and each look
// would take many seconds, each folder a watch.
import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../base/errors.ts';

export interface TreeLimits {
  readonly files: number;
  readonly folders: number;
  /** The number of entries of every kind, whatever their names. */
  readonly entries: number;
}

export const treeLimits: TreeLimits = { files: 100_000, folders: 10_000, entries: 200_000 };

/** `more than 10000 folders`, or null. */
export function treeExcess(counts: TreeLimits, limits: TreeLimits): string | null {
  if (counts.files > limits.files) return `more than ${limits.files} widget files`;
  if (counts.folders > limits.folders) return `more than ${limits.folders} folders`;
  if (counts.entries > limits.entries) return `more than ${limits.entries} files and folders`;
  return null;
}

/** Whether what is called so is no widget, nor holds any: hidden, or a fragment that others share. */
export function isPassedOver(name: string): boolean {
  return name.startsWith('.') || name.startsWith('_');
}

export function isWidgetName(name: string): boolean {
  return name.endsWith('.yaml') || name.endsWith('.yml');
}

/**
 * How many folders there are, the root among them; of more than `most`, it is not counted how many. Looks
 * at names only, not behind links, and not into what is passed over.
 */
export function countFolders(root: string, most: number): number {
  const todo = [root];
  let done = 0;
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop()) {
    done += 1;
    for (const entry of entriesOf(folder)) {
      if (entry.isDirectory() && !isPassedOver(entry.name)) todo.push(join(folder, entry.name));
      if (done + todo.length > most) return most + 1;
    }
  }
  return done;
}

/** None of a folder that may not be listed, or is gone: that is reported where it is read. */
export function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return [];
  }
}
