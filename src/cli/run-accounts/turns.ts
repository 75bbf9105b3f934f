// Whose turn it is. What many accounts would do in one moment (their first looks, or the looks that a
// fragment of all of them leads to) goes one after the other, and whatever else happens gets its turn in
// between: a signal, an answer, a page.
import { setImmediate } from 'node:timers';

/** Lets one go on in each turn of the event loop, in the order in which they came. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #isSet = false;

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#set();
    });
  }

  #set(): void {
    if (this.#isSet) return;
    this.#isSet = true;
    setImmediate(() => {
      this.#isSet = false;
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#set();
    });
  }
}
