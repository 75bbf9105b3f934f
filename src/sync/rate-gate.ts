// The one budget of requests. At most `limit` of them start in any sliding window, as the server
// sees it, whoever asks and for whatever reason. Knows nothing of widgets.
import type { Clock } from '../clock.ts';
import type { Rate } from '../settings.ts';

/** Leave to start one request. */
export interface Permit {
  /** To be called when the request has ended, however it ended. */
  seen(): void;
}

interface Start {
  readonly atMs: number;
  seenAtMs: number | null;
}

interface Waiter {
  readonly priority: number;
  readonly grant: (permit: Permit | null) => void;
}

/**
 * A request reaches the server some time after it starts here, and that delay varies: two groups
 * of starts that are a window apart here may be closer together there. The answer proves that the
 * server has seen the request, so a start keeps its place in the window from then on; at most this
 * share of the window longer than from its start, so that a slow API costs little throughput.
 */
const longestTransit = 0.1;
const longestTransitMs = 1000;

export class RateGate {
  readonly #rate: Rate;
  readonly #clock: Clock;
  readonly #transitMs: number;
  /** Oldest first. Only a leading start is ever forgotten, so this never holds too few. */
  readonly #starts: Start[] = [];
  readonly #waiters: Waiter[] = [];
  #heldUntilMs = Number.NEGATIVE_INFINITY;
  #alarm = new AbortController();

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
    this.#transitMs = Math.min(rate.windowMs * longestTransit, longestTransitMs);
  }

  /** Waits for leave, highest priority first, then first come; null once the signal aborts. */
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
    if (place !== -1) this.#waiters.splice(place, 1);
    waiter.grant(null);
    this.#admitAll();
  }

  #admitAll(): void {
    this.#alarm.abort();
    for (let waiter = this.#waiters[0]; waiter !== undefined; waiter = this.#waiters[0]) {
      const nowMs = this.#clock.monotonicMs();
      const waitMs = this.#nextStartAtMs(nowMs) - nowMs;
      if (waitMs > 0) {
        this.#wakeIn(waitMs);
        return;
      }
      this.#waiters.shift();
      this.#admit(waiter, nowMs);
    }
  }

  #admit(waiter: Waiter, atMs: number): void {
    const start: Start = { atMs, seenAtMs: null };
    this.#starts.push(start);
    waiter.grant({
      seen: () => {
        start.seenAtMs ??= this.#clock.monotonicMs();
        this.#admitAll();
      },
    });
  }

  #nextStartAtMs(nowMs: number): number {
    while (this.#starts[0] !== undefined && this.#freeAtMs(this.#starts[0]) <= nowMs) {
      this.#starts.shift();
    }
    const [oldest] = this.#starts;
    if (oldest === undefined || this.#starts.length < this.#rate.limit) return this.#heldUntilMs;
    return Math.max(this.#heldUntilMs, this.#freeAtMs(oldest));
  }

  #freeAtMs(start: Start): number {
    const latestMs = start.atMs + this.#transitMs;
    return Math.min(start.seenAtMs ?? latestMs, latestMs) + this.#rate.windowMs;
  }

  #wakeIn(ms: number): void {
    const alarm = new AbortController();
    this.#alarm = alarm;
    void this.#clock.sleep(ms, alarm.signal).then(() => {
      if (!alarm.signal.aborted) this.#admitAll();
    });
  }
}
