// Time that passes only from one event to the next, and chance from a seed: a schedule can be had again.
import { type Dice, rollDice } from '../../chaos/dice.ts';

interface Event {
  readonly atMs: number;
  readonly order: number;
  /** False: nothing has come of it that would have to settle. */
  readonly act: () => unknown;
}

export class World {
  readonly dice: Dice;
  nowMs = 0;
  #order = 0;
  /** A heap: the next event is the first. */
  readonly #events: Event[] = [];

  constructor(seed: number) {
    this.dice = rollDice(seed);
  }

  after(ms: number, act: Event['act']): void {
    this.#order += 1;
    this.#push({ atMs: this.nowMs + Math.max(0, ms), order: this.#order, act });
  }

  /** Each event ends, with all that follows at once, before the next begins. */
  async run(untilMs: number): Promise<void> {
    await settled();
    for (let first = this.#events[0]; first && first.atMs <= untilMs; first = this.#events[0]) {
      this.#pop();
      this.nowMs = Math.max(this.nowMs, first.atMs);
      if (first.act() !== false) await settled();
    }
    this.nowMs = untilMs;
  }

  #push(event: Event): void {
    const events = this.#events;
    let at = events.push(event) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = events[above];
      if (other === undefined || !isBefore(event, other)) break;
      events[at] = other;
      at = above;
    }
    events[at] = event;
  }

  #pop(): void {
    const events = this.#events;
    const last = events.pop();
    if (last === undefined || events.length === 0) return;
    let at = 0;
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const [one, two] = [events[left], events[right]];
      if (one === undefined) break;
      const next = two !== undefined && isBefore(two, one) ? right : left;
      const child = events[next];
      if (child === undefined || !isBefore(child, last)) break;
      events[at] = child;
      at = next;
    }
    events[at] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** All promises that could go on have done so. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
