// Time that runs ahead, for what a program does only after minutes: everybody waits a part of the time.
import { type Clock, systemClock } from '../../src/base/clock.ts';

export interface FastClock extends Clock {
  /** From now on; who waits already is called as it was then. */
  run(times: number): void;
}

/** A minute is over in so many seconds: 60 divided by `times`. */
export function fastClock(times: number): FastClock {
  const aheadMs = Date.now() - performance.now();
  let since = { realMs: performance.now(), ms: performance.now(), times };
  const monotonicMs = () => since.ms + (performance.now() - since.realMs) * since.times;
  return {
    now: () => new Date(aheadMs + monotonicMs()),
    monotonicMs,
    sleep: (ms, signal) => systemClock.sleep(ms / since.times, signal),
    run(next) {
      since = { realMs: performance.now(), ms: monotonicMs(), times: next };
    },
  };
}
