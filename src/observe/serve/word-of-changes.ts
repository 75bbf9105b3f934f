// Tells open pages of changes, the less often the more there are: each of them then asks for the page, and
// that must not take the daemon's time from its work.
import type { Clock } from '../../base/clock.ts';
import type { Timers } from '../../base/timers.ts';
import type { OpenPages } from '../web/open-pages.ts';

export interface WordDeps {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly timers: Timers;
  readonly pages: Pick<OpenPages, 'count' | 'tell'>;
  /** The newest editions of what has changed since it was asked for last. */
  readonly news: () => readonly string[];
  /** So long at least from one word to the next. */
  readonly leastMs?: number;
}

/** 10 pages a second are asked for at most, however many are open. */
const perPageMs = 100;

export class WordOfChanges {
  readonly #deps: WordDeps;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #isWaiting = false;

  constructor(deps: WordDeps) {
    this.#deps = deps;
  }

  /** The first one is told at once, and the last one in the end. */
  changed(): void {
    if (this.#isWaiting) return;
    const { clock, timers, pages, leastMs = 0 } = this.#deps;
    const restMs = Math.max(leastMs, perPageMs * pages.count);
    const earlyMs = this.#toldAtMs + restMs - clock.monotonicMs();
    if (earlyMs <= 0) {
      this.#tell();
      return;
    }
    this.#isWaiting = true;
    timers.later(earlyMs, () => {
      this.#isWaiting = false;
      this.#tell();
    });
  }

  #tell(): void {
    const { clock, pages, news } = this.#deps;
    this.#toldAtMs = clock.monotonicMs();
    pages.tell(...news());
  }
}
