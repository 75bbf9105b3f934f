// The slots of a queue, one per widget, and who waits until there are none.
import type { WidgetId } from '../../model/widget.ts';
import type { Slot } from './queue-slot.ts';

export class OpenSlots {
  readonly #slots = new Map<WidgetId, Slot>();
  #idleListeners: (() => void)[] = [];

  get size(): number {
    return this.#slots.size;
  }

  of(widgetId: WidgetId): Slot | undefined {
    return this.#slots.get(widgetId);
  }

  /** Slots may be closed while they are gone through. */
  all(): Iterable<Slot> {
    return this.#slots.values();
  }

  add(slot: Slot): void {
    this.#slots.set(slot.change.widgetId, slot);
  }

  /** Ends whatever the slot waits for. */
  close(slot: Slot): void {
    slot.wake.abort();
    slot.leaveLine();
    slot.ticket = Symbol();
    this.#slots.delete(slot.change.widgetId);
    if (this.#slots.size > 0) return;
    for (const listener of this.#idleListeners.splice(0)) listener();
  }

  /** Resolves when none is left. */
  idle(): Promise<void> {
    if (this.#slots.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleListeners.push(resolve));
  }
}
