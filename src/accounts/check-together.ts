// What no entry can say by itself: that no two accounts share a key or a folder, and that no state lies among
// widget files. Two that share a key would share the limit of one account of the API, and one's widgets would
// be another's.
import { realpathSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { listed, printable } from '../base/text.ts';
import type { Candidate } from './make-entries.ts';

/** What is wrong between accounts, and whom it holds. */
export interface Conflict {
  readonly offset: number;
  readonly message: string;
  readonly holds: readonly string[];
}

const mostNamed = 5;

/** `keyOf`: a digest of it, or null where there is none to be read. */
export function findSharedKeys(
  candidates: readonly Candidate[],
  keyOf: (candidate: Candidate) => string | null,
): Conflict[] {
  const bySource = groupBy(
    candidates,
    ({ key }) => key && (key.kind === 'file' ? key.path : key.name),
  );
  const byDigest = groupBy(candidates, keyOf);
  const conflicts = [...bySource, ...byDigest].flatMap(([, group]) => {
    const [first, second] = group;
    if (first === undefined || second === undefined) return [];
    const holds = group.map(({ name }) => name);
    const field = second.key?.kind === 'env' ? 'key_env' : 'key_file';
    const message = `${field}: ${and(holds)} have one API key: give each account a key of its own`;
    return [{ offset: second.offsetOf(field), message, holds }];
  });
  // Who names one file for two has one text in both, too.
  const unlike = new Map(conflicts.map((conflict) => [conflict.holds.join(), conflict]));
  return [...unlike.values()];
}

function groupBy<Item>(items: readonly Item[], groupOf: (item: Item) => string | null) {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const name = groupOf(item);
    if (name !== null) groups.set(name, [...(groups.get(name) ?? []), item]);
  }
  return groups;
}

function and(names: readonly string[]): string {
  return names.length === 2 ? names.join(' and ') : listed(names, mostNamed);
}

export interface Placed {
  readonly candidate: Candidate;
  /** Its folder without links, and with a separator at its end. */
  readonly place: string;
}

function placesOf(candidates: readonly Candidate[]): Placed[] {
  return candidates.flatMap((candidate) => {
    const { directory } = candidate;
    return directory === null ? [] : [{ candidate, place: `${withoutLinks(directory)}${sep}` }];
  });
}

/** The same value as long as the folders lie where they lay: a link may lead elsewhere by now. */
export function followPlaces(): (candidates: readonly Candidate[]) => readonly Placed[] {
  let of: readonly Candidate[] | null = null;
  let placed: readonly Placed[] = [];
  return (candidates) => {
    // One with a mistake of its own is no reason to hold another.
    const now = placesOf(candidates.filter(({ entry }) => entry !== null));
    const isSame =
      candidates === of && now.every(({ place }, index) => place === placed[index]?.place);
    of = candidates;
    if (!isSame) placed = now;
    return placed;
  };
}

/** The same folder, or one within another. */
export function findNested(placed: readonly Placed[]): Conflict[] {
  const sorted = [...placed].sort((a, b) => (a.place < b.place ? -1 : 1));
  const around: Placed[] = [];
  return sorted.flatMap((inner) => {
    while (around.length > 0 && !inner.place.startsWith(around.at(-1)?.place ?? '')) around.pop();
    const outer = around.at(-1);
    around.push(inner);
    if (outer === undefined) return [];
    const { name, offsetOf } = inner.candidate;
    const other = outer.candidate.name;
    const where = outer.place === inner.place ? 'is that' : 'lies within that';
    const message = `directory: the folder of ${name} ${where} of ${other}, ${printable(outer.candidate.directory ?? '')}: give each account a folder of its own`;
    return [{ offset: offsetOf('directory'), message, holds: [name, other].sort() }];
  });
}

/** `state`: the directory in which each account's lies. */
export function findStateAmongFiles(placed: readonly Placed[], state: string): Conflict[] {
  const all = `${withoutLinks(resolve(state))}${sep}`;
  return placed.flatMap(({ candidate, place }) => {
    const { name, offsetOf, directory } = candidate;
    const own = `${all}${name}${sep}`;
    if (!own.startsWith(place) && !place.startsWith(all)) return [];
    const message = `directory: the state of ${name}, ${printable(own.slice(0, -1))}, and its widget files, ${printable(directory ?? '')}, lie one within the other: choose another --state (WIDGET_SYNC_STATE)`;
    return [{ offset: offsetOf('directory'), message, holds: [name] }];
  });
}

/** Of what is not there yet, the folders that are. */
function withoutLinks(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(withoutLinks(parent), path.slice(parent.length));
  }
}
