// The file of accounts, followed: each look is what it says by now, together with the folders and keys that it
// leads to. Each of these is looked at now and then, and at once where something moved beside it: a look where
// nothing has changed costs three calls of stat, however many accounts there are.
import { dirname, resolve } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { printable } from '../base/text.ts';
import type { Mistake } from '../base/yaml/yaml-places.ts';
import type { Settings } from '../config/settings.ts';
import type { AccountsFile, AccountsLook, AccountsProblem } from './account-entry.ts';
import { AccountKeys } from './account-keys.ts';
import {
  type Conflict,
  findNested,
  findSharedKeys,
  findStateAmongFiles,
  followPlaces,
  type Placed,
} from './check-together.ts';
import { type FoundNames, findNames, stateAround } from './find-names.ts';
import { FollowedText, type InForce, type TextLook } from './followed-text.ts';
import { type Candidate, makeCandidates } from './make-entries.ts';
import { nameWords, type WrittenEach } from './parse-accounts.ts';

export interface AccountsDeps {
  /** Of the process: what is no account's own, and where the states lie. */
  readonly settings: Settings;
  /** For keys that variables hold. */
  readonly env: NodeJS.ProcessEnv;
  /** `folders-and-keys`: `each` finds an account by its key as well, before it has a folder. Default: `folders`. */
  readonly foundBy?: 'folders' | 'folders-and-keys';
}

export function openAccountsFile(path: string, deps: AccountsDeps): AccountsFile {
  const text = new FollowedText(path);
  const folders = new FollowedFolders(path, deps);
  const keys = new AccountKeys(deps.env);
  const entries = followEntries(path, deps);
  const places = followPlaces();
  const surroundings = new Surroundings(path);
  let last: (Basis & { readonly look: AccountsLook }) | null = null;
  return {
    path,
    look() {
      const written = text.look();
      const { inForce } = written;
      const isDue = surroundings.isDue(inForce);
      if (last !== null && !isDue && saySame(last.problems, written.problems)) return last.look;
      const found = folders.look(inForce?.written.each ?? null);
      const candidates = entries(inForce, found);
      const { problems } = written;
      const placed = places(candidates);
      const basis = { problems, found, candidates, placed, keys: keys.read(candidates) };
      if (last !== null && isSame(last, basis)) return last.look;
      last = { ...basis, look: makeLook(path, deps, written, basis) };
      return last.look;
    },
    hint: () => surroundings.moved(),
  };
}

/** All that a look is made of. */
interface Basis {
  readonly problems: TextLook['problems'];
  readonly found: Found;
  readonly candidates: readonly Candidate[];
  readonly placed: readonly Placed[];
  /** A digest of each candidate's. */
  readonly keys: readonly (string | null)[];
}

function isSame(a: Basis, b: Basis): boolean {
  const isSameFile = a.candidates === b.candidates && a.found === b.found && a.placed === b.placed;
  return isSameFile && equal(a.keys, b.keys) && saySame(a.problems, b.problems);
}

function saySame(a: readonly AccountsProblem[], b: readonly AccountsProblem[]): boolean {
  return a === b || equal(a.map(says), b.map(says));
}

function says({ place, message }: AccountsProblem): string {
  return `${place} ${message}`;
}

function equal(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}

/** A key may be written over in its place, and a link anywhere on the way may lead elsewhere. */
const looksPerRound = 10;

/**
 * When all folders and keys are looked at: in each look until nothing beside them has moved for a round, and
 * then once in each.
 */
class Surroundings {
  readonly #path: string;
  #inForce: InForce | null = null;
  #states: readonly string[] = [];
  /** Looks since something moved. */
  #still = 0;

  constructor(path: string) {
    this.#path = path;
  }

  isDue(inForce: InForce | null): boolean {
    const each = inForce?.written.each ?? null;
    const patterns = each === null ? [] : [each.directory, each.keyFile];
    const states = patterns.map((pattern) => stateAround(within(this.#path, pattern)));
    const isSame = inForce === this.#inForce && equal(states, this.#states);
    this.#inForce = inForce;
    this.#states = states;
    this.#still = isSame ? this.#still + 1 : 0;
    return this.#still < looksPerRound || this.#still % looksPerRound === 0;
  }

  moved(): void {
    this.#still = -1;
  }
}

/** Paths are relative to the file. */
function within(file: string, pattern: string): string {
  return resolve(dirname(file), pattern);
}

interface Found extends FoundNames {
  /** Why they cannot be found now; those found before stay. */
  readonly trouble: string | null;
}

const none: Found = { names: [], odd: [], trouble: null };

/** The accounts that `each` finds; the same value as long as they are the same. */
class FollowedFolders {
  readonly #path: string;
  readonly #deps: AccountsDeps;
  #found = none;
  /** Found before, and missed by the last look. */
  #missed: ReadonlySet<string> = new Set();

  constructor(path: string, deps: AccountsDeps) {
    this.#path = path;
    this.#deps = deps;
  }

  look(each: WrittenEach | null): Found {
    const found = each === null ? none : this.#keep(this.#find(each), each);
    const { names, odd, trouble } = this.#found;
    const isSameFound =
      equal(found.names, names) && equal(found.odd, odd) && found.trouble === trouble;
    if (!isSameFound) this.#found = found;
    return this.#found;
  }

  /** A checkout may take a folder away for a moment; and where all are, no client has left. */
  #keep(found: Found, { directory }: WrittenEach): Found {
    const before = this.#found.names;
    if (found.names.length === 0 && before.length > 1) {
      const trouble = `no folder fits ${directory} any more: the accounts found before stay`;
      return { ...found, names: before, trouble: found.trouble ?? trouble };
    }
    const missing = before.filter((name) => !found.names.includes(name));
    const isSettled = missing.every((name) => this.#missed.has(name));
    this.#missed = new Set(missing);
    // What came beside may be what went, under another name: both at once.
    return isSettled ? found : this.#found;
  }

  #find({ directory, keyFile }: WrittenEach): Found {
    const at = (pattern: string) => within(this.#path, pattern);
    const byKey = this.#deps.foundBy === 'folders-and-keys';
    try {
      const keys = byKey ? findNames(at(keyFile), 'file').names : [];
      const folders = byKey ? foldersBesideKeys(at(directory)) : findNames(at(directory), 'folder');
      const names = [...new Set([...folders.names, ...keys])].sort();
      return { names, odd: folders.odd, trouble: null };
    } catch (error) {
      return { ...this.#found, trouble: messageOf(error) };
    }
  }
}

/** Whoever makes the folders begins with none, and not even with the one around them. */
function foldersBesideKeys(pattern: string): FoundNames {
  try {
    return findNames(pattern, 'folder');
  } catch {
    return { names: [], odd: [] };
  }
}

/** Makes the candidates anew only where what they come from is another. */
function followEntries(path: string, { settings, foundBy }: AccountsDeps) {
  let made: { inForce: InForce | null; found: Found; candidates: readonly Candidate[] } | null =
    null;
  return (inForce: InForce | null, found: Found): readonly Candidate[] => {
    if (made !== null && made.inForce === inForce && made.found === found) return made.candidates;
    const isFolderToCome = foundBy === 'folders-and-keys';
    const making = { file: path, settings, found: found.names, isFolderToCome };
    const candidates = inForce === null ? [] : makeCandidates(inForce.written, making);
    made = { inForce, found, candidates };
    return candidates;
  };
}

function makeLook(
  path: string,
  { settings }: AccountsDeps,
  { inForce, problems }: TextLook,
  { found, candidates, placed, keys }: Basis,
): AccountsLook {
  if (inForce === null) {
    return { accounts: [], held: [], namedVariables: [], problems };
  }
  const { written, lineOf } = inForce;
  const keyOf = new Map(candidates.map((candidate, index) => [candidate, keys[index] ?? null]));
  // One with a mistake of its own is no reason to hold another.
  const usable = candidates.filter(({ entry }) => entry !== null);
  const conflicts = [
    ...candidates.flatMap(({ name, mistakes }) => mistakes.map((one) => ofAccount(name, one))),
    ...findSharedKeys(usable, (candidate) => keyOf.get(candidate) ?? null),
    ...findNested(placed),
    ...findStateAmongFiles(placed, settings.state),
    ...(written.each === null ? [] : troublesOf(written.each, found)),
  ].sort((a, b) => a.offset - b.offset);
  const located = conflicts.map(
    ({ offset, message, holds }): AccountsProblem => ({
      place: `${printable(path)}:${lineOf(offset)}`,
      message: printable(message),
      holds,
    }),
  );
  const heldBy = new Map<string, string[]>();
  for (const problem of located) {
    for (const name of problem.holds) {
      heldBy.set(name, [...(heldBy.get(name) ?? []), `${problem.place}: ${problem.message}`]);
    }
  }
  return {
    accounts: candidates.flatMap(({ name, entry }) => (entry && !heldBy.has(name) ? [entry] : [])),
    held: [...heldBy]
      .map(([name, lines]) => ({ name, message: lines.join('\n') }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...(written.defaults.files === 'shared' && { files: 'shared' }),
    namedVariables: candidates.flatMap(({ key }) => (key?.kind === 'env' ? [key.name] : [])),
    problems: [...problems, ...located],
  };
}

function ofAccount(name: string, { offset, message }: Mistake): Conflict {
  return { offset, message, holds: [name] };
}

function troublesOf({ offset }: WrittenEach, { odd, trouble }: Found): Conflict[] {
  const told = odd.map(
    (name) =>
      `directory: a folder that fits is called ${JSON.stringify(name)}, which is no name of an account: ${nameWords}`,
  );
  const all = trouble === null ? told : [...told, `directory: ${trouble}`];
  return all.map((message) => ({ offset, message, holds: [] }));
}
