// Time that moves only when a test says so, for code that was given a `Clock`.
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { Clock } from '../../src/base/clock.ts';

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

export class FakeClock implements Clock {
  readonly #startedAt: Date;
  /** Earliest first; of those due together, whoever slept first. */
  readonly #sleepers: Sleeper[] = [];
  #elapsedMs = 0;
  /** How far the wall clock was set, ahead or back. */
  #steppedMs = 0;

  constructor(startedAt = new Date('2026-03-01T08:00:00Z')) {
    this.#startedAt = startedAt;
  }

  now(): Date {
    return new Date(this.#startedAt.getTime() + this.#elapsedMs + this.#steppedMs);
  }

  /** Sets the wall clock ahead, or back where negative; nobody's sleep is shorter or longer for it. */
  step(ms: number): void {
    this.#steppedMs += ms;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (!(ms > 0) || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        dueMs: this.#elapsedMs + ms,
        wake: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      const abort = () => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
        sleeper.wake();
      };
      signal?.addEventListener('abort', abort);
      const after = this.#sleepers.findIndex((other) => other.dueMs > sleeper.dueMs);
      this.#sleepers.splice(after === -1 ? this.#sleepers.length : after, 0, sleeper);
    });
  }

  /** How many sleep now. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Wakes whoever is due in the next `ms`, one at a time, and lets promises settle in between. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    await settle();
    for (let next = this.#nextDue(untilMs); next !== undefined; next = this.#nextDue(untilMs)) {
      this.#elapsedMs = next.dueMs;
      next.wake();
      await settle();
    }
    this.#elapsedMs = untilMs;
  }

  #nextDue(untilMs: number): Sleeper | undefined {
    const [first] = this.#sleepers;
    return first !== undefined && first.dueMs <= untilMs ? this.#sleepers.shift() : undefined;
  }
}

/** Resolves once every promise that can settle without time or input has settled. */
export async function settle(): Promise<void> {
  await turnOfTheLoop();
}
