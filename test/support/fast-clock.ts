// Time that runs ahead, for what a program does only after minutes: everybody waits a part of the time.
import { type Clock, systemClock } from '../../src/base/clock.ts';

/** A minute is over in so many seconds: 60 divided by `times`. */
export function fastClock(times: number): Clock {
  const startedAt = Date.now();
  const startedMs = performance.now();
  const elapsedMs = () => (performance.now() - startedMs) * times;
  return {
    now: () => new Date(startedAt + elapsedMs()),
    monotonicMs: () => startedMs + elapsedMs(),
    sleep: (ms, signal) => systemClock.sleep(ms / times, signal),
  };
}
