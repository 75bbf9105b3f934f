// What is looked at again and again: one timer for all of it, however many look. Hundreds of accounts of a
// process would otherwise wake it a thousand times a second, each time for a look that takes microseconds.
import type { Clock } from './clock.ts';

interface Looking {
  readonly act: () => void | Promise<void>;
  readonly onBug: (error: unknown) => void;
  isActing: boolean;
}

export class Ticker {
  /** The time from one tick to the next. */
  readonly everyMs: number;
  readonly #clock: Clock;
  readonly #looking = new Set<Looking>();
  #stopped = new AbortController();

  constructor(clock: Clock, everyMs = 1000) {
    this.#clock = clock;
    this.everyMs = everyMs;
  }

  /**
   * Acts at each tick until the way out that it returns is taken, though never twice at a time. The first
   * tick comes within `everyMs`. What `act` throws is a bug, after which it acts no more.
   */
  each(act: Looking['act'], onBug: Looking['onBug']): () => void {
    const looking: Looking = { act, onBug, isActing: false };
    this.#looking.add(looking);
    if (this.#looking.size === 1) void this.#tick();
    return () => {
      this.#looking.delete(looking);
      if (this.#looking.size === 0) this.#stopped.abort();
    };
  }

  async #tick(): Promise<void> {
    const stopped = new AbortController();
    this.#stopped = stopped;
    for (;;) {
      await this.#clock.sleep(this.everyMs, stopped.signal);
      if (stopped.signal.aborted) return;
      for (const looking of [...this.#looking]) this.#act(looking);
    }
  }

  #act(looking: Looking): void {
    if (looking.isActing || !this.#looking.has(looking)) return;
    const fail = (error: unknown) => {
      this.#looking.delete(looking);
      looking.onBug(error);
    };
    try {
      const acting = looking.act();
      if (acting === undefined) return;
      looking.isActing = true;
      void acting.then(() => {
        looking.isActing = false;
      }, fail);
    } catch (error) {
      fail(error);
    }
  }
}
