// When a tree has to be looked at again though nothing tells of it: a suspension ends, or a file was
// being written.
import type { Clock } from '../../base/clock.ts';
import type { Delays } from '../../base/timers.ts';
import type { LoadedTree } from '../../model/document.ts';

const unsettledMs = 500;

export class LookAgain {
  readonly #clock: Clock;
  readonly #delays: Delays;
  readonly #ask: (trigger: 'unsettled' | 'until') => void;
  #unsettled = new AbortController();
  #until = new AbortController();

  constructor(clock: Clock, delays: Delays, ask: (trigger: 'unsettled' | 'until') => void) {
    this.#clock = clock;
    this.#delays = delays;
    this.#ask = ask;
  }

  /** Instead of what an earlier tree needed. */
  for({ held, nextUntil }: Pick<LoadedTree, 'held' | 'nextUntil'>): void {
    this.#unsettled.abort();
    if (held.some(({ code }) => code === 'changing-file')) {
      this.#unsettled = this.#delays.later(unsettledMs, () => this.#ask('unsettled'));
    }
    this.#until.abort();
    if (nextUntil === null) return;
    const waitMs = nextUntil.getTime() - this.#clock.now().getTime();
    this.#until = this.#delays.later(waitMs, () => this.#ask('until'));
  }
}
