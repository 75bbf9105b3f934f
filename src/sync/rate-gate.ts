// The one budget of requests. At most `limit` of them start in any sliding window, as the server
// sees it, whoever asks and for whatever reason, also across processes; one at a time while the
// service is down. Knows nothing of widgets.
import type { Clock } from '../clock.ts';
import type { Rate } from '../rate.ts';
import { briefWaitMs, type Spent } from '../state/spent.ts';
import type { Breaker } from './breaker.ts';
import type { Evidence } from './evidence.ts';

/** Leave to start one request. Ends in `seen`, or in `giveBack` when nothing was sent. */
export interface Permit {
  /** To be called when the request has ended, however it ended, with what that says of the service. */
  seen(evidence?: Evidence): void;
  /** Nothing was sent and nothing will be. */
  giveBack(): void;
}

/** Told once of a start that waits for what earlier processes have spent; must not throw. */
export interface RateObserver {
  waiting(rate: Rate, facts: { readonly waitMs: number }): void;
}

/** What outlives this process. */
export interface Memory {
  readonly spent: Pick<Spent, 'earlierMs' | 'ended' | 'keep'>;
  readonly observer: RateObserver;
}

interface Waiter {
  readonly priority: number;
  readonly grant: (permit: Permit | null) => void;
}

/**
 * A request reaches the server some time after its leave, and that time varies: connecting, a slow
 * disk, a busy network. Two groups of starts that are a window apart here may be closer together
 * there. Only the answer proves that the server has seen the request, so a request keeps its place
 * from its leave until one window after its answer. That holds whatever happens on the way; the
 * price is that an API which answers slowly is asked a little less often than the rate allows.
 */
export class RateGate {
  readonly #rate: Rate;
  readonly #clock: Clock;
  readonly #breaker: Breaker | null;
  readonly #waiters: Waiter[] = [];
  /** When requests ended, oldest first, as far as they still hold a place. */
  readonly #endedAtMs: number[] = [];
  /** How many of these, the first ones, are of earlier processes. */
  #earlier = 0;
  #memory: Memory | null = null;
  #hasSaidWaiting = false;
  #underWay = 0;
  #heldUntilMs = Number.NEGATIVE_INFINITY;
  #alarm = new AbortController();

  constructor(rate: Rate, clock: Clock, breaker: Breaker | null = null) {
    this.#rate = rate;
    this.#clock = clock;
    this.#breaker = breaker;
  }

  /** Before the first leave: goes on from what was spent, and keeps there what is spent from now on. */
  resume(memory: Memory): void {
    this.#memory = memory;
    for (const endedAtMs of memory.spent.earlierMs) this.#endedAtMs.push(endedAtMs);
    this.#earlier = this.#endedAtMs.length;
  }

  /** While the service is down: when it is tried next. */
  get outage(): { readonly nextTryInMs: number } | null {
    if (this.#breaker === null || !this.#breaker.isOpen) return null;
    const atMs = Math.max(this.#breaker.nextStartAtMs(0), this.#heldUntilMs);
    return { nextTryInMs: Math.max(0, atMs - this.#clock.monotonicMs()) };
  }

  /**
   * Waits for leave, highest priority first, then first come. Null once the signal aborts, and for
   * everyone when an outage begins or ends: all line up again then, since other rules hold.
   */
  take(priority: number, signal: AbortSignal): Promise<Permit | null> {
    if (signal.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      const withdraw = () => this.#withdraw(waiter);
      const waiter: Waiter = {
        priority,
        grant(permit) {
          signal.removeEventListener('abort', withdraw);
          resolve(permit);
        },
      };
      signal.addEventListener('abort', withdraw);
      this.#enqueue(waiter);
    });
  }

  /** For how long nobody may start by what `hold` was told. */
  get heldForMs(): number {
    return Math.max(0, this.#heldUntilMs - this.#clock.monotonicMs());
  }

  /** Lets nobody start for the next `ms`, in addition to what holds already. */
  hold(ms: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, this.#clock.monotonicMs() + ms);
    this.#admitAll();
  }

  #enqueue(waiter: Waiter): void {
    const behind = this.#waiters.findIndex((other) => other.priority < waiter.priority);
    this.#waiters.splice(behind === -1 ? this.#waiters.length : behind, 0, waiter);
    this.#admitAll();
  }

  #withdraw(waiter: Waiter): void {
    const place = this.#waiters.indexOf(waiter);
    if (place === -1) return; // It has its leave already.
    this.#waiters.splice(place, 1);
    waiter.grant(null);
    this.#admitAll();
  }

  #admitAll(): void {
    this.#alarm.abort();
    const admitted: Waiter[] = [];
    for (let waiter = this.#waiters[0]; waiter !== undefined; waiter = this.#waiters[0]) {
      const nowMs = this.#clock.monotonicMs();
      const waitMs = this.#nextStartAtMs(nowMs) - nowMs;
      if (waitMs > 0) {
        this.#wakeIn(waitMs);
        this.#sayWaiting(nowMs);
        break;
      }
      this.#waiters.shift();
      this.#underWay += 1;
      this.#breaker?.started();
      admitted.push(waiter);
    }
    // Before any of them starts: a process that is killed in the next moment has spent them.
    this.#memory?.spent.keep(this.#underWay);
    // Not at once: one that asked just now does not listen yet, and would start after the others.
    queueMicrotask(() => {
      for (const waiter of admitted) waiter.grant(this.#permit());
    });
  }

  #sayWaiting(nowMs: number): void {
    const [oldest] = this.#endedAtMs;
    if (this.#memory === null || this.#hasSaidWaiting || oldest === undefined) return;
    const isFull = this.#underWay + this.#endedAtMs.length >= this.#rate.limit;
    const waitMs = oldest + this.#rate.windowMs - nowMs;
    if (!isFull || this.#earlier === 0 || waitMs <= briefWaitMs) return;
    this.#hasSaidWaiting = true;
    this.#memory.observer.waiting(this.#rate, { waitMs });
  }

  #permit(): Permit {
    let held = true;
    const end = (record: () => void) => {
      if (!held) return;
      held = false;
      this.#underWay -= 1;
      record();
      this.#admitAll();
    };
    return {
      seen: (evidence = { service: 'unclear' }) => end(() => this.#note(evidence)),
      giveBack: () => end(() => this.#breaker?.unused()),
    };
  }

  #note(evidence: Evidence): void {
    const nowMs = this.#clock.monotonicMs();
    this.#endedAtMs.push(nowMs);
    this.#memory?.spent.ended(nowMs);
    const wasOpen = this.#breaker?.isOpen;
    this.#breaker?.ended(evidence);
    if (this.#breaker?.isOpen !== wasOpen) {
      for (const waiter of this.#waiters.splice(0)) waiter.grant(null);
    }
    const waitMs = evidence.service === 'down' ? evidence.error.retryAfterMs : null;
    if (waitMs !== null) this.hold(waitMs);
  }

  /** Infinity while only the end of a request can make room. */
  #nextStartAtMs(nowMs: number): number {
    const { limit, windowMs } = this.#rate;
    this.#forgetOver(nowMs);
    const tryAtMs = this.#breaker?.nextStartAtMs(this.#underWay) ?? Number.NEGATIVE_INFINITY;
    const allowedAtMs = Math.max(this.#heldUntilMs, tryAtMs);
    if (this.#underWay + this.#endedAtMs.length < limit) return allowedAtMs;
    const [oldest = Number.POSITIVE_INFINITY] = this.#endedAtMs;
    return Math.max(allowedAtMs, oldest + windowMs);
  }

  /** All at once: very many that ended together would be moved up one by one for each of them. */
  #forgetOver(nowMs: number): void {
    const { windowMs } = this.#rate;
    const first = this.#endedAtMs.findIndex((endedAtMs) => endedAtMs + windowMs > nowMs);
    const over = first === -1 ? this.#endedAtMs.length : first;
    if (over === 0) return;
    this.#endedAtMs.splice(0, over);
    this.#earlier = Math.max(0, this.#earlier - over);
  }

  #wakeIn(ms: number): void {
    if (ms === Number.POSITIVE_INFINITY) return;
    const alarm = new AbortController();
    this.#alarm = alarm;
    void this.#clock.sleep(ms, alarm.signal).then(() => {
      if (!alarm.signal.aborted) this.#admitAll();
    });
  }
}
