// The changes of a queue, one per widget, and who waits until there are none.
import type { WidgetId } from '../../model/widget.ts';
import type { PendingChange } from './pending-change.ts';

export class PendingChanges {
  readonly #pending = new Map<WidgetId, PendingChange>();
  /** How many have lined up so far. */
  #linedUp = 0;
  #idleListeners: (() => void)[] = [];

  get size(): number {
    return this.#pending.size;
  }

  of(widgetId: WidgetId): PendingChange | undefined {
    return this.#pending.get(widgetId);
  }

  /** They may be closed while they are gone through. */
  all(): Iterable<PendingChange> {
    return this.#pending.values();
  }

  add(pending: PendingChange): void {
    this.#pending.set(pending.change.widgetId, pending);
  }

  /** It waits for its turn from now on; aborted where it no longer does. */
  lineUp(pending: PendingChange, priority: number): AbortSignal {
    this.#linedUp += 1;
    pending.wait.abort();
    pending.wait = new AbortController();
    pending.phase = 'queued';
    pending.turn = { priority, number: this.#linedUp };
    return pending.wait.signal;
  }

  /** Ends whatever it waits for. */
  close(pending: PendingChange): void {
    pending.wait.abort();
    this.#pending.delete(pending.change.widgetId);
    if (this.#pending.size > 0) return;
    for (const listener of this.#idleListeners.splice(0)) listener();
  }

  /** Resolves when none is left. */
  idle(): Promise<void> {
    if (this.#pending.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleListeners.push(resolve));
  }
}
