// When requests ended, in a small and bounded form however many they are: those that ended close to
// each other are one group, and hold their places as the last of them does.
import { longestWindowMs } from '../../config/rate.ts';

/** On the monotonic clock. */
export interface Ended {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
}

/** Two ends are close within this part of the window: a restart holds a place that much longer for it. */
const partsOfWindow = 60;
/** Coarser, since only a process with a longer window than this one's looks at these. */
const partsOfLongest = 24;

export class EndedRequests {
  readonly #windowMs: number;
  /** Oldest first, as both are. */
  readonly #inWindow: Ended[] = [];
  readonly #older: Ended[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** None may have ended before those that were added already. */
  add(ended: Ended): void {
    addTo(this.#inWindow, ended, this.#windowMs / partsOfWindow);
  }

  /** Forgets what no window holds any more. */
  settle(nowMs: number): void {
    for (const group of takeUntil(this.#inWindow, nowMs - this.#windowMs)) {
      addTo(this.#older, group, longestWindowMs / partsOfLongest);
    }
    takeUntil(this.#older, nowMs - longestWindowMs);
  }

  /** All that is known, oldest first. */
  groups(): Ended[] {
    return [...this.#older, ...this.#inWindow];
  }

  /** One time for each request that holds a place, oldest first, of at most so many of the newest. */
  places(most: number): number[] {
    const places: number[] = [];
    for (const { lastMs, count } of this.#inWindow.toReversed()) {
      for (let n = 0; n < count && places.length < most; n += 1) places.push(lastMs);
    }
    return places.reverse();
  }
}

function addTo(groups: Ended[], ended: Ended, closeMs: number): void {
  const last = groups.at(-1);
  if (last === undefined || ended.lastMs - last.firstMs >= closeMs) {
    groups.push(ended);
    return;
  }
  const count = last.count + ended.count;
  groups[groups.length - 1] = { firstMs: last.firstMs, lastMs: ended.lastMs, count };
}

function takeUntil(groups: Ended[], untilMs: number): Ended[] {
  const first = groups.findIndex(({ lastMs }) => lastMs > untilMs);
  return groups.splice(0, first === -1 ? groups.length : first);
}
