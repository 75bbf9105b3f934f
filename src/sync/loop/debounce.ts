// Many hints, one look: waits until hints have been quiet for a while, but not for ever.
import type { Clock } from '../../base/clock.ts';

export interface Quiet {
  /** How long no hint may come before it counts as quiet. */
  readonly quietMs: number;
  /** The longest wait after the first hint, however many follow. */
  readonly longestMs: number;
}

/** `git checkout` of thousands of files leaves gaps of up to 100 ms between events. */
export const defaultQuiet: Quiet = { quietMs: 250, longestMs: 2000 };

export interface Hints {
  hint(): void;
  /** A hint that nothing in particular has led to: it does not lengthen the wait. */
  nudge(): void;
  stop(): void;
}

const another = 'another hint';

export function debounce(quiet: Quiet, clock: Clock, onQuiet: () => void): Hints {
  let firstAtMs: number | null = null;
  let waiting = new AbortController();
  let isStopped = false;

  function hint(): void {
    if (isStopped) return;
    const nowMs = clock.monotonicMs();
    firstAtMs ??= nowMs;
    // With a reason at hand: making the usual one, with its stack, costs more than all the rest.
    waiting.abort(another);
    const mine = new AbortController();
    waiting = mine;
    const leftMs = firstAtMs + quiet.longestMs - nowMs;
    void clock.sleep(Math.max(0, Math.min(quiet.quietMs, leftMs)), mine.signal).then(() => {
      if (mine.signal.aborted) return;
      firstAtMs = null;
      onQuiet();
    });
  }

  function nudge(): void {
    if (firstAtMs === null) hint();
  }

  function stop(): void {
    isStopped = true;
    waiting.abort();
  }

  return { hint, nudge, stop };
}
