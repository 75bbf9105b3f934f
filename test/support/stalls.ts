// What a busy machine does to durations: while this process did not get to run, the server in it
// answered nobody. For upper bounds only; how close together requests start needs no allowance.
import { onTestFinished } from 'vitest';

const tickMs = 5;
/** A tick this late is no stall. */
const toleratedMs = 20;

/** Watches until the test ends. Gives all the time so far in which this process did not get to run. */
export function watchLostTime(): () => number {
  let lostMs = 0;
  let tickedAtMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    if (nowMs - tickedAtMs > toleratedMs) lostMs += nowMs - tickedAtMs;
    tickedAtMs = nowMs;
  }, tickMs);
  onTestFinished(() => clearInterval(timer));
  return () => lostMs;
}
