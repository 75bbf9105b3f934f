// Pages that were just made: many browsers ask for the same one in the same moment, when it has changed.
import type { Clock } from '../../base/clock.ts';

/** What a page says of time is as old as that at most. */
const freshMs = 1000;
/** One of 200 rows has 120 KB. */
const mostPages = 20;

interface Made {
  readonly edition: string;
  readonly atMs: number;
  readonly page: Promise<string>;
}

export class PageMemory {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #made = new Map<string, Made>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /**
   * The page of that address, made anew where the one in memory is of another edition, or old. Whoever asks
   * while it is being made gets the same one.
   */
  get(address: string, edition: string, make: () => string | Promise<string>): Promise<string> {
    const atMs = this.#clock.monotonicMs();
    const known = this.#made.get(address);
    if (known?.edition === edition && atMs - known.atMs < freshMs) return known.page;
    const made = { edition, atMs, page: Promise.resolve().then(make) };
    this.#made.delete(address);
    this.#made.set(address, made);
    if (this.#made.size > mostPages) {
      const [oldest = ''] = this.#made.keys();
      this.#made.delete(oldest);
    }
    // One that failed is made again at once.
    made.page.catch(() => {
      if (this.#made.get(address) === made) this.#made.delete(address);
    });
    return made.page;
  }
}
