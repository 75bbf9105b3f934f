// When a process last said that it lives, and when it is to say so again.
import { type Clock, wholeSecondBy } from '../../base/clock.ts';
import type { Liveness } from './liveness.ts';

/** So often it is said although nothing has changed. */
const everyMs = 15_000;

export interface HeartbeatDeps {
  readonly clock: Clock;
  readonly liveness: Pick<Liveness, 'isAlive'>;
}

export class Heartbeat {
  readonly #deps: HeartbeatDeps;
  /** On the monotonic clock, whether alive by then or not. */
  #beatAtMs = Number.NEGATIVE_INFINITY;
  /** The last beat while it was alive. */
  at: Date | null = null;

  constructor(deps: HeartbeatDeps) {
    this.#deps = deps;
  }

  /** Calls `write` whenever it is time, until the signal aborts. */
  async keep(signal: AbortSignal, write: () => void): Promise<void> {
    while (!signal.aborted) {
      this.#beat();
      write();
      do await this.#deps.clock.sleep(this.#restMs, signal);
      while (!signal.aborted && this.#restMs > 0);
    }
  }

  /** Something is written anyway: that saves the next beat, unless it is the last beat itself. */
  written(): void {
    if (this.#deps.clock.monotonicMs() - this.#beatAtMs >= everyMs / 5) this.#beat();
  }

  get #restMs(): number {
    return wholeSecondBy(this.#beatAtMs + everyMs) - this.#deps.clock.monotonicMs();
  }

  #beat(): void {
    const { clock, liveness } = this.#deps;
    this.#beatAtMs = clock.monotonicMs();
    if (liveness.isAlive) this.at = clock.now();
  }
}
