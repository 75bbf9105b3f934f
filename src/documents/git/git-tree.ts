// The files of a commit, from its trees. Folders that are equal on both sides are never opened.
import type { ObjectStore } from './objects/object-store.ts';

export interface TreeEntry {
  readonly kind: 'file' | 'link' | 'folder' | 'submodule';
  readonly id: string;
}

/** One file that two commits have otherwise. */
export interface FileDifference {
  /** From the folder that was compared, with forward slashes. */
  readonly path: string;
  /** The blob, or null where there is no such file. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface FollowedFile {
  /** Without links, from the tree's own folder. */
  readonly path: string;
  /** Its blob. */
  readonly id: string;
}

/** A way through more links than this is a circle. */
const mostLinks = 40;

/** An object that this clone lacks, or that cannot be read. */
export class MissingObject extends Error {
  override name = 'MissingObject';
}

type Entries = ReadonlyMap<string, TreeEntry>;

/** The trees of one object store, each read once. */
export class GitTrees {
  readonly #objects: ObjectStore;
  readonly #known = new Map<string, Entries>();

  constructor(objects: ObjectStore) {
    this.#objects = objects;
  }

  /** Null when the path, from the tree's own folder, leads nowhere. Throws `MissingObject`. */
  at(tree: string, path: string): TreeEntry | null {
    let found: TreeEntry = { kind: 'folder', id: tree };
    for (const name of path.split('/').filter((part) => part !== '')) {
      const next = found.kind === 'folder' ? this.#entries(found.id).get(name) : undefined;
      if (next === undefined) return null;
      found = next;
    }
    return found;
  }

  /**
   * The plain file that a path leads to, through the links that the tree itself has; null where it leads to none, or
   * out of the tree. Throws `MissingObject`.
   */
  follow(tree: string, path: string): FollowedFile | null {
    const left = path.split('/').reverse();
    const reached: string[] = [];
    for (let links = 0; left.length > 0; ) {
      const name = left.pop() ?? '';
      if (name === '' || name === '.') continue;
      if (name === '..') {
        if (reached.pop() === undefined) return null;
        continue;
      }
      reached.push(name);
      const entry = this.at(tree, reached.join('/'));
      if (entry === null) return null;
      if (entry.kind !== 'link') continue;
      links += 1;
      const target = this.#target(entry.id);
      if (links > mostLinks || target.startsWith('/')) return null;
      reached.pop();
      left.push(...target.split('/').reverse());
    }
    const end = reached.join('/');
    const entry = this.at(tree, end);
    return entry?.kind === 'file' ? { path: end, id: entry.id } : null;
  }

  #target(link: string): string {
    const object = this.#objects.read(link);
    if (object?.type !== 'blob') throw new MissingObject(`the link ${link}`);
    return object.bytes.toString('utf8');
  }

  /** The blobs of the plain files below a tree, by path. Throws `MissingObject`. */
  filesBelow(tree: string): Map<string, string> {
    const files = this.differences(null, tree);
    return new Map(files.flatMap(({ path, after }) => (after === null ? [] : [[path, after]])));
  }

  /**
   * The plain files, or links, that two trees have otherwise, sorted by path; null stands for an empty one. Throws
   * `MissingObject`.
   */
  differences(
    before: string | null,
    after: string | null,
    kind: 'file' | 'link' = 'file',
  ): FileDifference[] {
    const found: FileDifference[] = [];
    const todo = [{ folder: '', before, after }];
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      const [a, b] = [this.#entriesOr(next.before), this.#entriesOr(next.after)];
      for (const name of new Set([...a.keys(), ...b.keys()])) {
        const path = next.folder + name;
        const sides = { before: a.get(name), after: b.get(name) };
        if (sides.before?.id === sides.after?.id && sides.before?.kind === sides.after?.kind)
          continue;
        const files = idsOf(kind, sides);
        if (files.before !== files.after) found.push({ path, ...files });
        const folders = idsOf('folder', sides);
        if (folders.before !== folders.after) todo.push({ folder: `${path}/`, ...folders });
      }
    }
    return found.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  #entriesOr(tree: string | null): Entries {
    return tree === null ? new Map() : this.#entries(tree);
  }

  #entries(tree: string): Entries {
    const known = this.#known.get(tree);
    if (known !== undefined) return known;
    const object = this.#objects.read(tree);
    if (object?.type !== 'tree') throw new MissingObject(`the tree ${tree}`);
    const entries = parseTree(object.bytes, this.#objects.hashLength);
    this.#known.set(tree, entries);
    return entries;
  }
}

type Sides<Value> = { readonly before: Value; readonly after: Value };

function idsOf(kind: TreeEntry['kind'], sides: Sides<TreeEntry | undefined>): Sides<string | null> {
  const idOf = (entry: TreeEntry | undefined) => (entry?.kind === kind ? entry.id : null);
  return { before: idOf(sides.before), after: idOf(sides.after) };
}

/** Each entry: the mode in octal digits, a space, the name, a zero byte, and the hash in bytes. */
function parseTree(bytes: Buffer, hashLength: number): Entries {
  const entries = new Map<string, TreeEntry>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space);
    if (space < 0 || end < 0) throw new MissingObject('a tree that is damaged');
    const kind = kindOf(bytes.toString('latin1', at, space));
    const name = bytes.toString('utf8', space + 1, end);
    at = end + 1 + hashLength;
    entries.set(name, { kind, id: bytes.toString('hex', end + 1, at) });
  }
  return entries;
}

function kindOf(mode: string): TreeEntry['kind'] {
  switch (mode) {
    case '40000':
      return 'folder';
    case '120000':
      return 'link';
    case '160000':
      return 'submodule';
    default:
      return 'file';
  }
}
