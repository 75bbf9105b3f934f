// The fragments of one look: each is found by what names it, and read once where it moved since the look before.
import { dirname } from 'node:path';
import type { Finding } from '../../model/document.ts';
import { sha256 } from '../../model/widget.ts';
import { type FragmentContent, readFragment } from '../check/fragment-content.ts';
import { atRest, type FileRest, isRacy, restOf, settledAfterMs } from '../tree/file-age.ts';
import { type EntryRefusal, nameFragment, shownEntry } from '../tree/name-fragment.ts';
import { type FileMark, isSameFile, readFile } from '../tree/read-file.ts';
import { type ResolvedFragment, resolveFragment } from '../tree/resolve-fragment.ts';
import type { SourceRoot } from '../tree/source-root.ts';
import { folderIdentity, statsOf } from '../tree/stat-path.ts';

/** A fragment that is there, though it may be broken. */
export interface Fragment {
  /** From the widget directory, with forward slashes. */
  readonly file: string;
  /** Without links; null where it cannot be opened. */
  readonly path: string | null;
  /** SHA-256 (hex) of its bytes; null where they were not read. */
  readonly digest: string | null;
  readonly content: FragmentContent;
  readonly rest: FileRest;
}

/** Why an entry of `extends` leads to no fragment; said at the entry. */
export type Refused = { readonly refusal: FragmentRefusal };

export type FragmentRefusal = Omit<EntryRefusal, 'code'> & {
  readonly code: EntryRefusal['code'] | 'too-many-fragments';
};

export const mostFragments = 1000;

/** A way that leads through new folders each time it is looked at is being moved. */
const mostRounds = 10;

interface Seen {
  readonly path: string;
  readonly mark: FileMark;
  readonly fragment: Fragment;
}

/** What is kept from one look for the next. */
export interface SeenFragments {
  /** By file: those that a later change cannot escape notice. */
  readonly seen: ReadonlyMap<string, Seen>;
  /** The files that were named, with what was found: to see whether anything is as it was. */
  readonly found: ReadonlyMap<string, Fragment | FragmentRefusal['code']>;
  /** By the digest of their bytes. */
  readonly contents: ReadonlyMap<string, FragmentContent>;
}

export const noFragmentsSeen: SeenFragments = {
  ...{ seen: new Map(), found: new Map(), contents: new Map() },
};

/** What one look at the files has found, whoever asks. */
interface Looked {
  readonly found: Map<string, FoundFragment>;
  /** The folders in which names were looked up: what told them apart, and when they last changed. */
  readonly folders: Map<string, string>;
}

interface FoundFragment {
  readonly fragment: Fragment;
  /** Null where a later change may escape notice. */
  readonly seen: Seen | null;
  readonly places: ResolvedFragment['places'];
  readonly changedAtMs: number;
}

/** Thrown where a fragment moved while it was looked at: there is no look. */
export const fragmentMoved = new Error('a fragment moved while it was looked at');

export class FragmentFiles {
  readonly #root: SourceRoot;
  readonly #before: SeenFragments;
  readonly #now: () => Date;
  readonly #seen = new Map<string, Seen>();
  readonly #found = new Map<string, Fragment | FragmentRefusal['code']>();
  readonly #contents = new Map<string, FragmentContent>();
  readonly #refused = new Map<string, Refused>();
  readonly #looked: Looked;
  readonly #places = new Map<string, Set<string>>();
  #count = 0;
  #changedAtMs = 0;

  constructor(
    root: SourceRoot,
    before: SeenFragments,
    now: () => Date,
    looked: Looked = { found: new Map(), folders: new Map() },
  ) {
    this.#root = root;
    this.#before = before;
    this.#now = now;
    this.#looked = looked;
  }

  /** Of the same look, without what was named here: no file is looked at twice. */
  afresh(): FragmentFiles {
    return new FragmentFiles(this.#root, this.#before, this.#now, this.#looked);
  }

  /** What an entry of the file `from` names. */
  resolve(from: string, entry: string): Fragment | Refused {
    const named = nameFragment(this.#root.place, from, entry);
    const file = named !== null && 'file' in named ? named.file : null;
    const found = file === null ? undefined : this.#found.get(file);
    if (typeof found === 'object') return found;
    // Names that lead to nothing are told in the words of whoever says them.
    const key = JSON.stringify([dirname(from), entry]);
    const known = this.#refused.get(key);
    if (known !== undefined) return known;
    const fragment = this.#find(from, entry, file);
    if ('refusal' in fragment) this.#refused.set(key, fragment);
    if (file !== null) {
      this.#found.set(file, 'refusal' in fragment ? fragment.refusal.code : fragment);
    }
    return fragment;
  }

  #find(from: string, entry: string, file: string | null): Fragment | Refused {
    const found = (file === null ? null : this.#looked.found.get(file)) ?? this.#look(from, entry);
    if ('refusal' in found) return found;
    this.#note(found.places);
    if (this.#isFull) return { refusal: tooMany(entry) };
    this.#count += 1;
    const { fragment, seen } = found;
    this.#changedAtMs = Math.max(this.#changedAtMs, found.changedAtMs);
    if (seen !== null) this.#seen.set(fragment.file, seen);
    if (fragment.digest !== null) this.#contents.set(fragment.digest, fragment.content);
    return fragment;
  }

  #look(from: string, entry: string): FoundFragment | Refused {
    const found = this.#resolve(from, entry);
    const { places } = found;
    if ('gone' in found) throw fragmentMoved;
    if ('refusal' in found) return found;
    if (this.#isFull) return { refusal: tooMany(entry) };
    const read =
      'finding' in found
        ? { fragment: unread(found.file, found.finding), seen: null, changedAtMs: 0 }
        : this.#read(found.file, found.path, found.stats);
    const looked = { ...read, places };
    this.#looked.found.set(found.file, looked);
    return looked;
  }

  get #isFull(): boolean {
    return this.#count >= mostFragments;
  }

  /** Once the folders are noted on the way: of a link that is swapped later, they tell. */
  #resolve(from: string, entry: string): ResolvedFragment {
    for (let round = 0; round < mostRounds; round += 1) {
      const known = this.#places.size;
      const found = resolveFragment(this.#root, from, entry);
      this.#note(found.places);
      if (this.#places.size === known) return found;
    }
    throw fragmentMoved;
  }

  #note(places: ResolvedFragment['places']): void {
    const { folders } = this.#looked;
    for (const [folder, names] of places) {
      const known = this.#places.get(folder);
      if (known !== undefined) for (const name of names) known.add(name);
      else {
        this.#places.set(folder, new Set(names));
        if (!folders.has(folder)) folders.set(folder, stateOf(folder));
      }
    }
  }

  #read(file: string, path: string, stats: FileMark): Omit<FoundFragment, 'places'> {
    const changedAtMs = stats.ctimeMs;
    const known = this.#before.seen.get(file);
    if (known?.path === path && isSameFile(known.mark, stats)) {
      return { fragment: known.fragment, seen: known, changedAtMs };
    }
    const read = readFile(path, this.#now);
    if ('gone' in read) throw fragmentMoved;
    if ('finding' in read) return { fragment: unread(file, read.finding), seen: null, changedAtMs };
    const digest = sha256(read.bytes);
    const content = this.#before.contents.get(digest) ?? readFragment(read.bytes);
    const rest = restOf(read.bytes, read.stats, read.readAt);
    const fragment = { file, path, digest, content, rest };
    if (isRacy(read.stats, read.readAt) || rest.settlesInMs > 0) {
      return { fragment, seen: null, changedAtMs };
    }
    const { dev, ino, size, mtimeMs, ctimeMs } = read.stats;
    const mark = { dev, ino, size, mtimeMs, ctimeMs };
    const seen = { path, mark, fragment: { ...fragment, rest: atRest } };
    return { fragment, seen, changedAtMs };
  }

  /** Whether all that was named the look before is as it was then; looks at it where that was not done yet. */
  isAsBefore(): boolean {
    return [...this.#before.found].every(([file, before]) => {
      const found = this.resolve(inDirectory, file);
      if ('refusal' in found) return found.refusal.code === before;
      return this.#before.seen.get(file)?.fragment === found;
    });
  }

  /** A name that was made, removed or swapped on the way leaves its mark on the folder it was in. */
  isTorn(): boolean {
    const { folders } = this.#looked;
    return [...this.#places.keys()].some((folder) => stateOf(folder) !== folders.get(folder));
  }

  /** How long the youngest of them still has to be left alone, in milliseconds. */
  get youngForMs(): number {
    return this.#fragments().reduce((most, { rest }) => Math.max(most, rest.youngForMs), 0);
  }

  /** The newest change of one, in milliseconds since 1970. */
  get changedAtMs(): number {
    return this.#changedAtMs;
  }

  /** The files that are there, and those that are named and are not. */
  get names(): { readonly there: readonly string[]; readonly missing: readonly string[] } {
    const missing = [...this.#found].filter(([, found]) => found === 'missing-fragment');
    return {
      there: this.#fragments().map(({ file }) => file),
      missing: missing.map(([file]) => file),
    };
  }

  /** Where the names, and the links on their way, are looked up: by folder, the names in it. */
  get places(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#places;
  }

  /** For the next look. */
  get seen(): SeenFragments {
    return { seen: this.#seen, found: this.#found, contents: this.#contents };
  }

  #fragments(): Fragment[] {
    return [...this.#found.values()].filter((found) => typeof found === 'object');
  }
}

/** Stands for a file of the widget directory: from there, the name of a fragment is an entry that leads to it. */
const inDirectory = '_';

/** Another folder of that name has another identity; a change in it another time. */
function stateOf(folder: string): string {
  const stats = statsOf(folder);
  return stats === null ? '' : `${folderIdentity(stats)} ${stats.ctimeMs}`;
}

function unread(file: string, finding: Finding): Fragment {
  // It moved while it was read, and is as young as can be.
  const isYoung = finding.code === 'changing-file';
  const rest = isYoung ? { settlesInMs: settledAfterMs, youngForMs: settledAfterMs } : atRest;
  const content = { entries: [], omit: [], value: null, findings: [finding], meaning: '' };
  return { file, path: null, digest: null, content, rest };
}

function tooMany(entry: string): FragmentRefusal {
  return {
    code: 'too-many-fragments',
    summary: `${shownEntry(entry)} would be one fragment too many`,
    detail: `At most ${mostFragments} fragments are read for one widget directory. Let files share more of them.`,
  };
}
