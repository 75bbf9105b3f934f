// A pass: look at everything, plan, hand the plan to the queue. `plan` and `apply` share it; only
// the second hands anything over.
import type { Clock } from '../../base/clock.ts';
import { UsageError } from '../../base/errors.ts';
import { count, pathIn, printable } from '../../base/text.ts';
import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import { type AppliedRecord, isConfirmed } from '../../model/applied-record.ts';
import type { LoadedTree, Look, Unsettled, WidgetDocument } from '../../model/document.ts';
import { type LiveView, nothingLive, type Plan, type Policy } from '../../model/plan.ts';
import { makePlan } from '../../plan/make-plan.ts';
import type { AppliedState } from '../../state/state-store.ts';
import type { LiveReader } from '../live/live-reader.ts';
import type { ChangeQueue } from '../queue/change-queue.ts';
import { priority } from '../rate/priority.ts';

/** What a pass has seen: the files and, of what is live, as much as it needs. */
export interface Sight {
  readonly tree: LoadedTree;
  readonly live: LiveView;
}

/** The files could not be believed; what was read of the account meanwhile is still worth keeping. */
export interface Postponed {
  readonly unsettled: Unsettled;
  readonly live: LiveView;
  /** What the files declared when it was read. */
  readonly documents: readonly WidgetDocument[];
}

export interface SightDeps {
  readonly directory: Pick<WidgetDirectory, 'look' | 'dir'>;
  readonly state: Pick<AppliedState, 'records'>;
  readonly live: Pick<LiveReader, 'read'>;
}

export interface Scope {
  /** What is known of these widgets already. */
  readonly recall: (tree: LoadedTree) => LiveView;
  /**
   * Whose live state is read: of the widgets that will probably be written, as far as it is not known; or
   * of all that are declared, and what is known stands in where one cannot be read.
   */
  readonly of: 'pending' | 'all';
}

/**
 * Loads the files and reads what is live. Null once the signal aborts. Throws `ApiError` when the API cannot be read.
 */
export async function look(
  { recall, of }: Scope,
  signal: AbortSignal,
  { directory, state, live }: SightDeps,
): Promise<Sight | Postponed | null> {
  const first = lookAtFiles(directory, state);
  if ('unsettled' in first) return { ...first, live: nothingLive, documents: [] };
  const known = recall(first.tree);
  const wanted = first.tree.documents
    .filter(
      (document) =>
        of === 'all' || (isPending(document, state) && !known.widgets.has(document.widgetId)),
    )
    .map(({ widgetId }) => widgetId);
  if (wanted.length === 0) return { tree: first.tree, live: known };
  const view = await live.read(new Set(wanted), { priority: priority.edit, signal });
  if (view === null) return null;
  // Reading may have taken long, and what is planned has to be what the files say by then. A file
  // that has changed meanwhile is read for when it is sent.
  const { documents } = first.tree;
  return { ...lookAtFiles(directory, state), documents, live: together(known, view) };
}

/** A directory in which nothing is left is not a wish to forget every widget: a volume may be gone. */
function lookAtFiles(directory: SightDeps['directory'], { records }: SightDeps['state']): Look {
  const seen = directory.look();
  if ('unsettled' in seen || records.size === 0) return seen;
  const { documents, held } = seen.tree;
  if (documents.length > 0 || held.length > 0) return seen;
  const were = records.size === 1 ? 'was' : 'were';
  const message =
    `The widget directory ${printable(directory.dir)} holds no widget file, though ` +
    `${count(records.size, 'widget')} ${were} applied with this state: nothing changes until files are back.` +
    otherEndings(seen.tree, directory.dir);
  return { unsettled: { code: 'emptied', message, retryInMs: null } };
}

/** A file that is there under another name is no vanished volume: what its warning says; or ''. */
function otherEndings({ problems }: LoadedTree, dir: string): string {
  const [first, ...others] = problems.filter(({ code }) => code === 'other-ending');
  if (first === undefined) return '';
  const more = others.length === 0 ? '' : ` (and of ${others.length} more)`;
  return ` Of ${printable(pathIn(dir, first.file))}${more}: ${first.summary}. ${first.detail}`;
}

export interface SettledDeps extends SightDeps {
  readonly clock: Clock;
  /** Told once when the directory lets itself be waited for. */
  readonly onWait: (why: string) => void;
}

/**
 * As `look`, for a command that has only this one pass: it waits until the files can be believed, and
 * reads what is live of every widget that a file declares. What is wrong with the files is known
 * before anything is read, and has to be said even if nothing can be.
 */
export async function lookAtAll(
  onLoaded: (tree: LoadedTree) => void,
  signal: AbortSignal,
  { live, ...deps }: SettledDeps,
): Promise<Sight | null> {
  const tree = await settledTree(signal, deps);
  if (tree === null) return null;
  onLoaded(tree);
  // Also of those that wait: what their files would change is to be told.
  const waiting = tree.held.flatMap((file) => file.waiting ?? []);
  const concerned = [...tree.documents, ...waiting, ...orphansOf(tree, deps.state)];
  const wanted = new Set(concerned.map(({ widgetId }) => widgetId));
  const view = await live.read(wanted, { priority: priority.edit, signal });
  return view === null ? null : { tree, live: view };
}

/** Longer than a git operation is waited for that stands still. */
const longestWaitMs = 90_000;
const silentWaitMs = 1000;
/** Longer than a text is waited for that lacks its end, as one does that was just checked out. */
const longestWriteMs = 5000;

async function settledTree(
  signal: AbortSignal,
  { directory, state, clock, onWait }: Omit<SettledDeps, 'live'>,
): Promise<LoadedTree | null> {
  const startedMs = clock.monotonicMs();
  for (let hasTold = false; !signal.aborted; ) {
    const waitedMs = clock.monotonicMs() - startedMs;
    const seen = believed(lookAtFiles(directory, state), waitedMs);
    if ('tree' in seen) return seen.tree;
    if (!hasTold && waitedMs > silentWaitMs) {
      hasTold = true;
      onWait(seen.message);
    }
    await clock.sleep(seen.retryInMs, signal);
  }
  return null;
}

/** The tree, or what is to be waited for. Throws `UsageError` where that would be in vain. */
function believed(look: Look, waitedMs: number) {
  if ('tree' in look) {
    // Also the daemon looks again for it; see `LookAgain`.
    const isBeingWritten = look.tree.held.some(({ code }) => code === 'changing-file');
    return isBeingWritten && waitedMs < longestWriteMs ? beingWritten : look;
  }
  const { message, retryInMs } = look.unsettled;
  if (retryInMs === null || waitedMs > longestWaitMs) {
    throw new UsageError(adviceOn(look.unsettled));
  }
  return { message, retryInMs };
}

const beingWritten = { message: 'a file was being written a moment ago', retryInMs: 500 };

function adviceOn({ code, message }: Unsettled): string {
  const isBusy = code === 'git' || code === 'moving';
  return isBusy
    ? `The files cannot be read now: ${message}. Try again once that is over.`
    : message;
}

/** Widgets without a file, as far as the account may still have them. */
export function orphansOf(
  { documents, held }: Pick<LoadedTree, 'documents' | 'held'>,
  { records }: SightDeps['state'],
): Pick<AppliedRecord, 'widgetId' | 'hash'>[] {
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

/** Decides from what was seen and from the records as they are at this moment. Pure but for them. */
export function planFrom({ tree, live }: Sight, policy: Policy, state: SightDeps['state']): Plan {
  return makePlan(
    {
      desired: tree.documents,
      held: tree.held,
      applied: state.records,
      live,
      revision: tree.revision,
      committedAtMs: tree.committedAt?.getTime() ?? null,
    },
    policy,
  );
}

/**
 * Hands the plan over. Has to follow `planFrom` without anything awaited in between: what the queue
 * confirms meanwhile would make the plan old.
 */
export function applyPlan(plan: Plan, queue: ChangeQueue): void {
  // An unchanged widget may still have a write on its way that an earlier pass asked for, such as a
  // resync's: the same content is still wanted. Widgets that were found as declared need none.
  const wanted = [...plan.changes, ...plan.unchanged];
  queue.retain(new Map(wanted.map(({ widgetId, hash }) => [widgetId, hash])));
  for (const change of plan.changes) queue.submit(change);
}
