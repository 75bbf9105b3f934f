// Whether the daemon still works, as a probe asks: not whether all is well, which restarting it would not
// mend. An outage, a refused key or a broken file leaves it alive; a loop that stands still does not.
import type { Clock } from '../../base/clock.ts';
import type { Listener } from '../../sync/events.ts';
import type { RateLimiter } from '../../sync/rate/rate-limiter.ts';

export interface LivenessDeps {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Nothing need happen while a request may not start, for a wait or for a key that is refused. */
  readonly limiter: Pick<RateLimiter, 'wait' | 'isPaused'>;
  /** Something happens at least so often, such as a look at the files. */
  readonly quietMs: number;
}

/** A pass may take that long without a sign, such as one that reads from a slow disk. */
export const graceMs = 5 * 60_000;

export class Liveness {
  readonly #deps: LivenessDeps;
  #lastSignMs: number;

  constructor(deps: LivenessDeps) {
    this.#deps = deps;
    this.#lastSignMs = deps.clock.monotonicMs();
  }

  readonly hear: Listener = ({ kind }) => {
    // These come by themselves, whether the loop turns or not.
    const isSign = kind !== 'status-changed' && kind !== 'notification-ended';
    if (isSign) this.#lastSignMs = this.#deps.clock.monotonicMs();
  };

  /** Since the last sign that the loop turns, in milliseconds. */
  get silentMs(): number {
    return this.#deps.clock.monotonicMs() - this.#lastSignMs;
  }

  get isAlive(): boolean {
    const { limiter, quietMs } = this.#deps;
    const mayNotAsk = limiter.wait !== null || limiter.isPaused;
    return mayNotAsk || this.silentMs <= quietMs + graceMs;
  }
}
