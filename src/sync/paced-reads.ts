// One read of the budget: waits for its turn and for leave, and is tried again while that can help.
import type PQueue from 'p-queue';
import type { Clock } from '../clock.ts';
import { ApiError } from '../errors.ts';
import { type Backoff, backoffMs } from './backoff.ts';
import type { RateGate } from './rate-gate.ts';

export interface ReadRequest {
  readonly priority: number;
  readonly signal: AbortSignal;
}

export interface PacedReadDeps {
  readonly gate: RateGate;
  /** Shared with the writes, so that both together keep to the concurrency. */
  readonly requests: PQueue;
  readonly clock: Clock;
  readonly random: () => number;
  readonly observer: {
    /** A read failed and is tried again in `retryInMs`. */
    retryingRead(error: ApiError, facts: { attempts: number; retryInMs: number }): void;
  };
}

export interface ReadPatience {
  readonly backoff: Backoff;
  /** Attempts after which a read that might still succeed is given up. */
  readonly maxAttempts: number;
}

/** Thrown to leave a read that its signal aborted; never leaves the reading of live widgets. */
export class Withdrawn extends Error {}

export class PacedReads {
  readonly #policy: ReadPatience;
  readonly #deps: PacedReadDeps;

  constructor(policy: ReadPatience, deps: PacedReadDeps) {
    this.#policy = policy;
    this.#deps = deps;
  }

  /** One request of the budget, tried again while that can help. */
  async read<Result>(
    request: ReadRequest,
    send: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { clock, random, observer } = this.#deps;
    const { maxAttempts, backoff } = this.#policy;
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await this.#attempt(request, send);
      } catch (error) {
        if (request.signal.aborted) throw new Withdrawn();
        if (!(error instanceof ApiError) || error.retry === 'never') throw error;
        if (attempts >= maxAttempts) throw error;
        const retryInMs = backoffMs(attempts, backoff, random);
        observer.retryingRead(error, { attempts, retryInMs });
        await clock.sleep(retryInMs, request.signal);
      }
    }
  }

  async #attempt<Result>(
    request: ReadRequest,
    send: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    return await this.#deps.requests.add(() => this.once(request, send), request);
  }

  /** One attempt without a place in the queue, for whoever holds one already. */
  async once<Result>(
    { priority, signal }: ReadRequest,
    send: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { gate } = this.#deps;
    const permit = await gate.take(priority, signal);
    if (permit === null) throw new Withdrawn();
    try {
      return await send(signal);
    } catch (error) {
      if (error instanceof ApiError && error.retryAfterMs !== null) gate.hold(error.retryAfterMs);
      throw error;
    } finally {
      permit.seen();
    }
  }
}
