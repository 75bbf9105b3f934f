// Follows a directory's name to where it leads, and through which links.
import { readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, parse, sep } from 'node:path';
import { codeOf, messageOf, UsageError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import { folderIdentity, linkStatsOf } from './stat-path.ts';

/**
 * By its text, once and for all: the folder that a process was started in may be replaced, and names
 * that are relative would go on leading into the former one.
 */
export function absoluteFrom(directory: string): string {
  return isAbsolute(directory) ? directory : `${process.cwd()}${sep}${directory}`;
}

export interface Root {
  /** Without links. */
  readonly path: string;
  /** The identity of the folder itself: another one under the same name has another. */
  readonly identity: string;
}

/** `missing` may be a matter of time; `unusable` is for a person to mend. */
export interface NoRoot {
  readonly kind: 'missing' | 'unusable';
  /** Says what is wrong and what to do. */
  readonly message: string;
}

/** Finds what the directory's name leads to now: git-sync and ConfigMap volumes replace it as a whole. */
export function findRoot(directory: string, givenName = directory): Root | NoRoot {
  try {
    const path = realpathSync.native(directory);
    const stats = statSync(path);
    if (stats.isDirectory()) return { path, identity: `${path}|${folderIdentity(stats)}` };
  } catch (error) {
    return whyNoRoot(error, printable(givenName));
  }
  const message = `${printable(givenName)} is not a directory. Name the directory that holds the widget files, not a file in it.`;
  return { kind: 'unusable', message };
}

function whyNoRoot(error: unknown, name: string): NoRoot {
  const code = codeOf(error);
  if (code === null) throw error;
  if (code === 'ENOENT') {
    const message = `The widget directory ${name} does not exist. Create it, or name another one on the command line.`;
    return { kind: 'missing', message };
  }
  const message = `The widget directory ${name} cannot be read: ${messageOf(error)}.`;
  return { kind: 'unusable', message };
}

/** Throws UsageError where there is no directory. */
export function requireRoot(directory: string, givenName = directory): Root {
  const root = findRoot(directory, givenName);
  if ('kind' in root) throw new UsageError(root.message);
  return root;
}

/** Throws UsageError where there is something that waiting would not make a directory to read. */
export function refuseUnusable(directory: string): void {
  const root = findRoot(directory);
  if ('kind' in root && root.kind === 'missing') return;
  try {
    readdirSync(requireRoot(directory).path);
  } catch (error) {
    if (codeOf(error) === null) throw error;
    throw new UsageError(
      `The widget directory ${printable(directory)} cannot be read: ${messageOf(error)}.`,
    );
  }
}

/**
 * The places where a directory's name is looked up, by folder and name: what has to be watched to learn that it
 * leads elsewhere. The links of the way, the folder itself and the two above it; where it leads
 * nowhere at the moment, the nearest folder that exists and the name that is missing in it.
 */
export function findPlaces(directory: string): Map<string, Set<string>> {
  const places = new Map<string, Set<string>>();
  const path = absoluteFrom(directory);
  let at = followLinks(parse(path).root, path, places);
  for (let above = 0; above < namesWatched && at !== dirname(at); above += 1) {
    addPlace(places, dirname(at), basename(at));
    at = dirname(at);
  }
  return places;
}

/** The directory's own name and those of the folders that hold it: any of them may be made anew. */
const namesWatched = 3;

/** A way through more links than this is a circle. */
const mostLinks = 40;

/**
 * Notes the links on the way from `folder`, which is without links, to a path from there. Gives where the way
 * ends, or what is missing first; a link only where there are too many to follow.
 */
export function followLinks(
  folder: string,
  path: string,
  places: Map<string, Set<string>>,
): string {
  let left = namesOf(path);
  let reached = folder;
  for (let links = 0; left.length > 0; ) {
    const [name = '', ...rest] = left;
    left = rest;
    // `..` goes back from where a link has led to, not from its text.
    if (name === '..') {
      reached = dirname(reached);
      continue;
    }
    const next = join(reached, name);
    const stats = linkStatsOf(next);
    if (stats === null) return next;
    if (!stats.isSymbolicLink()) {
      reached = next;
      continue;
    }
    links += 1;
    addPlace(places, reached, name);
    if (links > mostLinks) return next;
    const link = readlinkSync(next);
    left = [...namesOf(link), ...rest];
    if (isAbsolute(link)) reached = parse(link).root;
  }
  return reached;
}

function namesOf(path: string): string[] {
  const names = path.slice(parse(path).root.length).split(sep);
  return names.filter((name) => name !== '' && name !== '.');
}

export function addPlace(places: Map<string, Set<string>>, folder: string, name: string): void {
  places.set(folder, (places.get(folder) ?? new Set()).add(name));
}
