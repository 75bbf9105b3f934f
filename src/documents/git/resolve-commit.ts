// The commit that a person names, as far as git's own files tell: an id or its beginning, a branch, a tag,
// HEAD, and the ways back from there. Names are words, never options or paths: an odd one is unknown.
import { UsageError } from '../../base/errors.ts';
import { hideRegistered } from '../../base/secrets.ts';
import { printable } from '../../base/text.ts';
import { isShallow } from './git-directory.ts';
import { type GitRepository, withRepository } from './git-repository.ts';
import type { ObjectStore } from './objects/object-store.ts';
import { commitOf, type GitCommit } from './read-commit.ts';
import { hasReftable, readRef, refsNamed } from './refs.ts';

/** Null where the folder is in no repository. Throws `UsageError` where no one commit is meant. */
export function resolveCommit(folder: string, text: string): GitCommit | null {
  return withRepository(folder, (repository) => commitNamed(repository, text));
}

/** Throws `UsageError` where no one commit is meant. */
export function commitNamed(repository: GitRepository, text: string): GitCommit {
  const [, name = '', back = ''] = /^([^~^]*)((?:\^\d*|~\d*)*)$/.exec(text) ?? [];
  let commit = startOf(repository, name, text);
  for (const [, kind, digits] of back.matchAll(/([~^])(\d*)/g)) {
    const number = digits === '' ? 1 : Number(digits);
    const steps = kind === '~' ? Math.min(number, mostSteps) : Math.min(number, 1);
    const parent = kind === '~' ? 1 : number;
    for (let step = 0; step < steps; step += 1) {
      commit = parentOf(repository, commit, { parent, text });
    }
  }
  return commit;
}

/** More commits than any history has. */
const mostSteps = 10_000_000;

function startOf(repository: GitRepository, name: string, text: string): GitCommit {
  const { git, objects } = repository;
  const asked = name === '@' ? 'HEAD' : name;
  if (asked.length === 2 * objects.hashLength && isHex(asked)) {
    const id = asked.toLowerCase();
    return peel(objects, id) ?? refuse(text, whyAbsent(repository, id));
  }
  for (const ref of refsNamed(asked)) {
    const id = readRef(git, ref);
    if (id !== null) return peel(objects, id) ?? refuse(text, whyAbsent(repository));
  }
  if (asked.length >= shortestId && isHex(asked)) return onlyOne(repository, asked, text);
  return refuse(text, hasReftable(git) ? whyReftable : whyUnnamed);
}

const whyUnnamed = 'this repository has no branch, tag or commit of that name';
const whyReftable =
  'this repository keeps its names in reftables, which are not read here; give the id of the commit, as git rev-parse tells it';

const shortestId = 4;

function isHex(text: string): boolean {
  return /^[0-9a-f]+$/i.test(text);
}

/** As git does it: only what leads to a commit counts. */
function onlyOne(repository: GitRepository, start: string, text: string): GitCommit {
  const { objects } = repository;
  const ids = objects.startingWith(start.toLowerCase());
  const commits = new Map(ids.flatMap((id) => peeled(objects, id)));
  const [only, ...others] = commits.values();
  if (only === undefined) return refuse(text, whyAbsent(repository));
  if (others.length === 0) return only;
  const shown = [...commits.keys()].slice(0, 3).map((id) => id.slice(0, start.length + 4));
  return refuse(text, `${commits.size} commits begin so (${shown.join(', ')}): give more digits`);
}

function peeled(objects: ObjectStore, id: string): [string, GitCommit][] {
  const commit = peel(objects, id);
  return commit === null ? [] : [[commit.id, commit]];
}

/** A tag may be of a tag. */
const mostTags = 10;

/** The commit that an id leads to, through tags that are objects; null where it leads to none. */
function peel(objects: ObjectStore, id: string): GitCommit | null {
  let at = id;
  for (let step = 0; step < mostTags; step += 1) {
    const object = objects.read(at);
    if (object === null || object.type !== 'tag') return commitOf(objects, at);
    const target = /^object ([0-9a-f]+)\n/.exec(object.bytes.toString('latin1', 0, 200))?.[1];
    if (target === undefined) return null;
    at = target;
  }
  return null;
}

function parentOf(
  repository: GitRepository,
  { id, parents }: GitCommit,
  { parent, text }: { readonly parent: number; readonly text: string },
): GitCommit {
  const next = parents[parent - 1];
  if (next === undefined) {
    const which = parents.length === 0 ? 'no parent' : `only ${parents.length}`;
    return refuse(text, `${id.slice(0, 10)} has ${which}`);
  }
  return commitOf(repository.objects, next) ?? refuse(text, whyAbsent(repository, next));
}

/** Why a commit that may well exist cannot be read here. `id`: the whole of it, where that is known. */
export function whyAbsent({ git, objects }: GitRepository, id?: string): string {
  if (objects.trouble !== null) return `it cannot be read (${objects.trouble})`;
  if (isShallow(git)) {
    const how = id === undefined ? '--unshallow' : `--depth=1 origin ${id}`;
    return `it is not in this clone, which is shallow: git fetch ${how}`;
  }
  return 'this repository has no such commit; where others have it, fetch it first';
}

function refuse(text: string, why: string): never {
  // A key is hidden before anything is cut: half a key would be none to look for.
  const whole = hideRegistered(text);
  const shown = whole.length > 100 ? `${whole.slice(0, 100)}…` : whole;
  throw new UsageError(`${shown === '' ? "''" : printable(shown)} names no commit: ${why}`);
}
