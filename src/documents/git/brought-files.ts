// The widget files that a commit, or a range of commits, has changed, and what they declare there.
import { realpathSync } from 'node:fs';
import { posix, relative, sep } from 'node:path';
import { codeOf, messageOf, UsageError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import type { Brought, BroughtContent, BroughtFile, Commit } from '../../model/commit.ts';
import type { WidgetId } from '../../model/widget.ts';
import { isOver, suspensionMessage } from '../check/sync-policy.ts';
import { isWithin } from '../tree/source-root.ts';
import { changesBetween, type Side } from './brought-changes.ts';
import { type CommittedContent, CommitWidgets } from './commit-widgets.ts';
import { isShallow } from './git-directory.ts';
import { type GitRepository, withRepository } from './git-repository.ts';
import { type FileDifference, GitTrees, MissingObject } from './git-tree.ts';
import { commitOf, type GitCommit } from './read-commit.ts';
import { commitNamed } from './resolve-commit.ts';

export interface BroughtHere extends Brought {
  /** The commit itself, for who asks what comes after it. */
  readonly end: GitCommit;
}

export interface BroughtAsked {
  readonly range: string;
  /** `--root`, where it was said. */
  readonly root: string | null;
  /** Decides which suspensions have ended. */
  readonly now: Date;
}

/**
 * `range`: a commit, which stands for what it changed beside its first parent, or `A..B`, which stands for
 * what differs between the two; in a file, or in a fragment that reaches it. Throws `UsageError` where they are not
 * here, or not with all their files.
 */
export function readBrought(directory: string, asked: BroughtAsked): BroughtHere {
  const brought = withRepository(directory, (repository) => readFrom(repository, asked));
  if (brought !== null) return brought;
  throw new UsageError(
    `The widget directory ${printable(directory)} is in no git checkout, so that no commit can be looked up. Name the directory in the checkout.`,
  );
}

function readFrom(repository: GitRepository, { range, root, now }: BroughtAsked): BroughtHere {
  const { end, start, after } = endsOf(repository, range);
  const { objects } = repository;
  const shared = { objects, trees: new GitTrees(objects), entries: new Map() };
  const top = topIn(repository, root);
  const sideOf = ({ tree }: GitCommit): Side => {
    const at = { tree, top, place: posix.relative(`/${top}`, `/${repository.place}`) };
    return { at, widgets: new CommitWidgets(shared, at, now) };
  };
  const [before, here] = [start === null ? null : sideOf(start), sideOf(end)];
  try {
    const changes = changesBetween(before, here, shared.trees);
    const read = changes.map((change) => readFile(change, { before, here, now }));
    return {
      commit: asCommit(end),
      after: after === null ? null : asCommit(after),
      files: withoutMoved(read),
      end,
    };
  } catch (error) {
    if (!(error instanceof MissingObject)) throw error;
    throw new UsageError(
      `${error.message} of ${printable(range)} is not in this clone: it was made without all files (--filter), or is damaged. git diff --stat ${end.id} fetches what is missing.`,
    );
  }
}

/** The source root from the top of the working copy. Of what lies above that, no commit tells. */
export function topIn({ git }: GitRepository, root: string | null): string {
  if (root === null) return '';
  const path = realRoot(root);
  return isWithin(git.top, path) ? relative(git.top, path).split(sep).join('/') : '';
}

function realRoot(root: string): string {
  try {
    return realpathSync(root);
  } catch (error) {
    if (codeOf(error) === null) throw error;
    throw new UsageError(`--root: ${printable(root)} cannot be read: ${messageOf(error)}.`);
  }
}

interface Ends {
  readonly end: GitCommit;
  /** What it is compared with; null for nothing at all. */
  readonly start: GitCommit | null;
  /** The beginning of a range. */
  readonly after: GitCommit | null;
}

function endsOf(repository: GitRepository, range: string): Ends {
  if (range.includes('...')) {
    throw new UsageError(
      `${printable(range)}: a range has two dots, as A..B: what differs between the two.`,
    );
  }
  const at = range.indexOf('..');
  if (at < 0) {
    const end = commitNamed(repository, range);
    return { end, start: firstParent(repository, end), after: null };
  }
  // As git has it: a side that is left out is HEAD.
  const after = commitNamed(repository, range.slice(0, at) || 'HEAD');
  const end = commitNamed(repository, range.slice(at + 2) || 'HEAD');
  return { end, start: after, after };
}

function firstParent({ objects, git }: GitRepository, { id, parents }: GitCommit) {
  const [parent] = parents;
  if (parent === undefined) return null;
  const found = commitOf(objects, parent);
  if (found !== null) return found;
  const why = isShallow(git)
    ? 'this clone is shallow and lacks its parent: git fetch --deepen=1'
    : `its parent ${parent} cannot be read${objects.trouble === null ? '' : ` (${objects.trouble})`}`;
  throw new UsageError(`What ${id.slice(0, 10)} changed cannot be told: ${why}.`);
}

interface Sides {
  readonly before: Side | null;
  readonly here: Side;
  readonly now: Date;
}

function readFile({ path, before, after }: FileDifference, sides: Sides): BroughtFile {
  if (after !== null) {
    const content = sides.here.widgets.contentOf(path, after);
    return { file: path, widgetId: content.widgetId, content: broughtBy(content, sides.now) };
  }
  const former = before === null ? null : sides.before?.widgets.contentOf(path, before);
  return { file: path, widgetId: former?.widgetId ?? null, content: { kind: 'removed' } };
}

function broughtBy(content: CommittedContent, now: Date): BroughtContent {
  const { widget, suspension, findings, broken } = content;
  const error = findings.find(({ severity }) => severity === 'error');
  if (error === undefined && broken !== null) {
    return { kind: 'broken', code: 'broken-fragment', message: broken, line: 1 };
  }
  if (error !== undefined || widget === null) {
    const { code = 'unreadable-file', summary = '', range } = error ?? {};
    return { kind: 'broken', code, message: summary, line: range?.start.line ?? 1 };
  }
  if (suspension !== null && !isOver(suspension, now)) {
    return { kind: 'suspended', message: suspensionMessage(suspension) };
  }
  return { kind: 'declared', hash: widget.hash };
}

/** A widget whose file was moved is no removed one. */
function withoutMoved(files: readonly BroughtFile[]): BroughtFile[] {
  const declared = new Set<WidgetId | null>(
    files.filter(({ content }) => content.kind !== 'removed').map(({ widgetId }) => widgetId),
  );
  const isMoved = ({ widgetId, content }: BroughtFile) =>
    content.kind === 'removed' && widgetId !== null && declared.has(widgetId);
  return files.filter((file) => !isMoved(file));
}

function asCommit({ id, subject, author, time }: GitCommit): Commit {
  return { id, subject, author, time };
}
