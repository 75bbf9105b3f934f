// Tells a service that is down from a widget that fails, and then lets one request at a time try it,
// ever less often. Sends nothing and waits for nothing: the gate asks it and tells it what it saw.
import type { Clock } from '../clock.ts';
import type { ApiError } from '../errors.ts';
import { type Backoff, backoffMs } from './backoff.ts';
import type { Evidence } from './evidence.ts';

export interface BreakerPolicy {
  /** Failures in a row that speak of the service, where they are not all about the same. */
  readonly failures: number;
  /** From a failed try to the next one. */
  readonly pause: Backoff;
}

export const daemonBreaker: BreakerPolicy = {
  failures: 5,
  pause: { baseMs: 1000, capMs: 60_000 },
};

/** Told of each outage once when it is noticed, and once when it is over; must not throw. */
export interface BreakerObserver {
  opened(facts: OutageFacts): void;
  closed(facts: { durationMs: number }): void;
}

export interface OutageFacts {
  /** The last failure. */
  readonly error: ApiError;
  /** Failures in a row, the first of them at `since`. */
  readonly failures: number;
  readonly since: Date;
  /** Until the next request may try. */
  readonly nextTryInMs: number;
}

export interface BreakerDeps {
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  readonly random: () => number;
}

/** Failures since the last answer. */
interface Run {
  readonly since: Date;
  readonly sinceMs: number;
  readonly about: Set<string>;
  failures: number;
}

interface Outage {
  readonly sinceMs: number;
  failedTries: number;
  nextTryAtMs: number;
  /** The request that tries is under way; what else ends was sent before the outage was noticed. */
  isTrying: boolean;
}

//  closed ── failures in a row, about two things or more ──► open
//  open   ── a try that fails: a longer pause ─────────────► open
//  open   ── any answer ───────────────────────────────────► closed
export class Breaker {
  readonly #policy: BreakerPolicy;
  readonly #deps: BreakerDeps;
  readonly #observers = new Set<BreakerObserver>();
  #run: Run | null = null;
  #outage: Outage | null = null;

  constructor(policy: BreakerPolicy, deps: BreakerDeps) {
    this.#policy = policy;
    this.#deps = deps;
  }

  /** Tells the observer from now on; returns the way out. */
  listen(observer: BreakerObserver): () => void {
    this.#observers.add(observer);
    return () => void this.#observers.delete(observer);
  }

  get isOpen(): boolean {
    return this.#outage !== null;
  }

  /** On the monotonic clock; Infinity while only the end of a request can let another one start. */
  nextStartAtMs(underWay: number): number {
    if (this.#outage === null) return Number.NEGATIVE_INFINITY;
    return underWay > 0 ? Number.POSITIVE_INFINITY : this.#outage.nextTryAtMs;
  }

  /** A request got leave to start. */
  started(): void {
    if (this.#outage !== null) this.#outage.isTrying = true;
  }

  /** A leave was given back unused: the next request may try in its place. */
  unused(): void {
    if (this.#outage !== null) this.#outage.isTrying = false;
  }

  ended(evidence: Evidence): void {
    if (evidence.service === 'up') this.#close();
    else if (this.#outage !== null) this.#postpone(this.#outage, evidence);
    else if (evidence.service === 'down') this.#count(evidence);
  }

  #count({ error, about }: Extract<Evidence, { service: 'down' }>): void {
    const { clock } = this.#deps;
    this.#run ??= {
      since: clock.now(),
      sinceMs: clock.monotonicMs(),
      about: new Set(),
      failures: 0,
    };
    const run = this.#run;
    run.failures += 1;
    run.about.add(about);
    // One that fails alone, however often, waits out its own back-off.
    if (run.failures >= this.#policy.failures && run.about.size > 1) this.#open(run, error);
  }

  #open({ since, sinceMs, failures }: Run, error: ApiError): void {
    const nextTryInMs = this.#pauseMs(1, error.retryAfterMs);
    const nextTryAtMs = this.#deps.clock.monotonicMs() + nextTryInMs;
    this.#outage = { sinceMs, failedTries: 0, nextTryAtMs, isTrying: false };
    for (const one of this.#observers) one.opened({ error, failures, since, nextTryInMs });
  }

  /** What was sent before only says when the API wants to be asked again. */
  #postpone(outage: Outage, evidence: Evidence): void {
    const retryAfterMs = evidence.service === 'down' ? evidence.error.retryAfterMs : null;
    if (outage.isTrying) outage.failedTries += 1;
    const pauseMs = outage.isTrying
      ? this.#pauseMs(outage.failedTries + 1, retryAfterMs)
      : (retryAfterMs ?? 0);
    outage.isTrying = false;
    outage.nextTryAtMs = Math.max(outage.nextTryAtMs, this.#deps.clock.monotonicMs() + pauseMs);
  }

  #pauseMs(failed: number, retryAfterMs: number | null): number {
    return Math.max(backoffMs(failed, this.#policy.pause, this.#deps.random), retryAfterMs ?? 0);
  }

  #close(): void {
    this.#run = null;
    const outage = this.#outage;
    if (outage === null) return;
    this.#outage = null;
    const durationMs = this.#deps.clock.monotonicMs() - outage.sinceMs;
    for (const one of this.#observers) one.closed({ durationMs });
  }
}
