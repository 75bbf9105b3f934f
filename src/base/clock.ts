// Time as a dependency. Intervals are measured on the monotonic clock, so that a step of the wall
// clock neither stalls nor bursts the queue.

import { uptime } from 'node:os';

export interface Clock {
  /** Wall time, for records and for people. */
  now(): Date;
  /** Milliseconds on a clock that never steps. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/**
 * The last whole second of the monotonic clock by then, both in milliseconds. What hundreds of accounts each
 * wait for in seconds is due together so: to wake a process costs more than most of what it is woken for.
 */
export function wholeSecondBy(monotonicMs: number): number {
  return Math.floor(monotonicMs / 1000) * 1000;
}

/** setTimeout fires at once for anything longer than a signed 32-bit integer. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  async sleep(ms, signal) {
    for (let left = ms; left > 0 && !signal?.aborted; left -= longestTimerMs) {
      await sleepOnce(Math.min(left, longestTimerMs), signal);
    }
  },
};

/** Milliseconds since the machine was started, those in which it slept included. */
export function systemBootMs(): number {
  return uptime() * 1000;
}

function sleepOnce(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}
