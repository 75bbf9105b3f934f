// The places of a rate: who holds one, and when the next one is free. Waits for nothing.
import type { Rate } from '../../config/rate.ts';

/**
 * A request reaches the server some time after its start, and that time varies: connecting, a slow
 * disk, a busy network. Two groups of starts that are a window apart here may be closer together
 * there. Only the answer proves that the server has seen the request, so a request keeps its place
 * from its start until one window after its answer. That holds whatever happens on the way; the
 * price is that an API which answers slowly is asked a little less often than the rate allows.
 */
export class SlidingWindow {
  readonly #rate: Rate;
  /** When requests of earlier processes end, oldest first, as far as they hold a place: some later than now. */
  readonly #earlierMs: number[] = [];
  /** When requests ended, oldest first, as far as they still hold a place. */
  readonly #endedAtMs: number[] = [];

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Before any other: these are of earlier processes, oldest first. Times are monotonic. */
  resume(earlierMs: readonly number[]): void {
    for (const endedAtMs of earlierMs) this.#earlierMs.push(endedAtMs);
  }

  ended(atMs: number): void {
    this.#endedAtMs.push(atMs);
  }

  /** With so many under way; Infinity while only the end of one can make room. */
  nextStartAtMs(nowMs: number, underWay: number): number {
    for (const list of [this.#earlierMs, this.#endedAtMs]) this.#forgetOver(list, nowMs);
    const held = this.#earlierMs.length + this.#endedAtMs.length;
    const isFree = underWay + held < this.#rate.limit;
    const oldestMs = Math.min(firstOf(this.#earlierMs), firstOf(this.#endedAtMs));
    return isFree ? Number.NEGATIVE_INFINITY : oldestMs + this.#rate.windowMs;
  }

  /** Whether the next place to become free is one of an earlier process. */
  get isHeldByEarlier(): boolean {
    return this.#earlierMs.length > 0 && firstOf(this.#earlierMs) <= firstOf(this.#endedAtMs);
  }

  /** All at once: very many that ended together would be moved up one by one for each of them. */
  #forgetOver(endedMs: number[], nowMs: number): void {
    const { windowMs } = this.#rate;
    const first = endedMs.findIndex((endedAtMs) => endedAtMs + windowMs > nowMs);
    const over = first === -1 ? endedMs.length : first;
    if (over > 0) endedMs.splice(0, over);
  }
}

function firstOf([first = Number.POSITIVE_INFINITY]: readonly number[]): number {
  return first;
}
