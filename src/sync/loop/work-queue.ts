// When to look: one queue with two keys. Whatever happens (a file, a tick, a signal, a failure) only adds
// a key; what is true is found by looking. A pass makes a plan and sends it; a sweep, beside the passes,
// reads what is live of every widget, so that an edit does not wait for an account to be read.

import { type Backoff, backoffMs } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { Timers } from '../../base/timers.ts';
import type { Trigger, Work } from '../events.ts';
import type { Ask } from './run-pass.ts';

export interface WorkQueueDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** The work of each key; never two runs of one key at a time. */
  readonly run: { readonly [key in Work]: (ask: Ask) => Promise<void> };
  readonly onBug: (error: unknown) => void;
  /**
   * Resolves once that work may begin, or the signal aborts: many loops of a process look one after the other.
   * Default: at once.
   */
  readonly turn?: (work: Work, signal: AbortSignal) => Promise<void>;
}

const failedBackoff: Backoff = { baseMs: 2000, capMs: 60_000 };
/** The cause of a failure is not over in the next moment. */
const leastBackoffMs = 500;

/** A request takes the place of one that asks for less, and of no other. */
const rank: { readonly [key in Work]: (trigger: Trigger) => number } = {
  pass: (trigger) => (trigger === 'files' ? 0 : 1),
  // Only the first sweep never sends blindly.
  sweep: (trigger) => (trigger === 'start' ? 0 : 1),
};

/** One key's place in the queue. */
interface Place {
  /** The request for the next run; null: none is asked for. */
  asked: Ask | null;
  /** A re-send that a run began with is owed until one has done it, whatever brings that run. */
  owesForce: boolean;
  running: Promise<void> | null;
  isPaused: boolean;
  /** In a row. */
  failures: number;
  timer: AbortController;
  /** When the timer adds the key, on the monotonic clock. */
  dueAtMs: number;
}

export class WorkQueue {
  readonly #deps: WorkQueueDeps;
  readonly #stopping = new AbortController();
  readonly #timers: Timers;
  readonly #places: { readonly [key in Work]: Place } = { pass: emptyPlace(), sweep: emptyPlace() };

  constructor(deps: WorkQueueDeps) {
    this.#deps = deps;
    this.#timers = new Timers(deps.clock, this.#stopping.signal);
  }

  /** Asks for a run. What is asked for during one becomes one more. */
  add(key: Work, trigger: Trigger, { force = false } = {}): void {
    if (this.#stopping.signal.aborted) return;
    const place = this.#places[key];
    const waiting = place.asked ?? { trigger, force: false };
    const isMore = rank[key](trigger) > rank[key](waiting.trigger);
    place.asked = {
      trigger: isMore ? trigger : waiting.trigger,
      force: force || waiting.force,
    };
    this.#begin(key);
  }

  /** Asks for a run after `ms`, unless one begins before: of several times the earliest counts. */
  addAfter(key: Work, ms: number, trigger: Trigger): void {
    const place = this.#places[key];
    const dueAtMs = this.#deps.clock.monotonicMs() + ms;
    if (dueAtMs >= place.dueAtMs) return;
    place.timer.abort();
    place.dueAtMs = dueAtMs;
    place.timer = this.#timers.later(ms, () => {
      place.dueAtMs = Number.POSITIVE_INFINITY;
      this.add(key, trigger);
    });
  }

  /** Asks for a run after a wait that grows with each failure, and of `leastMs`; gives that wait. */
  addRateLimited(key: Work, trigger: Trigger, leastMs = 0): number {
    const place = this.#places[key];
    place.failures += 1;
    const ownMs = backoffMs(place.failures, failedBackoff, this.#deps.random) + leastBackoffMs;
    const waitMs = Math.max(ownMs, leastMs);
    this.addAfter(key, waitMs, trigger);
    return waitMs;
  }

  /** It has not failed: the next failure is the first one. */
  forget(key: Work): void {
    this.#places[key].failures = 0;
  }

  /** The re-send that the run began with is done. */
  done(key: Work): void {
    this.#places[key].owesForce = false;
  }

  /** Begins no run of it until `resume`; one that is under way goes on. */
  pause(key: Work): void {
    this.#places[key].isPaused = true;
  }

  resume(key: Work): void {
    this.#places[key].isPaused = false;
    this.#begin(key);
  }

  /** Begins no more, and resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#places.pass.running, this.#places.sweep.running]);
  }

  #begin(key: Work): void {
    const place = this.#places[key];
    place.running ??= this.#runAll(key, place);
  }

  async #runAll(key: Work, place: Place): Promise<void> {
    // A turn later, so that what is asked for together becomes one run.
    await (this.#deps.turn?.(key, this.#stopping.signal) ?? Promise.resolve());
    for (let ask = this.#next(place); ask !== null; ask = this.#next(place)) {
      await this.#deps.run[key](ask).catch(this.#deps.onBug);
    }
    // In the same turn as the last look at what is asked for: whatever comes next begins anew.
    place.running = null;
  }

  /** Null: nothing is asked for, or nothing may begin. */
  #next(place: Place): Ask | null {
    const { asked } = place;
    if (asked === null || place.isPaused || this.#stopping.signal.aborted) return null;
    place.asked = null;
    place.owesForce ||= asked.force;
    // This run looks at everything: a look that an earlier one asked for is done by it.
    place.timer.abort();
    place.dueAtMs = Number.POSITIVE_INFINITY;
    return { trigger: asked.trigger, force: place.owesForce };
  }
}

function emptyPlace(): Place {
  return {
    asked: null,
    owesForce: false,
    running: null,
    isPaused: false,
    failures: 0,
    timer: new AbortController(),
    dueAtMs: Number.POSITIVE_INFINITY,
  };
}
