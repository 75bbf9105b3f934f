// Which widget files two commits have otherwise: by their own bytes, or by what fragments say that reach them.
import { posix } from 'node:path';
import { isFragmentName } from '../tree/name-fragment.ts';
import { isPassedOver, isWidgetName } from '../tree/tree-limits.ts';
import type { CommitPlace } from './commit-fragments.ts';
import type { CommitWidgets } from './commit-widgets.ts';
import type { FileDifference, GitTrees } from './git-tree.ts';

/** One commit with the files that it has. */
export interface Side {
  readonly at: CommitPlace;
  readonly widgets: CommitWidgets;
}

/** `before` is null for nothing at all. The paths are from the widget directory, sorted. Throws `MissingObject`. */
export function changesBetween(
  before: Side | null,
  after: Side,
  trees: GitTrees,
): readonly FileDifference[] {
  const folder = widgetFolder(after, trees);
  const former = before === null ? null : widgetFolder(before, trees);
  const changed = trees.differences(former, folder).filter(({ path }) => isWidgetPath(path));
  if (before === null || folder === null || !haveFragmentsMoved(before, after, trees))
    return changed;
  const known = new Set(changed.map(({ path }) => path));
  const reached = [...trees.filesBelow(folder)]
    .filter(([path]) => isWidgetPath(path) && !known.has(path))
    .filter(([path, blob]) => {
      return before.widgets.inheritedBy(path, blob) !== after.widgets.inheritedBy(path, blob);
    })
    .map(([path, blob]) => ({ path, before: blob, after: blob }));
  return [...changed, ...reached].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether a fragment, or a link that may lead to one, is otherwise: only then each widget file has to be read. */
function haveFragmentsMoved(before: Side, after: Side, trees: GitTrees): boolean {
  const [a, b] = [before, after].map(({ at }) => folderAt(at.tree, at.top, trees));
  const { place } = after.at;
  const isFragment = ({ path }: FileDifference) =>
    isFragmentName(posix.relative(`/${place}`, `/${path}`));
  return (
    trees.differences(a ?? null, b ?? null).some(isFragment) ||
    trees.differences(a ?? null, b ?? null, 'link').length > 0
  );
}

function widgetFolder({ at }: Side, trees: GitTrees): string | null {
  return folderAt(at.tree, posix.join(at.top, at.place), trees);
}

/** Null where there was no such folder then. */
function folderAt(tree: string, path: string, trees: GitTrees): string | null {
  const entry = trees.at(tree, path === '.' ? '' : path);
  return entry?.kind === 'folder' ? entry.id : null;
}

function isWidgetPath(path: string): boolean {
  return isWidgetName(path) && !path.split('/').some(isPassedOver);
}
