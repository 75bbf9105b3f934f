// The widget files that a commit, or a range of commits, has changed, and what they declare there.
import { UsageError } from '../../base/errors.ts';
import { printable } from '../../base/text.ts';
import type { Brought, BroughtContent, BroughtFile, Commit } from '../../model/commit.ts';
import type { WidgetId } from '../../model/widget.ts';
import { type FileContent, readContent } from '../check/file-content.ts';
import { isOver, suspensionMessage } from '../check/sync-policy.ts';
import { isPassedOver, isWidgetName } from '../tree/tree-limits.ts';
import { largestFile, tooLarge } from '../tree/unreadable-file.ts';
import { isShallow } from './git-directory.ts';
import { type GitRepository, withRepository } from './git-repository.ts';
import { type FileDifference, GitTrees, MissingObject } from './git-tree.ts';
import { commitOf, type GitCommit } from './read-commit.ts';
import { commitNamed } from './resolve-commit.ts';

export interface BroughtHere extends Brought {
  /** The commit itself, for who asks what comes after it. */
  readonly end: GitCommit;
}

/**
 * `range`: a commit, which stands for what it changed beside its first parent, or `A..B`, which stands for
 * what differs between the two. Throws `UsageError` where they are not here, or not with all their files.
 */
export function readBrought(directory: string, range: string, now: Date): BroughtHere {
  const brought = withRepository(directory, (repository) => readFrom(repository, range, now));
  if (brought !== null) return brought;
  throw new UsageError(
    `The widget directory ${printable(directory)} is in no git checkout, so that no commit can be looked up. Name the directory in the checkout.`,
  );
}

function readFrom(repository: GitRepository, range: string, now: Date): BroughtHere {
  const { end, start, after } = endsOf(repository, range);
  const trees = new GitTrees(repository.objects);
  try {
    const [before, here] = [start, end].map((commit) => folderAt(commit, trees, repository));
    const differences = trees.differences(before ?? null, here ?? null);
    const files = differences.filter(({ path }) => isWidgetPath(path));
    const read = files.map((file) => readFile(file, repository, now));
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

/** Null where there was no such folder then. */
function folderAt(commit: GitCommit | null, trees: GitTrees, { place }: GitRepository) {
  const entry = commit === null ? null : trees.at(commit.tree, place);
  return entry?.kind === 'folder' ? entry.id : null;
}

function isWidgetPath(path: string): boolean {
  return isWidgetName(path) && !path.split('/').some(isPassedOver);
}

function readFile({ path, before, after }: FileDifference, repository: GitRepository, now: Date) {
  if (after !== null) {
    const content = contentOf(after, repository);
    return { file: path, widgetId: content.widgetId, content: broughtBy(content, now) };
  }
  const widgetId = before === null ? null : contentOf(before, repository).widgetId;
  return { file: path, widgetId, content: { kind: 'removed' } as const };
}

type Read = Pick<FileContent, 'widgetId' | 'widget' | 'suspension' | 'findings'>;

function contentOf(blob: string, { objects }: GitRepository): Read {
  const object = objects.read(blob);
  if (object?.type !== 'blob') throw new MissingObject(`the file ${blob}`);
  const { bytes } = object;
  if (bytes.length <= largestFile) return readContent(bytes);
  const findings = [tooLarge(bytes.length)];
  return { widgetId: null, widget: null, suspension: null, findings };
}

function broughtBy({ widget, suspension, findings }: Read, now: Date): BroughtContent {
  const error = findings.find(({ severity }) => severity === 'error');
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
