// A daemon's look: the files, and as much of what is live as the next plan needs and is not known yet.
import { count, pathIn, printable } from '../../base/text.ts';
import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import { type AppliedRecord, isConfirmed } from '../../model/applied-record.ts';
import type { LoadedTree, Look, Unsettled, WidgetDocument } from '../../model/document.ts';
import type { LiveView } from '../../model/plan.ts';
import type { AppliedState } from '../../state/state-store.ts';
import type { LiveReader } from '../live/live-reader.ts';
import { priority } from '../rate/priority.ts';
import type { NoSight, Scope, Sight } from './run-pass.ts';

export interface SightDeps {
  readonly directory: Pick<WidgetDirectory, 'look' | 'dir'>;
  readonly state: Pick<AppliedState, 'records'>;
  readonly live: Pick<LiveReader, 'read'>;
  /** Absent: no other process follows files of this account. */
  readonly inOrder?: InOrder;
}

/**
 * Why files may not be acted on that were just read: another process has followed newer ones. Null: they may. Throws
 * `StateError`, and `UsageError` where nothing could tell that.
 */
export type InOrder = (
  tree: Pick<LoadedTree, 'revision' | 'committedAt'>,
) => Promise<Unsettled | null>;

export interface Followers {
  /** Told of the files before anything is read; gives what is known of their widgets already. */
  readonly onFiles: (tree: LoadedTree) => LiveView;
  /** Told of what was read, and of what the files declared then. */
  readonly onLive: (view: LiveView, documents: readonly WidgetDocument[]) => void;
}

/**
 * Loads the files and reads what is live. Throws `ApiError` when the API cannot be read.
 */
export async function look(
  of: Scope,
  signal: AbortSignal,
  { live, onFiles, onLive, ...deps }: SightDeps & Followers,
): Promise<Sight | NoSight> {
  const { state } = deps;
  const first = await lookInOrder(deps);
  if ('unsettled' in first) return first;
  const known = onFiles(first.tree);
  const wanted = first.tree.documents
    .filter(
      (document) =>
        of === 'all' || (isPending(document, state) && !known.widgets.has(document.widgetId)),
    )
    .map(({ widgetId }) => widgetId);
  if (wanted.length === 0) return { tree: first.tree, live: known };
  const view = await live.read(new Set(wanted), { priority: priority.edit, signal });
  if (view === null) return { unsettled: null };
  // Not what was known before: a sweep may have read that anew meanwhile.
  onLive(view, first.tree.documents);
  // Reading may have taken long, and what is planned has to be what the files say by then. A file
  // that has changed meanwhile is read for when it is sent.
  const second = await lookInOrder(deps, first.tree.revision);
  return { ...second, live: together(known, view) };
}

/** Looks at the files, whatever is live. `known`: a revision that was found to be in order. */
export async function lookInOrder(
  { directory, state, inOrder }: Omit<SightDeps, 'live'>,
  known?: string | null,
): Promise<Look> {
  const seen = lookAtFiles(directory, state);
  if (inOrder === undefined || 'unsettled' in seen || seen.tree.revision === known) return seen;
  const unsettled = await inOrder(seen.tree);
  return unsettled === null ? seen : { unsettled };
}

/** A directory in which nothing is left is not a wish to forget every widget: a volume may be gone. */
export function lookAtFiles(
  directory: SightDeps['directory'],
  { records }: SightDeps['state'],
): Look {
  const seen = directory.look();
  if ('unsettled' in seen) return seen;
  const message = whyEmptied(seen.tree, { dir: directory.dir, recorded: records.size });
  return message === null ? seen : { unsettled: { code: 'emptied', message, retryInMs: null } };
}

/** Null where some file is left, or there never was one. `recorded`: how many widgets were applied. */
export function whyEmptied(
  tree: LoadedTree,
  { dir, recorded }: { readonly dir: string; readonly recorded: number },
): string | null {
  if (recorded === 0 || tree.documents.length > 0 || tree.held.length > 0) return null;
  const were = recorded === 1 ? 'was' : 'were';
  return (
    `The widget directory ${printable(dir)} holds no widget file, though ` +
    `${count(recorded, 'widget')} ${were} applied with this state: nothing changes until files are back.` +
    otherEndings(tree, dir)
  );
}

/** A file that is there under another name is no vanished volume: what its warning says; or ''. */
function otherEndings({ problems }: LoadedTree, dir: string): string {
  const [first, ...others] = problems.filter(({ code }) => code === 'other-ending');
  if (first === undefined) return '';
  const more = others.length === 0 ? '' : ` (and of ${others.length} more)`;
  return ` Of ${printable(pathIn(dir, first.file))}${more}: ${first.summary}. ${first.detail}`;
}

/** Widgets without a file, as far as the account may still have them. */
export function orphansOf(
  { documents, held }: Pick<LoadedTree, 'documents' | 'held'>,
  { records }: SightDeps['state'],
): Pick<AppliedRecord, 'widgetId' | 'hash'>[] {
  // As it mostly is, also each time that hundreds of accounts look at what has not changed.
  const isAllDeclared =
    documents.length === records.size && documents.every(({ widgetId }) => records.has(widgetId));
  if (isAllDeclared) return [];
  const spokenFor = new Set([...documents, ...held].map(({ widgetId }) => widgetId));
  return [...records.values()].filter(
    ({ widgetId, isGone }) => !isGone && !spokenFor.has(widgetId),
  );
}

function isPending({ widgetId, hash }: WidgetDocument, state: SightDeps['state']): boolean {
  const record = state.records.get(widgetId);
  return record === undefined || record.hash !== hash || !isConfirmed(record);
}

function together(known: LiveView, view: LiveView): LiveView {
  return { ...view, widgets: new Map([...known.widgets, ...view.widgets]) };
}
