// Where a fragment lies that a file names. Whatever is by name no fragment, lies outside of the source root,
// is no regular file or is too large is told, and never opened.
import { type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs';
import { basename, dirname, posix, relative, sep } from 'node:path';
import { codeOf } from '../../base/errors.ts';
import { closestName } from '../../base/suggest-name.ts';
import type { Finding } from '../../model/document.ts';
import {
  type EntryRefusal,
  type FragmentName,
  fragmentRule,
  isFragmentName,
  nameFragment,
  shownEntry,
} from './name-fragment.ts';
import { addPlace, followLinks } from './root-path.ts';
import { isWithin, type SourceRoot } from './source-root.ts';
import { isWidgetName } from './tree-limits.ts';
import { largestFile, tooLarge, unreadable } from './unreadable-file.ts';

export type ResolvedFragment = (
  | {
      /** From the widget directory, with forward slashes. */
      readonly file: string;
      /** Without links: what to open. */
      readonly path: string;
      readonly stats: Stats;
    }
  /** The fault of that file, to be said there. */
  | { readonly file: string; readonly finding: Finding }
  /** To be said at the entry. */
  | { readonly refusal: EntryRefusal }
  /** It moved while it was looked at: look again. */
  | { readonly gone: true }
) & {
  /**
   * Where its name, the folders that hold it and the links on the way are looked up: by folder without links, the
   * names. If any of them changes, so may what is found.
   */
  readonly places: ReadonlyMap<string, ReadonlySet<string>>;
};

/** `from`: the file that says it, from the widget directory. Resolved by text first, then through links. */
export function resolveFragment(root: SourceRoot, from: string, entry: string): ResolvedFragment {
  const places = new Map<string, Set<string>>();
  const named = nameFragment(root.place, from, entry);
  if (named === null) return { places, refusal: outside(root, shownEntry(entry)) };
  if ('code' in named) return { places, refusal: named };
  try {
    return { places, ...find(root, { ...named, from, entry }, places) };
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return { places, gone: true };
  }
}

type Asked = FragmentName & { readonly from: string; readonly entry: string };
type Places = Map<string, Set<string>>;
type Found =
  | { readonly file: string; readonly path: string; readonly stats: Stats }
  | { readonly file: string; readonly finding: Finding }
  | { readonly refusal: EntryRefusal };

function find(root: SourceRoot, asked: Asked, places: Places): Found {
  const { file, below, entry } = asked;
  const end = followLinks(root.top, below, places);
  const isLinked = places.size > 0;
  // Of what lies outside nothing is told, not even whether it is there.
  if (!isWithin(root.top, end)) return { refusal: outside(root, `the link ${shownEntry(entry)}`) };
  addPlace(places, dirname(end), basename(end));
  addFoldersAbove(root.top, places);
  const found = lookAt(end);
  if (found === null) return { refusal: missing(root, end, asked) };
  if ('finding' in found) return { file, finding: found.finding };
  const { stats } = found;
  // A link must not lend the name of a fragment to what is none: a key, or what git keeps.
  const target = relative(root.widgets, end).split(sep).join('/');
  if (isLinked && !isFragmentName(target)) return { refusal: notByTarget(entry) };
  if (!stats.isFile()) return { refusal: notRegular(entry, stats) };
  if (stats.size > largestFile) return { file, finding: tooLarge(stats.size) };
  return { file, path: end, stats };
}

/** Any folder on the way may be replaced by another one, which a watch of the former does not tell. */
function addFoldersAbove(top: string, places: Places): void {
  for (const folder of [...places.keys()]) {
    for (let at = folder; at !== top && isWithin(top, at); at = dirname(at)) {
      addPlace(places, dirname(at), basename(at));
    }
  }
}

const nothingThere: ReadonlySet<string | null> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

/** Null where there is nothing. */
function lookAt(path: string): { readonly stats: Stats } | { readonly finding: Finding } | null {
  try {
    const stats = lstatSync(path);
    return stats.isSymbolicLink() ? { finding: ring() } : { stats };
  } catch (error) {
    if (nothingThere.has(codeOf(error))) return null;
    return { finding: unreadable(error) };
  }
}

function outside({ by }: SourceRoot, what: string): EntryRefusal {
  const roots: Readonly<Record<SourceRoot['by'], string>> = {
    option: 'the folder that --root names',
    git: 'the folder that holds .git',
    accounts: 'the folder of the file of accounts',
    shell: 'the folder that the command was started in, since no folder above the file holds .git',
    'nothing else': 'the widget directory, since no folder above it holds .git',
  };
  return {
    code: 'fragment-outside',
    summary: `${what} leads out of the source root`,
    detail: `That is ${roots[by]}. Put the file below it, or name with --root a folder that holds both; a container needs that folder mounted.`,
  };
}

function notRegular(entry: string, stats: Stats): EntryRefusal {
  const what = stats.isDirectory() ? 'a folder' : 'a pipe, socket or device';
  return {
    code: 'not-a-fragment',
    summary: `${shownEntry(entry)} is no regular file`,
    detail: `Expected a file, found ${what}. Name a file of fields.`,
  };
}

function notByTarget(entry: string): EntryRefusal {
  return {
    code: 'not-a-fragment',
    summary: `the link ${shownEntry(entry)} leads to what is no fragment by its name`,
    detail: `${fragmentRule} That holds for the file that a link leads to, too.`,
  };
}

/** `end` is what is missing first. */
function missing(root: SourceRoot, end: string, { entry, from, below }: Asked): EntryRefusal {
  const code = 'missing-fragment';
  const shown = shownEntry(entry);
  const parts = below.split('/');
  const way = relative(root.top, end).split(sep);
  if (way.join('/') !== parts.slice(0, way.length).join('/')) {
    const summary = `the link ${shown} leads to something that is not there`;
    return { code, summary, detail: 'Mend or remove the link.' };
  }
  const rest = parts.slice(way.length);
  const near = closestName(
    basename(end),
    namesIn(dirname(end), rest.length === 0 ? 'file' : 'folder'),
  );
  const folder = posix.dirname(posix.join(root.place, from));
  const meant = near === null ? null : posix.join(...way.slice(0, -1), near, ...rest);
  return {
    code,
    summary: `there is no file ${shown}`,
    detail:
      meant === null
        ? 'Expected a file there, by its path from the folder of this file.'
        : `Did you mean ${shownEntry(posix.relative(`/${folder}`, `/${meant}`))}?`,
  };
}

/** For a suggestion only: a folder that cannot be listed has none. */
function namesIn(folder: string, kind: 'file' | 'folder'): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const isMeant = (entry: Dirent) =>
      kind === 'file' ? isWidgetName(entry.name) : !entry.name.startsWith('.') && !entry.isFile();
    return entries.filter(isMeant).map(({ name }) => name);
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return [];
  }
}

function ring(): Finding {
  return unreadable(Object.assign(new Error('too many links'), { code: 'ELOOP' }));
}
