// Things to do later, all of which are forgotten once a signal aborts.
import type { Clock } from './clock.ts';

export class Timers {
  readonly #clock: Clock;
  readonly #stopping: AbortSignal;

  constructor(clock: Clock, stopping: AbortSignal) {
    this.#clock = clock;
    this.#stopping = stopping;
  }

  /** Acts after `ms`, unless what it returns is aborted first. */
  later(ms: number, act: () => void): AbortController {
    const timer = new AbortController();
    if (this.#stopping.aborted) return timer;
    const stop = () => timer.abort();
    this.#stopping.addEventListener('abort', stop);
    void this.#clock.sleep(ms, timer.signal).then(() => {
      this.#stopping.removeEventListener('abort', stop);
      if (!timer.signal.aborted) act();
    });
    return timer;
  }

  /** Resolves once the signal has aborted; rejects with what `act` throws. */
  async every(ms: number, act: () => void | Promise<void>): Promise<void> {
    for (;;) {
      await this.#clock.sleep(ms, this.#stopping);
      if (this.#stopping.aborted) return;
      await act();
    }
  }
}
