// One read of the budget: waits for its slot, and is tried again while that can help.
import { type Backoff, backoffMs } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { ApiError } from '../../base/errors.ts';
import type { Emit } from '../events.ts';
import { limitPatienceMs } from '../rate/limit-patience.ts';
import { priority as priorities } from '../rate/priority.ts';
import type { RateLimiter } from '../rate/rate-limiter.ts';
import { inSlot, isLimit } from '../rate/request-outcome.ts';

export interface ReadRequest {
  readonly priority: number;
  readonly signal: AbortSignal;
}

export interface LimitedReadDeps {
  /** Shared with the writes. */
  readonly limiter: Pick<RateLimiter, 'take' | 'outage' | 'wait' | 'refusedForMs'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly emit: Emit;
}

export interface ReadRetryPolicy {
  readonly backoff: Backoff;
  /** Attempts after which a read that might still succeed is given up. */
  readonly maxAttempts: number;
}

/** One read, as the budget sees it. */
export interface ReadAsk<Result> {
  /** Whom or what it is about. */
  readonly about: string;
  readonly send: (signal: AbortSignal) => Promise<Result>;
}

/** Thrown to leave a read that its signal aborted; never leaves the reading of live widgets. */
export class Withdrawn extends Error {}

/** Thrown to leave a read that does not wait for a service that is down; never leaves it either. */
export class ServiceDown extends Error {}

export class RateLimitedReads {
  readonly #policy: ReadRetryPolicy;
  readonly #deps: LimitedReadDeps;

  constructor(policy: ReadRetryPolicy, deps: LimitedReadDeps) {
    this.#policy = policy;
    this.#deps = deps;
  }

  /** One request of the budget, tried again while that can help. */
  async read<Result>(request: ReadRequest, ask: ReadAsk<Result>): Promise<Result> {
    const { clock, limiter, random, emit } = this.#deps;
    const { maxAttempts, backoff } = this.#policy;
    let hasFailed = false;
    for (let attempts = 1; ; ) {
      try {
        return await this.once(hasFailed ? this.#behindOthers(request) : request, ask);
      } catch (error) {
        if (request.signal.aborted) throw new Withdrawn();
        // An outage has begun or is over: everyone lines up again.
        if (error instanceof Withdrawn) continue;
        if (!(error instanceof ApiError) || error.retry === 'never') throw error;
        // An outage concerns every request: it uses up no attempts, and the limiter says which tries when.
        hasFailed = true;
        if (limiter.outage !== null) continue;
        if (isLimit(error)) {
          if (limiter.refusedForMs >= limitPatienceMs) throw error;
          // The limiter knows when the API takes more.
          const retryInMs = limiter.wait?.forMs ?? 0;
          emit({ kind: 'read-retried', error, attempts, retryInMs });
          continue;
        }
        if (attempts >= maxAttempts) throw error;
        const ownMs = backoffMs(attempts, backoff, random);
        const retryInMs = Math.max(ownMs, limiter.wait?.forMs ?? 0);
        emit({ kind: 'read-retried', error, attempts, retryInMs });
        attempts += 1;
        await clock.sleep(retryInMs, request.signal);
      }
    }
  }

  /** One attempt. */
  async once<Result>(request: ReadRequest, { about, send }: ReadAsk<Result>): Promise<Result> {
    const { limiter } = this.#deps;
    const { priority, signal } = request;
    if (limiter.outage !== null && !isSweep(request)) throw new ServiceDown();
    const slot = await limiter.take(priority, signal);
    if (slot === null) throw new Withdrawn();
    return await inSlot({ slot, about, signal }, send(signal)).finally(slot.release);
  }

  /** While the service is down: others are to try first. */
  #behindOthers(request: ReadRequest): ReadRequest {
    const isBehind = this.#deps.limiter.outage !== null && isSweep(request);
    return isBehind ? { ...request, priority: priorities.failedTry } : request;
  }
}

/**
 * A sweep is only there to read: it waits out an outage. A pass has hashes to go by, and must not be
 * held up: files are to be looked at all the same, so that what is sent in the end is what they say
 * by then.
 */
export function isSweep({ priority }: ReadRequest): boolean {
  return priority <= priorities.resyncRead;
}
