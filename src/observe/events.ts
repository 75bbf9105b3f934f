// The one stream of events, to which every listener subscribes. Refuses to let a listener
// hold up or break the work that it hears of.
import type { Emit, Listener } from '../sync/events.ts';

/** Told of the first bug of each listener. */
export type OnListenerBug = (bug: unknown) => void;

export class EventStream {
  readonly #listeners = new Set<{ readonly hear: Listener }>();
  readonly #broken = new WeakSet<object>();
  readonly #onBug: OnListenerBug;
  #hasBug = false;

  constructor(onBug: OnListenerBug) {
    this.#onBug = onBug;
  }

  /** Tells the listener of every event from now on, in the order of subscriptions; returns the way out. */
  subscribe(hear: Listener): () => void {
    const subscription = { hear };
    this.#listeners.add(subscription);
    return () => void this.#listeners.delete(subscription);
  }

  /** Whether a listener has ever thrown: the exit code must then not say that all was well. */
  get hasBug(): boolean {
    return this.#hasBug;
  }

  /** Tells every listener, whatever one of them throws. */
  readonly emit: Emit = (event) => {
    for (const subscription of this.#listeners) {
      try {
        const heard: unknown = subscription.hear(event);
        // The slow part of a listener may fail later.
        if (heard instanceof Promise) heard.catch((bug) => this.#note(subscription, bug));
      } catch (bug) {
        this.#note(subscription, bug);
      }
    }
  };

  #note(subscription: object, bug: unknown): void {
    this.#hasBug = true;
    if (this.#broken.has(subscription)) return;
    this.#broken.add(subscription);
    this.#onBug(bug);
  }
}
