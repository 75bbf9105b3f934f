// What a busy machine does to measurements: when this process did not get to run, it stamps what
// reached it later than it came. Nothing here excuses anything on a machine that keeps up.
import { onTestFinished } from 'vitest';

const tickMs = 5;
/** A tick this late is no stall; as long after one, what came during it may still be worked off. */
const toleratedMs = 20;

export interface StallWatch {
  /** The earliest moment at which something stamped at `atMs` can have arrived. */
  earliest(atMs: number): number;
  /** All the time so far in which this process did not get to run. */
  lostMs(): number;
}

/** Watches until the test ends. */
export function watchStalls(): StallWatch {
  const stalls: { readonly fromMs: number; readonly toMs: number }[] = [];
  let tickedAtMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    if (nowMs - tickedAtMs > toleratedMs) stalls.push({ fromMs: tickedAtMs, toMs: nowMs });
    tickedAtMs = nowMs;
  }, tickMs);
  onTestFinished(() => clearInterval(timer));
  return {
    earliest: (atMs) =>
      stalls.find(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs + toleratedMs)?.fromMs ??
      atMs,
    lostMs: () => stalls.reduce((lost, { fromMs, toMs }) => lost + toMs - fromMs, 0),
  };
}

interface Stamped {
  readonly startedAtMs: number;
}

/**
 * The shortest time in which `limit + 1` starts fell, wherever it begins: at most `limit` start in
 * any window that is no longer. Infinity for fewer starts.
 */
export function shortestExcessMs(
  requests: readonly Stamped[],
  limit: number,
  stalls: StallWatch,
): number {
  const spans = requests
    .slice(limit)
    .map(
      ({ startedAtMs }, first) => startedAtMs - stalls.earliest(requests[first]?.startedAtMs ?? 0),
    );
  return Math.min(...spans);
}
