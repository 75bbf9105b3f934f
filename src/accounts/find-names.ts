// Which accounts `each` finds: the names that stand for {name} in a path.
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { codeOf } from '../base/errors.ts';
import { whyUnread } from '../base/yaml/read-text-file.ts';
import { accountName } from './account-entry.ts';
import { fileState } from './file-state.ts';

export interface FoundNames {
  /** Sorted. */
  readonly names: readonly string[];
  /** Folders that fit though their name is none of an account, sorted. */
  readonly odd: readonly string[];
}

const hole = '{name}';

export function pathFor(pattern: string, name: string): string {
  return pattern.replaceAll(hole, name);
}

/**
 * Looks at what stands beside each other where {name} first stands. Folders that begin with a dot or an
 * underscore hold what is shared, or belong to a tool. Throws an Error that says why nothing can be told.
 */
export function findNames(pattern: string, wanted: 'folder' | 'file'): FoundNames {
  const { parent, start } = around(pattern);
  const [folder = ''] = pattern.slice(pattern.indexOf(hole) + hole.length).split('/');
  const found = listed(parent).flatMap((entry) => {
    if (!entry.startsWith(start) || !entry.endsWith(folder)) return [];
    const name = entry.slice(start.length, entry.length - folder.length);
    if (name === '' || /^[._]/.test(entry) || !stands(pathFor(pattern, name), wanted)) return [];
    return [name];
  });
  const names = found.filter((name) => accountName.test(name)).sort();
  return { names, odd: found.filter((name) => !accountName.test(name)).sort() };
}

/** Another text where an entry beside {name} has come, gone or been replaced; '' where that cannot be seen. */
export function stateAround(pattern: string): string {
  try {
    return fileState(around(pattern).parent);
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return '';
  }
}

/** Where {name} first stands, and what the names of what stands there begin with. */
function around(pattern: string): { readonly parent: string; readonly start: string } {
  const before = pattern.slice(0, pattern.indexOf(hole));
  if (before.endsWith('/')) return { parent: before, start: '' };
  return { parent: dirname(before), start: basename(before) };
}

function listed(parent: string): string[] {
  try {
    return readdirSync(parent);
  } catch (error) {
    throw new Error(
      `expected folders in ${parent.replace(/(?<=.)\/$/, '')}, but ${whyUnread(error)}`,
    );
  }
}

/** What may not be looked at stands: who works with it says what is in the way. */
function stands(path: string, wanted: 'folder' | 'file'): boolean {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return wanted === 'folder' ? (stats?.isDirectory() ?? false) : (stats?.isFile() ?? false);
  } catch (error) {
    return codeOf(error) !== 'ENOTDIR';
  }
}

export function isFolder(path: string): boolean {
  return stands(path, 'folder');
}
