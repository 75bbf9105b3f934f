// Snapshots of a widget directory: the files, the commit and what git is doing, all of one moment. One
// that was overtaken while it was taken, or may not be believed yet, is never given away.
import type { Clock } from '../../base/clock.ts';
import { codeOf, messageOf, UsageError } from '../../base/errors.ts';
import { secretsVersion } from '../../base/secrets.ts';
import { printable } from '../../base/text.ts';
import type { KnownContent, LoadedTree, Look, Unsettled } from '../../model/document.ts';
import type { WidgetId } from '../../model/widget.ts';
import { type FileContent, readContent, rememberedContent } from '../check/file-content.ts';
import { type CommitOrigin, CommitReader, noCommit } from '../git/commit-reader.ts';
import { EditedFiles } from '../git/edited-files.ts';
import { type GitState, readGitState } from '../git/git-operation.ts';
import { sourceOf } from '../git/tree-source.ts';
import { loadTree, type TreeFile } from './build-tree.ts';
import { atRest, settledAfterMs } from './file-age.ts';
import { absoluteFrom, type NoRoot, type Root } from './root-path.ts';
import { SettleDetector, type Snapshot, stillMoving } from './settle-detector.ts';
import { findRoots, type Roots, type RootWords, requireRoots } from './source-root.ts';
import { readTree, type Tree } from './walk-tree.ts';

export interface SnapshotDeps {
  /** The content of the bytes of this digest, where an earlier process has recorded it. */
  readonly remember: (digest: string) => KnownContent | undefined;
  readonly clock: Clock;
  /** Whether notes are looked for; default: yes. */
  readonly notes?: boolean;
  /** What says which fragments may be named. */
  readonly root?: RootWords;
}

/** The ground that a snapshot stands on; if it has moved meanwhile, there is no snapshot. */
interface Ground extends Roots {
  readonly git: GitState | null;
  readonly commit: CommitOrigin;
}

type Origin = CommitOrigin & Pick<LoadedTree, 'source' | 'isEdited'>;

export class Snapshots {
  /** The directory, as the user named it. */
  readonly #dir: string;
  readonly #path: string;
  readonly #remember: (digest: string) => KnownContent | undefined;
  readonly #clock: Clock;
  readonly #notes: boolean;
  /** What the user named. */
  readonly #named: RootWords & { readonly directory: string };
  readonly #settling: SettleDetector;
  readonly #commits = new CommitReader();
  readonly #edited = new EditedFiles();
  #seen: Tree['seen'] = new Map();
  #contents = new Map<string, FileContent>();
  #secrets = secretsVersion();
  /** The last tree that was given away, and what was still true of it when nothing moved since. */
  #last: LoadedTree | null = null;
  #digests = new Map<string, string>();
  #fileCount = 0;

  constructor(dir: string, { remember, clock, notes = true, root = {} }: SnapshotDeps) {
    this.#dir = dir;
    this.#path = absoluteFrom(dir);
    this.#remember = remember;
    this.#clock = clock;
    this.#notes = notes;
    this.#named = { ...root, directory: dir };
    this.#settling = new SettleDetector(clock);
  }

  digestOf(file: string): string | undefined {
    return this.#digests.get(file);
  }

  look(): Look {
    const before = this.#ground();
    if ('kind' in before) {
      this.#settling.lost();
      const code = before.kind === 'missing' ? 'missing' : 'unreadable';
      return { unsettled: { code, message: before.message, retryInMs: null } };
    }
    const operation = before.git?.operation ?? null;
    const tooEarly = this.#settling.beforeReading(operation);
    if (tooEarly !== null) return { unsettled: tooEarly };
    const tree = this.#readable(before.root);
    if (tree !== null && 'unsettled' in tree) return tree;
    const after = this.#ground();
    if (tree === null || 'kind' in after || !isSameRoot(before, after)) {
      return { unsettled: stillMoving() };
    }
    const loaded = this.#loaded(tree, before);
    const isTorn = tree.isTorn || !isSameGit(before, after);
    const snapshot = { ...this.#snapshot(tree, loaded, before), isTorn };
    const unsettled = this.#settling.unsettled(snapshot);
    if (unsettled !== null) return { unsettled };
    const remarks = [this.#settling.remark(snapshot), before.git?.hidden ?? null];
    const problems = remarks.flatMap((remark) =>
      remark === null ? [] : [{ ...remark, file: '.' }],
    );
    this.#last = loaded;
    return { tree: { ...loaded, problems: [...problems, ...loaded.problems] } };
  }

  load(): LoadedTree {
    for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
      if (attempt > 1) pause();
      const { root, sources } = requireRoots(this.#path, this.#named);
      const commit = this.#commits.read(root.path);
      const tree = this.#read(root);
      if (tree === null || (tree.isTorn && attempt < mostAttempts)) continue;
      if (!isSamePlace(requireRoots(this.#path, this.#named), { root, sources })) continue;
      const files = tree.files.map((file) => ('digest' in file ? { ...file, ...atRest } : file));
      // In the middle of a checkout no commit can be named.
      const isKnown = this.#commits.read(root.path).revision === commit.revision;
      const git = readGitState(root.path);
      const origin = this.#origin({ root, sources, git, commit: isKnown ? commit : noCommit });
      this.#last = this.#loadFiles(files, tree, origin);
      return this.#last;
    }
    throw new UsageError(
      `The widget directory ${printable(this.#dir)} was replaced again and again while it was read; try again.`,
    );
  }

  #widgetIn(file: TreeFile): WidgetId | null {
    return 'digest' in file ? contentOf(this.#contents, file.digest).widgetId : null;
  }

  #ground(): Ground | NoRoot {
    const found = findRoots(this.#path, this.#named);
    if ('kind' in found) return found;
    const { path } = found.root;
    return { ...found, git: readGitState(path), commit: this.#commits.read(path) };
  }

  /** Reads the tree; a root that cannot be listed now is no more than that. */
  #readable(root: Root): Tree | { unsettled: Unsettled } | null {
    try {
      return this.#read(root);
    } catch (error) {
      // Also what a dying mount answers: whatever it is, nothing is decided from it.
      if (!(error instanceof UsageError) && codeOf(error) === null) throw error;
      return { unsettled: { code: 'unreadable', message: messageOf(error), retryInMs: null } };
    }
  }

  /** Contents that were read are kept even if the snapshot is dropped: they are what they are. */
  #read(root: Root): Tree | null {
    this.#forgetWhereKeysMoved();
    const known = this.#contents;
    return readTree(root, this.#seen, {
      now: () => this.#clock.now(),
      onRead: (digest, bytes) => {
        if (known.has(digest)) return;
        const recorded = this.#remember(digest);
        known.set(
          digest,
          recorded === undefined
            ? readContent(bytes, { notes: this.#notes })
            : rememberedContent(bytes, recorded),
        );
      },
    });
  }

  /** A file that was read without a fault may hold a key that has come into force since. */
  #forgetWhereKeysMoved(): void {
    if (this.#secrets === secretsVersion()) return;
    this.#secrets = secretsVersion();
    this.#contents = new Map();
    this.#seen = new Map();
    this.#last = null;
  }

  #loaded(tree: Tree, ground: Ground): LoadedTree {
    const origin = this.#origin(ground);
    const last = this.#last;
    // Nothing is gone either: what was young or refused then is not among the known files.
    const isSame = tree.isKnown && tree.files.length === this.#fileCount;
    const isOver = last?.nextUntil != null && last.nextUntil <= this.#clock.now();
    const { folders } = tree;
    if (isSame && last !== null && !isOver) {
      const { commit: _, isEdited: __, ...rest } = last;
      return { ...rest, ...origin, folders };
    }
    return this.#loadFiles(tree.files, tree, origin);
  }

  #origin({ root, git, commit }: Ground): Origin {
    const source = sourceOf(root.path, { isCheckout: git !== null });
    if (source !== 'checkout' || commit.commit === undefined) return { ...commit, source };
    return { ...commit, source, isEdited: this.#edited.of(root.path, commit.commit) };
  }

  #loadFiles(files: readonly TreeFile[], tree: Tree, origin: Origin): LoadedTree {
    this.#seen = tree.seen;
    this.#last = null;
    this.#fileCount = files.length;
    this.#digests = new Map(
      files.flatMap((file) => ('digest' in file ? [[file.path, file.digest] as const] : [])),
    );
    this.#contents = only(this.#contents, this.#digests.values());
    const loaded = loadTree(
      files,
      (digest) => contentOf(this.#contents, digest),
      this.#clock.now(),
    );
    return { ...loaded, ...origin, folders: tree.folders };
  }

  #snapshot(tree: Tree, { problems }: LoadedTree, { root, git }: Ground): Omit<Snapshot, 'isTorn'> {
    const conflicts = problems.filter(({ code }) => code === 'conflict-marker');
    return {
      root: root.identity,
      files: new Map(
        tree.files.filter(isHeldOrRead).map((file) => [file.path, this.#widgetIn(file)]),
      ),
      youngForMs: longest(tree.files.map(youngForMs)),
      conflicts: [...new Set(conflicts.map(({ file }) => file))],
      changedAtMs: tree.changedAtMs,
      operation: git?.operation ?? null,
    };
  }
}

const mostAttempts = 10;
const pauseMs = 20;

/** Only for commands that look once: the process does nothing else meanwhile. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
}

function isSameRoot(a: Ground, b: Ground): boolean {
  return isSamePlace(a, b) && a.commit.revision === b.commit.revision;
}

function isSamePlace(a: Roots, b: Roots): boolean {
  return a.root.identity === b.root.identity && a.sources.top === b.sources.top;
}

function isSameGit(a: Ground, b: Ground): boolean {
  return a.git?.index === b.git?.index && a.git?.operation?.path === b.git?.operation?.path;
}

/** A link that is only not followed is no file. */
function isHeldOrRead(file: TreeFile): boolean {
  return 'digest' in file || file.finding.severity === 'error';
}

function youngForMs(file: TreeFile): number {
  if ('digest' in file) return file.youngForMs;
  // It moved while it was read, and is as young as can be.
  return file.finding.code === 'changing-file' ? settledAfterMs : 0;
}

function longest(waits: readonly number[]): number {
  return waits.reduce((most, wait) => Math.max(most, wait), 0);
}

/** The contents that some file still has: an edited file's former content is forgotten. */
function only(known: ReadonlyMap<string, FileContent>, digests: Iterable<string>) {
  const kept = new Map<string, FileContent>();
  for (const digest of digests) kept.set(digest, contentOf(known, digest));
  return kept;
}

function contentOf(contents: ReadonlyMap<string, FileContent>, digest: string): FileContent {
  const content = contents.get(digest);
  if (content === undefined) throw new Error(`no content was read for the digest ${digest}`);
  return content;
}
