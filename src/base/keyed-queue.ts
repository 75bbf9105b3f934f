// Work on the same thing goes one after another, and on different things side by side. Refuses to let
// one failure keep the next from its turn.
export class KeyedQueue {
  /** The last work on each thing, while it is under way; none rejects. */
  readonly #last = new Map<string, Promise<void>>();

  /** Rejects as `work` does. */
  take(thing: string, work: () => Promise<void>): Promise<void> {
    const done = (this.#last.get(thing) ?? Promise.resolve()).then(work);
    // The caller hears of a failure; the next in turn must not.
    const ended: Promise<void> = done
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(thing) === ended) this.#last.delete(thing);
      });
    this.#last.set(thing, ended);
    return done;
  }

  /** Resolves when what was begun by now has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}
