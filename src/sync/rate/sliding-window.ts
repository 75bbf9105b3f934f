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
  /** When requests ended, oldest first, as far as they still hold a place. */
  readonly #endedAtMs: number[] = [];
  /** How many of these, the first ones, are of earlier processes. */
  #earlier = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Before any other: these are of earlier processes, oldest first. Times are monotonic. */
  resume(earlierMs: readonly number[]): void {
    for (const endedAtMs of earlierMs) this.#endedAtMs.push(endedAtMs);
    this.#earlier = this.#endedAtMs.length;
  }

  ended(atMs: number): void {
    this.#endedAtMs.push(atMs);
  }

  /** With so many under way; Infinity while only the end of one can make room. */
  nextStartAtMs(nowMs: number, underWay: number): number {
    this.#forgetOver(nowMs);
    const isFree = underWay + this.#endedAtMs.length < this.#rate.limit;
    const [oldestMs = Number.POSITIVE_INFINITY] = this.#endedAtMs;
    return isFree ? Number.NEGATIVE_INFINITY : oldestMs + this.#rate.windowMs;
  }

  /** Whether the next place to become free is one of an earlier process. */
  get isHeldByEarlier(): boolean {
    return this.#earlier > 0;
  }

  /** All at once: very many that ended together would be moved up one by one for each of them. */
  #forgetOver(nowMs: number): void {
    const { windowMs } = this.#rate;
    const first = this.#endedAtMs.findIndex((endedAtMs) => endedAtMs + windowMs > nowMs);
    const over = first === -1 ? this.#endedAtMs.length : first;
    if (over === 0) return;
    this.#endedAtMs.splice(0, over);
    this.#earlier = Math.max(0, this.#earlier - over);
  }
}
