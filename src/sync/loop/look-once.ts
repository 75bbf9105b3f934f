// The look of a command that has only this one pass: it waits for files that cannot be believed yet,
// within reason.
import type { Clock } from '../../base/clock.ts';
import { UsageError } from '../../base/errors.ts';
import type { LoadedTree, Look, Unsettled } from '../../model/document.ts';
import { priority } from '../rate/priority.ts';
import { lookInOrder, orphansOf, type SightDeps } from './look.ts';
import type { Sight } from './run-pass.ts';

export interface OnceDeps extends SightDeps {
  readonly clock: Clock;
  /** Told once when the directory lets itself be waited for. */
  readonly onWait: (why: string) => void;
}

/**
 * The look of a command that has only this one pass: it waits until the files can be believed, and
 * reads what is live of every widget that a file declares. What is wrong with the files is known
 * before anything is read, and has to be said even if nothing can be.
 */
export async function lookOnce(
  onLoaded: (tree: LoadedTree) => void,
  signal: AbortSignal,
  { live, ...deps }: OnceDeps,
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
  { clock, onWait, ...deps }: Omit<OnceDeps, 'live'>,
): Promise<LoadedTree | null> {
  const startedMs = clock.monotonicMs();
  for (let hasTold = false; !signal.aborted; ) {
    const waitedMs = clock.monotonicMs() - startedMs;
    const seen = believed(await lookInOrder(deps), waitedMs);
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
    // Also the daemon looks again for it; see `lookAgain`.
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
