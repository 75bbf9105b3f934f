// How much time has passed, on the clock that moved furthest. The monotonic clock may stand still while the
// machine sleeps, the wall clock may be set, a paused virtual machine may know of neither: a right that ends must
// not outlive any of them.
import type { Clock } from '../base/clock.ts';

export interface ReplicaClock extends Clock {
  /** Milliseconds since the machine was started, those in which it slept included. */
  bootMs(): number;
}

export interface Moment {
  readonly monotonicMs: number;
  readonly bootMs: number;
  readonly wallMs: number;
}

export function momentOf(clock: ReplicaClock): Moment {
  return {
    monotonicMs: clock.monotonicMs(),
    bootMs: clock.bootMs(),
    wallMs: clock.now().getTime(),
  };
}

/** A process may be held up between two readings of one moment, and the boot clock may count in hundredths. */
const agreeMs = 250;

/**
 * In milliseconds. Infinite where it cannot be measured: the wall and the monotonic clock tell of different times,
 * so that one was set, or the other stood still. A clock that was set back hides a sleep that it alone has seen.
 */
export function passedMs(from: Moment, to: Moment): number {
  const monotonicMs = to.monotonicMs - from.monotonicMs;
  const wallMs = to.wallMs - from.wallMs;
  if (Math.abs(wallMs - monotonicMs) > agreeMs) return Number.POSITIVE_INFINITY;
  return Math.max(0, monotonicMs, to.bootMs - from.bootMs, wallMs);
}
