// Snapshots of a widget directory: the files, the commit and what git is doing, all of one moment. One
// that was overtaken while it was taken, or may not be believed yet, is never given away.
import { codeOf, messageOf, UsageError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import type { LoadedTree, Look, TreeSource, Unsettled } from '../../model/document.ts';
import { type CommitOrigin, CommitReader, noCommit } from '../git/commit-reader.ts';
import { EditedFiles } from '../git/edited-files.ts';
import { type GitState, readGitState } from '../git/git-operation.ts';
import { revisionIn } from '../git/read-revision.ts';
import { sourceOf } from '../git/tree-source.ts';
import { absoluteFrom, type NoRoot } from './root-path.ts';
import { SettleDetector, type Snapshot, stillMoving } from './settle-detector.ts';
import { findRoots, type Roots, type RootWords, requireRoots } from './source-root.ts';
import { type LoadedFile, type ReadTree, TreeReader, type TreeReaderDeps } from './tree-reader.ts';

export interface SnapshotDeps extends TreeReaderDeps {
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
  readonly #reader: TreeReader;
  /** What the user named. */
  readonly #named: RootWords & { readonly directory: string };
  readonly #settling: SettleDetector;
  readonly #commits = new CommitReader();
  readonly #edited = new EditedFiles();

  constructor(dir: string, deps: SnapshotDeps) {
    this.#dir = dir;
    this.#path = absoluteFrom(dir);
    this.#reader = new TreeReader(deps);
    this.#named = { ...deps.root, directory: dir };
    this.#settling = new SettleDetector(deps.clock);
  }

  /** A widget file or a fragment of the last tree, by its name from the widget directory. */
  fileOf(file: string): LoadedFile | undefined {
    return this.#reader.fileOf(file);
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
    // Of this moment: a volume's former folder belongs to nothing that is published.
    const source = sourceOf(before.root.path, { isCheckout: before.git !== null });
    const read = this.#readable(before);
    if (read !== null && 'unsettled' in read) return read;
    const after = this.#ground();
    if (read === null || 'kind' in after || !isSameRoot(before, after)) {
      return { unsettled: stillMoving() };
    }
    const loaded = {
      ...this.#reader.load(read, { isPatient: true }),
      ...this.#origin({ ...before, source }),
    };
    const isTorn = read.isTorn || !isSameGit(before, after);
    const snapshot = { ...snapshotOf(read, loaded, before), isTorn };
    const unsettled = this.#settling.unsettled(snapshot);
    if (unsettled !== null) return { unsettled };
    const remarks = [this.#settling.remark(snapshot), before.git?.hidden ?? null];
    const problems = remarks.flatMap((remark) =>
      remark === null ? [] : [{ ...remark, file: '.' }],
    );
    return { tree: { ...loaded, problems: [...problems, ...loaded.problems] } };
  }

  load(): LoadedTree {
    for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
      if (attempt > 1) pause();
      const { root, sources } = requireRoots(this.#path, this.#named);
      const commit = this.#commits.read(root.path);
      const git = readGitState(root.path);
      const source = sourceOf(root.path, { isCheckout: git !== null });
      const read = this.#reader.read({ root, sources });
      if (read === null || (read.isTorn && attempt < mostAttempts)) continue;
      if (!isSamePlace(requireRoots(this.#path, this.#named), { root, sources })) continue;
      // In the middle of a checkout no commit can be named.
      const isKnown = this.#commits.read(root.path).revision === commit.revision;
      const origin = { root, source, commit: isKnown ? commit : noCommit };
      return { ...this.#reader.load(read, { isPatient: false }), ...this.#origin(origin) };
    }
    throw new UsageError(
      `The widget directory ${printable(this.#dir)} was replaced again and again while it was read; try again.`,
    );
  }

  #ground(): Ground | NoRoot {
    const found = findRoots(this.#path, this.#named);
    if ('kind' in found) return found;
    const { root, sources } = found;
    // Below the source root, where that is git's, there is no `.git` that could come first.
    const git = readGitState(sources.by === 'git' ? sources.top : root.path);
    const commit = this.#commits.read(root.path, revisionIn(root.path, git?.directory ?? null));
    return { ...found, git, commit };
  }

  /** Reads the tree; a root that cannot be listed now is no more than that. */
  #readable(roots: Roots): ReadTree | { unsettled: Unsettled } | null {
    try {
      return this.#reader.read(roots);
    } catch (error) {
      // Also what a dying mount answers: whatever it is, nothing is decided from it.
      if (!(error instanceof UsageError) && codeOf(error) === null) throw error;
      return { unsettled: { code: 'unreadable', message: messageOf(error), retryInMs: null } };
    }
  }

  /** Of the tree that was loaded last. */
  #origin({
    root,
    source,
    commit,
  }: Pick<Ground, 'root' | 'commit'> & { readonly source: TreeSource }): Origin {
    if (source !== 'checkout' || commit.commit === undefined) return { ...commit, source };
    return {
      ...commit,
      source,
      isEdited: this.#edited.of(root.path, commit.commit, this.#reader.layersOf),
    };
  }
}

function snapshotOf(
  { files, fragments, youngForMs, changedAtMs }: ReadTree,
  { problems }: Pick<LoadedTree, 'problems'>,
  { root, git }: Ground,
): Omit<Snapshot, 'isTorn'> {
  const conflicts = problems.filter(({ code }) => code === 'conflict-marker');
  return {
    ...{ root: root.identity, files, fragments, youngForMs, changedAtMs },
    conflicts: [...new Set(conflicts.map(({ file }) => file))],
    operation: git?.operation ?? null,
  };
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
