// Where a directory's name leads, and through which links.
import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, parse, resolve, sep } from 'node:path';
import { codeOf } from '../errors.ts';

export interface RootPath {
  /** Without links. */
  readonly path: string;
  /** The folders in which the links of the way stand, without links themselves. */
  readonly linkPlaces: readonly string[];
}

/** A way through more links than this is a circle. */
const mostLinks = 40;

/** Null when the name leads nowhere at the moment. */
export function resolveRoot(directory: string): RootPath | null {
  try {
    return { path: realpathSync(directory), linkPlaces: findLinkPlaces(resolve(directory)) };
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return null;
  }
}

function findLinkPlaces(target: string): string[] {
  const places = new Set<string>();
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
    places.add(reached);
    const link = readlinkSync(next);
    const full = isAbsolute(link) ? link : resolve(dirname(next), link);
    left = [...full.slice(parse(full).root.length).split(sep), ...rest];
    reached = parse(full).root;
  }
  return [...places];
}
