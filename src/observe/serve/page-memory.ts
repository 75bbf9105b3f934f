// Pages that were just made: many browsers ask for the same one in the same moment, when it has changed.
import type { Clock } from '../../base/clock.ts';

/** What a page says of time is as old as that at most. */
const freshMs = 1000;
/** One of 200 rows has 120 KB. */
const mostPages = 20;

interface Made {
  readonly edition: string;
  readonly atMs: number;
  readonly page: string;
}

export class PageMemory {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #made = new Map<string, Made>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** The page of that address, made anew where the one in memory is of another edition, or old. */
  get(address: string, edition: string, make: () => string): string {
    const atMs = this.#clock.monotonicMs();
    const known = this.#made.get(address);
    if (known?.edition === edition && atMs - known.atMs < freshMs) return known.page;
    this.#made.delete(address);
    const page = make();
    this.#made.set(address, { edition, atMs, page });
    if (this.#made.size > mostPages) {
      const [oldest = ''] = this.#made.keys();
      this.#made.delete(oldest);
    }
    return page;
  }
}
