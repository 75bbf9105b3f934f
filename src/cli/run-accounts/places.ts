// How many are opened at once. Opening waits for the disk, which serves a few at a time as fast as many.
import { sharedController } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';

export interface PlacesOptions {
  readonly most: number;
  /** Who takes longer goes on without its place: a disk that hangs holds up no other. */
  readonly longestMs: number;
  readonly clock: Pick<Clock, 'sleep'>;
}

export class Places {
  readonly #options: PlacesOptions;
  /** Those who wait, first come first served. */
  readonly #waiting = new Set<() => void>();
  #taken = 0;
  /** Aborted when nobody opens any more. */
  #calm = sharedController();

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /** Acts once there is a place; null where the signal aborts before that. Rejects as `act` does. */
  async within<Result>(signal: AbortSignal, act: () => Promise<Result>): Promise<Result | null> {
    if (!(await this.#take(signal))) return null;
    const { clock, longestMs } = this.#options;
    const over = new AbortController();
    const acting = act().finally(() => over.abort());
    void clock.sleep(longestMs, over.signal).then(() => this.#free());
    return await acting;
  }

  /** Resolves once nobody has a place or waits for one, after `mostMs`, or when the signal aborts. */
  async calm(mostMs: number, signal: AbortSignal): Promise<void> {
    if (this.#isCalm) return;
    await this.#options.clock.sleep(mostMs, AbortSignal.any([this.#calm.signal, signal]));
  }

  get #isCalm(): boolean {
    return this.#taken === 0 && this.#waiting.size === 0;
  }

  /** Whether there is one now. */
  async #take(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted && this.#taken >= this.#options.most) {
      await new Promise<void>((resolve) => {
        const look = () => {
          this.#waiting.delete(look);
          signal.removeEventListener('abort', look);
          resolve();
        };
        this.#waiting.add(look);
        signal.addEventListener('abort', look);
      });
    }
    if (signal.aborted) {
      this.#callNext();
      return false;
    }
    this.#taken += 1;
    return true;
  }

  #free(): void {
    this.#taken -= 1;
    this.#callNext();
    if (!this.#isCalm) return;
    this.#calm.abort();
    this.#calm = sharedController();
  }

  #callNext(): void {
    const [first] = this.#waiting;
    if (this.#taken < this.#options.most) first?.();
  }
}
