// Work that something may stand in the way of: what it was is said, and it is done again after a while.

import { backoffMs } from '../../base/backoff.ts';
import { ApiError, StateError, UsageError } from '../../base/errors.ts';
import type { Delays } from '../../base/timers.ts';
import { isAccountWide } from '../../model/send-failure.ts';
import type { RateLimiter } from '../rate/rate-limiter.ts';
import type { LoopObserver, PassFailure, PassTrouble, Trigger } from './loop-types.ts';

export type Work = PassTrouble['work'];

export interface AttemptsDeps {
  readonly observer: Pick<LoopObserver, 'passFailed'>;
  readonly random: () => number;
  readonly delays: Delays;
  readonly limiter: Pick<RateLimiter, 'wait'>;
  /** The API refuses the key: nothing more is to be sent. */
  readonly halt: (error: ApiError) => void;
}

const failedBackoff = { baseMs: 2000, capMs: 60_000 };
/** Whatever it was, it is not over in the next moment. */
const leastMs = 500;

export class Attempts {
  readonly #deps: AttemptsDeps;
  readonly #failures = { pass: 0, sweep: 0 };
  readonly #retries = { pass: new AbortController(), sweep: new AbortController() };
  /** What a refused key kept from being done. */
  readonly #afterKey = new Map<Work, () => void>();

  constructor(deps: AttemptsDeps) {
    this.#deps = deps;
  }

  /** Rejects with what nobody expects: a bug. */
  async attempt(
    work: Work,
    { trigger, again }: { trigger: Trigger; again: () => void },
    act: () => Promise<void>,
  ): Promise<void> {
    const { observer, random, limiter, halt } = this.#deps;
    this.#retries[work].abort();
    try {
      await act();
      this.#failures[work] = 0;
    } catch (error) {
      if (!isExpected(error)) throw error;
      if (error instanceof ApiError && isAccountWide(error)) {
        this.#afterKey.set(work, again);
        return halt(error);
      }
      this.#failures[work] += 1;
      const ownMs = backoffMs(this.#failures[work], failedBackoff, random) + leastMs;
      // Files can be looked at meanwhile; what needs an answer of the API would only wait there.
      const waitMs = error instanceof ApiError ? (limiter.wait?.forMs ?? 0) : 0;
      const retryInMs = Math.max(ownMs, waitMs);
      observer.passFailed(error, { work, trigger, retryInMs });
      this.again(work, retryInMs, again);
    }
  }

  /** Unless it is attempted before. */
  again(work: Work, afterMs: number, act: () => void): void {
    this.#retries[work] = this.#deps.delays.later(afterMs, act);
  }

  /** Another key is in force: what the former one kept from being done is asked for again. */
  keyChanged(): void {
    const waiting = [...this.#afterKey.values()];
    this.#afterKey.clear();
    for (const again of waiting) again();
  }
}

function isExpected(error: unknown): error is PassFailure {
  return error instanceof UsageError || error instanceof StateError || error instanceof ApiError;
}
