// Whether one commit comes after another.
import { codeOf, UsageError } from '../../base/errors.ts';
import type { Line, Standing } from '../../model/commit.ts';
import { withRepository } from './git-repository.ts';
import type { ObjectStore } from './objects/object-store.ts';
import { commitOf, type GitCommit } from './read-commit.ts';

/** The history of many years, read within a second or two; beyond it nothing is told. */
const mostCommits = 20_000;

/** How the commit of an id stands to a commit of the same repository. */
export function standingTo(folder: string, commit: GitCommit, id: string): Standing {
  if (id === commit.id) return 'same';
  return withRepository(folder, ({ objects }) => standingOf(objects, commit, id)) ?? 'unknown';
}

/**
 * How a commit stands to another one by the commits next to both, however little a clone has of them: each names
 * its parents, also those that a shallow clone lacks. It reads a thousand commits at most, so that a process may ask
 * in the middle of other work. Never throws.
 */
export function lineOf(folder: string, id: string, other: string): Line {
  try {
    return withRepository(folder, ({ objects }) => nearLine(objects, id, other)) ?? 'unknown';
  } catch (error) {
    // Git's directory may be replaced at this very moment, as git-sync does it.
    if (!(error instanceof UsageError) && codeOf(error) === null) throw error;
    return 'unknown';
  }
}

/** A replica that lags by more commits than this is told by their dates. */
const mostNear = 500;

function nearLine(objects: ObjectStore, id: string, other: string): Line {
  const [before, after] = [new Backwards(objects, id), new Backwards(objects, other)];
  for (let step = 0; step < mostNear && !(before.isOver && after.isOver); step += 1) {
    if (before.step() === other) return 'after';
    if (after.step() === id) return 'before';
  }
  return 'unknown';
}

/**
 * Looks back from both in turn: mostly one comes soon after the other. Not by their times, since clocks go
 * wrong.
 */
function standingOf(objects: ObjectStore, commit: GitCommit, id: string): Standing {
  const later = new Backwards(objects, id);
  const earlier = new Backwards(objects, commit.id);
  while (!later.isOver) {
    if (later.step() === commit.id) return 'later';
    if (earlier.step() === id) return 'other';
  }
  return later.isWhole ? 'other' : 'unknown';
}

/** The commits before one, the nearest first. */
class Backwards {
  isWhole = true;
  readonly #objects: ObjectStore;
  readonly #ids: Set<string>;
  readonly #todo: Iterator<string>;
  #next: string | undefined;

  constructor(objects: ObjectStore, id: string) {
    this.#objects = objects;
    this.#ids = new Set([id]);
    // It comes to what is added meanwhile, too.
    this.#todo = this.#ids.values();
    this.#next = this.#todo.next().value;
  }

  get isOver(): boolean {
    return this.#next === undefined;
  }

  /** The next commit, or undefined where there is none. */
  step(): string | undefined {
    const id = this.#next;
    if (id === undefined) return undefined;
    const commit = this.#ids.size > mostCommits ? null : commitOf(this.#objects, id);
    if (commit === null) this.isWhole = false;
    for (const parent of commit?.parents ?? []) this.#ids.add(parent);
    this.#next = this.#todo.next().value;
    return id;
  }
}
