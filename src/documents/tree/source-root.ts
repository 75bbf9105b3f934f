// The folder below which fragments may lie: the widget directory's own, or one above it.
import { realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { codeOf, messageOf, UsageError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import { absoluteFrom, findRoot, type NoRoot, type Root } from './root-path.ts';
import { linkStatsOf } from './stat-path.ts';

/** What says where the source root is, besides the folders themselves. */
export interface RootWords {
  /** `--root`. */
  readonly root?: string | null;
  /** The file of accounts that the widget directory is named in. */
  readonly accountsFile?: string | null;
  /** The folder of the shell, for what is named by the way from there to a file. */
  readonly startedIn?: string | null;
}

export interface SourceRoot {
  /** The widget directory, without links. */
  readonly widgets: string;
  /** The source root, without links: the widget directory, or a folder above it. */
  readonly top: string;
  /** The widget directory from there, with forward slashes; '' where it is the source root itself. */
  readonly place: string;
  /** What it is by. */
  readonly by: 'option' | 'git' | 'accounts' | 'shell' | 'nothing else';
}

/** Of a widget directory that was found. Both are of one moment, or there is none. */
export function findSourceRoot(
  { path }: Root,
  { root, accountsFile, startedIn }: RootWords,
): SourceRoot | NoRoot {
  if (root != null) return namedRoot(path, root);
  const git = nearestWith('.git', path);
  if (git !== null) return sourceRoot(path, git, 'git');
  const named = accountsFile == null ? null : folderOf(accountsFile);
  const isAbove = named !== null && isWithin(named, path);
  const accounts = isAbove ? named : nearestWith('accounts.yaml', path);
  if (accounts !== null) return sourceRoot(path, accounts, 'accounts');
  const shell = startedIn == null ? null : folderAt(startedIn);
  if (shell !== null && 'path' in shell && shell.path !== null && isWithin(shell.path, path)) {
    return sourceRoot(path, shell.path, 'shell');
  }
  return sourceRoot(path, path, 'nothing else');
}

export interface Roots {
  readonly root: Root;
  readonly sources: SourceRoot;
}

/** The folders that the names lead to now, both of one moment: a link may be swapped in between. */
export function findRoots(
  path: string,
  { directory, ...words }: RootWords & { readonly directory: string },
): Roots | NoRoot {
  for (let attempt = 1; ; attempt += 1) {
    const root = findRoot(path, directory);
    if ('kind' in root) return root;
    const sources = findSourceRoot(root, words);
    if (!('kind' in sources)) return { root, sources };
    if (attempt === mostAttempts) return sources;
  }
}

const mostAttempts = 3;

/** Throws UsageError where waiting would not make a source root of what `--root` names. */
export function refuseWrongRoot(directory: string, root: string | null): void {
  if (root === null) return;
  const found = findRoots(absoluteFrom(directory), { directory, root });
  if ('kind' in found && found.kind === 'unusable') throw new UsageError(found.message);
}

/** Throws UsageError where there is no such directory, or no such source root. */
export function requireRoots(
  path: string,
  named: RootWords & { readonly directory: string },
): Roots {
  const found = findRoots(path, named);
  if ('kind' in found) throw new UsageError(found.message);
  return found;
}

/** Whether one path without links is another one, or lies below it. */
export function isWithin(top: string, path: string): boolean {
  const way = relative(top, path);
  return way !== '..' && !way.startsWith(`..${sep}`);
}

function sourceRoot(widgets: string, top: string, by: SourceRoot['by']): SourceRoot {
  return { widgets, top, place: relative(top, widgets).split(sep).join('/'), by };
}

function namedRoot(widgets: string, root: string): SourceRoot | NoRoot {
  const name = printable(root);
  const found = folderAt(absoluteFrom(root));
  if ('code' in found) {
    if (found.code === 'ENOENT') {
      const message = `--root: there is no folder ${name}. Name the widget directory, or a folder above it.`;
      return { kind: 'missing', message };
    }
    return { kind: 'unusable', message: `--root: ${name} cannot be read: ${found.why}.` };
  }
  const { path } = found;
  if (path !== null && isWithin(path, widgets)) return sourceRoot(widgets, path, 'option');
  const what = path === null ? 'is not a folder' : 'does not hold the widget directory';
  const message = `--root: ${name} ${what}. Name the widget directory, or a folder above it.`;
  return { kind: 'unusable', message };
}

type Folder =
  /** Without links; null for what is no folder. */
  { readonly path: string | null } | { readonly code: string; readonly why: string };

function folderAt(path: string): Folder {
  try {
    const real = realpathSync.native(path);
    return { path: statSync(real).isDirectory() ? real : null };
  } catch (error) {
    const code = codeOf(error);
    if (code === null) throw error;
    return { code, why: messageOf(error) };
  }
}

/** Of whatever kind: the `.git` of a linked working copy may name a place that is not mounted here. */
function nearestWith(name: string, folder: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    if (linkStatsOf(join(at, name)) !== null) return at;
    if (at === dirname(at)) return null;
  }
}

/** Null where there is none: then the file of accounts cannot be read either, and that is said there. */
function folderOf(file: string): string | null {
  const folder = folderAt(dirname(absoluteFrom(file)));
  return 'path' in folder ? folder.path : null;
}
