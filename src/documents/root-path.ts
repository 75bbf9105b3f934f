// Where a directory's name leads, and through which links.
import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, parse, resolve, sep } from 'node:path';
import { codeOf } from '../errors.ts';

export interface RootPath {
  /** Without links. */
  readonly path: string;
  /** Of the folder itself: another one under the same name has another. */
  readonly identity: string;
  /** Where the name is looked up: the links of the way, and the folder itself, by folder and name. */
  readonly places: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A way through more links than this is a circle. */
const mostLinks = 40;

/** Null when the name leads nowhere at the moment. */
export function resolveRoot(directory: string): RootPath | null {
  try {
    const path = realpathSync(directory);
    const { dev, ino, birthtimeNs } = statSync(path, { bigint: true });
    const places = findLinks(resolve(directory));
    addPlace(places, dirname(path), basename(path));
    return { path, identity: `${path}|${dev}:${ino}:${birthtimeNs}`, places };
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return null;
  }
}

function findLinks(target: string): Map<string, Set<string>> {
  const places = new Map<string, Set<string>>();
  let left = target.slice(parse(target).root.length).split(sep);
  let reached = parse(target).root;
  for (let links = 0; left.length > 0; ) {
    const [name = '', ...rest] = left;
    const next = join(reached, name);
    left = rest;
    if (!lstatSync(next).isSymbolicLink()) {
      reached = next;
      continue;
    }
    links += 1;
    if (links > mostLinks) break;
    addPlace(places, reached, name);
    const link = readlinkSync(next);
    const full = isAbsolute(link) ? link : resolve(dirname(next), link);
    left = [...full.slice(parse(full).root.length).split(sep), ...rest];
    reached = parse(full).root;
  }
  return places;
}

function addPlace(places: Map<string, Set<string>>, folder: string, name: string): void {
  places.set(folder, (places.get(folder) ?? new Set()).add(name));
}
