// The changes of a queue, one per widget, and who waits until there are none.
import type { WidgetId } from '../../model/widget.ts';
import type { PendingChange } from './pending-change.ts';

export class PendingChanges {
  readonly #pending = new Map<WidgetId, PendingChange>();
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
