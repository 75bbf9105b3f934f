// Tells a service that is down from a widget that fails, and then lets one request at a time try it,
// ever less often. Once it answers, it is believed little by little: one that has more than it can
// take, or a limit below the rate, would be down again at once. Widgets that always fail must not pass
// for a service that does: each of them can bring about a relapse once, and no more. Sends nothing and
// waits for nothing: the limiter asks it and tells it what it saw.

import { type Backoff, backoffMs } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import type { ApiError } from '../../base/errors.ts';
import type { Emit, SyncEvent } from '../events.ts';
import type { RequestOutcome } from './request-outcome.ts';

export interface CircuitBreakerPolicy {
  /**
   * Failures in a row that speak of the service, where they are not all about the same. As many answers
   * in a row end the slow start after an outage.
   */
  readonly failures: number;
  /**
   * From a failed try to the next one. The slow start's requests are the shortest pause apart; for the
   * longest one after an outage, the next is taken for a part of it.
   */
  readonly pause: Backoff;
}

export const daemonBreaker: CircuitBreakerPolicy = {
  failures: 5,
  pause: { baseMs: 1000, capMs: 60_000 },
};

export interface CircuitBreakerDeps {
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
  isHalfOpen: boolean;
  readonly suspects: Suspects;
}

/**
 * The subjects of the relapses since the first outage. Others were answered in between, so that what
 * fails in a slow start once more says more of itself than of the service.
 */
type Suspects = ReadonlySet<string>;

/** An outage that is over. */
interface Aftermath {
  readonly failedTries: number;
  readonly untilMs: number;
  /** In a row. */
  answers: number;
  nextStartAtMs: number;
  readonly suspects: Suspects;
}

/** In the slow start so many things have to fail in a row; two widgets that fail are no relapse. */
const relapseThings = 3;

//  closed     ── failures in a row, about two things or more ──► open
//  open       ── the pause is over: one request tries ─────────► half-open
//  half-open  ── it fails ─────────────────────────────────────► open, with a longer pause
//  either     ── any answer ──────────────────────────────────► slow start
//  slow start ── failures in a row, about three new things ────► open, with a longer pause than before
//  slow start ── answers in a row, or a while ─────────────────► closed
export class CircuitBreaker {
  readonly #policy: CircuitBreakerPolicy;
  readonly #deps: CircuitBreakerDeps;
  readonly #listeners = new Set<Emit>();
  #run: Run | null = null;
  #outage: Outage | null = null;
  #aftermath: Aftermath | null = null;

  constructor(policy: CircuitBreakerPolicy, deps: CircuitBreakerDeps) {
    this.#policy = policy;
    this.#deps = deps;
  }

  /** Tells of each outage from now on; returns the way out. */
  listen(emit: Emit): () => void {
    this.#listeners.add(emit);
    return () => void this.#listeners.delete(emit);
  }

  #tell(event: SyncEvent): void {
    for (const emit of this.#listeners) emit(event);
  }

  get isOpen(): boolean {
    return this.#outage !== null;
  }

  /** On the monotonic clock; Infinity while only the end of a request can let another one start. */
  nextStartAtMs(underWay: number): number {
    const isAlone = underWay === 0;
    if (this.#outage !== null) return isAlone ? this.#outage.nextTryAtMs : Number.POSITIVE_INFINITY;
    const slowStart = this.#slowStart();
    if (slowStart === null) return Number.NEGATIVE_INFINITY;
    // A request that hangs holds the others up no longer than the slow start lasts.
    return isAlone ? Math.min(slowStart.nextStartAtMs, slowStart.untilMs) : slowStart.untilMs;
  }

  /** A request takes its slot. */
  started(): void {
    if (this.#outage !== null) this.#outage.isHalfOpen = true;
  }

  /** A slot was released unused: the next request may try in its place. */
  unused(): void {
    if (this.#outage !== null) this.#outage.isHalfOpen = false;
  }

  /** That the API has a limit says nothing of the service but that it is not back. */
  ended(outcome: RequestOutcome): void {
    if (outcome.service === 'up') this.#run = null;
    else if (this.#outage !== null) return this.#postpone(this.#outage, outcome);
    const slowStart = this.#slowStart();
    if (slowStart !== null) {
      slowStart.nextStartAtMs = this.#deps.clock.monotonicMs() + this.#policy.pause.baseMs;
      if (outcome.service === 'up') slowStart.answers += 1;
      else if (outcome.service === 'down') slowStart.answers = 0;
    }
    if (this.#outage !== null) this.#close(this.#outage);
    else if (outcome.service === 'down') this.#count(outcome);
  }

  #slowStart(): Aftermath | null {
    const aftermath = this.#lastOutage();
    return aftermath !== null && aftermath.answers < this.#policy.failures ? aftermath : null;
  }

  /** Null where it is so long ago that it says nothing of the next one. */
  #lastOutage(): Aftermath | null {
    const isPast = (this.#aftermath?.untilMs ?? 0) <= this.#deps.clock.monotonicMs();
    return isPast ? null : this.#aftermath;
  }

  #count({ error, about }: Extract<RequestOutcome, { service: 'down' }>): void {
    const { clock } = this.#deps;
    const slowStart = this.#slowStart();
    if (slowStart?.suspects.has(about)) return;
    this.#run ??= {
      since: clock.now(),
      sinceMs: clock.monotonicMs(),
      about: new Set(),
      failures: 0,
    };
    const run = this.#run;
    run.failures += 1;
    run.about.add(about);
    const isDown =
      slowStart === null
        ? // One that fails alone, however often, waits out its own back-off.
          run.failures >= this.#policy.failures && run.about.size > 1
        : run.about.size >= relapseThings;
    if (isDown) this.#open(run, error);
  }

  #open({ since, sinceMs, failures, about }: Run, error: ApiError): void {
    const last = this.#lastOutage();
    // A return that did not last was one more try in vain.
    const failedTries = last === null ? 0 : last.failedTries + 1;
    const nextTryInMs = this.#pauseMs(failedTries + 1, error.retryAfterMs);
    const nextTryAtMs = this.#deps.clock.monotonicMs() + nextTryInMs;
    const suspects = last === null ? new Set<string>() : new Set([...last.suspects, ...about]);
    this.#outage = { sinceMs, failedTries, nextTryAtMs, isHalfOpen: false, suspects };
    this.#aftermath = null;
    this.#tell({ kind: 'outage-began', error, failures, since, nextTryInMs });
  }

  /** An answer to a request from before only says when the API wants to be asked again. */
  #postpone(outage: Outage, outcome: RequestOutcome): void {
    const retryAfterMs = 'error' in outcome ? outcome.error.retryAfterMs : null;
    if (outage.isHalfOpen) outage.failedTries += 1;
    const pauseMs = outage.isHalfOpen
      ? this.#pauseMs(outage.failedTries + 1, retryAfterMs)
      : (retryAfterMs ?? 0);
    outage.isHalfOpen = false;
    const nowMs = this.#deps.clock.monotonicMs();
    outage.nextTryAtMs = Math.max(outage.nextTryAtMs, nowMs + pauseMs);
    this.#tell({ kind: 'outage-continued', nextTryInMs: outage.nextTryAtMs - nowMs });
  }

  #pauseMs(failed: number, retryAfterMs: number | null): number {
    return Math.max(backoffMs(failed, this.#policy.pause, this.#deps.random), retryAfterMs ?? 0);
  }

  #close({ sinceMs, failedTries, suspects }: Outage): void {
    const { baseMs, capMs } = this.#policy.pause;
    const nowMs = this.#deps.clock.monotonicMs();
    this.#outage = null;
    const nextStartAtMs = nowMs + baseMs;
    this.#aftermath = { failedTries, untilMs: nowMs + capMs, answers: 1, nextStartAtMs, suspects };
    this.#tell({ kind: 'outage-ended', durationMs: nowMs - sinceMs });
  }
}
