// Whose turn it is. What many accounts would do in one moment (their first looks, or the looks that a
// fragment of all of them leads to) goes one after the other, and whatever else happens gets its turn in
// between: a signal, an answer, a page.
import type { Work } from '../../sync/events.ts';
import type { Places } from './places.ts';

/** Lets one go on in each turn of the event loop, in the order in which they came. */
export function oneByOne(): () => Promise<void> {
  const waiting: (() => void)[] = [];
  const go = () => {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(go);
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) setImmediate(go);
    });
}

/** No sweep waits longer for accounts that are being opened. */
const mostWaitMs = 30_000;

/**
 * The turns of a process that opens accounts: sweeps wait until all are open, so that each account's files are
 * looked at before anything is read that has not changed.
 */
export function filesFirst(
  turn: () => Promise<void>,
  places: Pick<Places, 'calm'>,
): (work: Work, signal: AbortSignal) => Promise<void> {
  return async (work, signal) => {
    if (work === 'sweep') await places.calm(mostWaitMs, signal);
    await turn();
  };
}
