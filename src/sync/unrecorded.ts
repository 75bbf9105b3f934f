// Writes that the API has confirmed and the state could not record: what is tried again is the
// record, not the write.
import type { AppliedRecord, HistoryEntry } from '../state/record.ts';
import type { WidgetId } from '../widget.ts';
import type { Attempt } from './outcome.ts';

export interface ConfirmedWrite {
  readonly record: AppliedRecord;
  readonly entry: HistoryEntry;
  readonly attempt: Extract<Attempt, { status: 'applied' }>;
}

export class Unrecorded {
  readonly #writes = new Map<WidgetId, ConfirmedWrite>();

  /** The one of this very content; null when the widget was written since, or waits for none. */
  of({ widgetId, hash }: Pick<AppliedRecord, 'widgetId' | 'hash'>): ConfirmedWrite | null {
    const write = this.#writes.get(widgetId);
    return write?.record.hash === hash ? write : null;
  }

  add(write: ConfirmedWrite): void {
    this.#writes.set(write.record.widgetId, write);
  }

  /** Recorded by now, or about to be overtaken by another write. */
  forget(widgetId: WidgetId): void {
    this.#writes.delete(widgetId);
  }
}
