// How much time has passed, on the clock that moved furthest. The monotonic clock may stand still while the
// machine sleeps, the wall clock may be set back, a paused virtual machine may know of neither: a right that
// ends must not outlive any of them.
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

/** In milliseconds; never below 0, whatever the wall clock does. */
export function passedMs(from: Moment, to: Moment): number {
  return Math.max(
    0,
    to.monotonicMs - from.monotonicMs,
    to.bootMs - from.bootMs,
    to.wallMs - from.wallMs,
  );
}
