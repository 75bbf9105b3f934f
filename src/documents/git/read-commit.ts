// A commit as git's object store has it. Never runs git.
import type { Commit } from '../../model/commit.ts';
import { withRepository } from './git-repository.ts';
import type { GitObject } from './objects/git-object.ts';
import type { ObjectStore } from './objects/object-store.ts';

export interface GitCommit extends Commit {
  /** The ids of its tree and of its parents, the first one first. */
  readonly tree: string;
  readonly parents: readonly string[];
}

/** Null where the object cannot be had: a folder in no repository, a shallow clone, a damaged store. */
export function readCommit(folder: string, id: string): GitCommit | null {
  try {
    return withRepository(folder, ({ objects }) => commitOf(objects, id));
  } catch {
    // Nothing depends on it, and git's directory may be replaced, or not be readable, at this very moment.
    return null;
  }
}

/** Null where there is no such object, or it is no commit. */
export function commitOf(objects: ObjectStore, id: string): GitCommit | null {
  const object = objects.read(id);
  return object === null ? null : parseCommit(id, object);
}

/** `Ann <ann@example.org> 1790000000 +0100`: seconds since 1970. */
const person = /^(.*?) ?<[^>]*> (\d+) [+-]\d+$/;

function parseCommit(id: string, { type, bytes }: GitObject): GitCommit | null {
  if (type !== 'commit') return null;
  const end = bytes.indexOf('\n\n');
  const head = bytes
    .subarray(0, end < 0 ? bytes.length : end)
    .toString('latin1')
    .split('\n');
  const header = (name: string) =>
    head.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  const decode = decoderOf(header('encoding'));
  const author = person.exec(decode(header('author') ?? ''));
  const committer = person.exec(decode(header('committer') ?? ''));
  const tree = header('tree');
  if (tree === undefined || author === null || committer === null) return null;
  const message = end < 0 ? '' : decode(bytes.toString('latin1', end + 2));
  return {
    id,
    subject: /\S.*/.exec(message)?.[0].trimEnd() ?? '',
    author: author[1] ?? '',
    time: new Date(Number(committer[2]) * 1000),
    tree,
    parents: head.flatMap((line) => (line.startsWith('parent ') ? [line.slice(7)] : [])),
  };
}

/** From bytes, one a character, to text. A commit that is not UTF-8 says so, and may name what nobody knows. */
function decoderOf(encoding = 'utf-8'): (latin1: string) => string {
  const decoder = known(encoding);
  return (latin1) => decoder.decode(Buffer.from(latin1, 'latin1'));
}

function known(encoding: string) {
  try {
    return new TextDecoder(encoding);
  } catch {
    return new TextDecoder();
  }
}
