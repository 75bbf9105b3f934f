// Writes that the API has confirmed and the state could not record: what is tried again is the
// record, not the write.
import type { Change } from '../plan/types.ts';
import type { AppliedRecord } from '../state/record.ts';
import type { WidgetId } from '../widget.ts';
import type { Attempt } from './outcome.ts';

export interface ConfirmedWrite {
  /** What was sent. */
  readonly change: Change;
  /** `appliedAt` is when the API confirmed it. */
  readonly record: AppliedRecord;
  readonly attempt: Extract<Attempt, { status: 'applied' }>;
}

export class Unrecorded {
  readonly #writes = new Map<WidgetId, ConfirmedWrite>();

  /** The one that has done what the change asks for; null where that has still to be sent. */
  of(change: Change): ConfirmedWrite | null {
    const write = this.#writes.get(change.widgetId);
    return write !== undefined && isDoneBy(change, write) ? write : null;
  }

  add(write: ConfirmedWrite): void {
    this.#writes.set(write.record.widgetId, write);
  }

  /** Recorded by now, or about to be overtaken by another write. */
  forget(widgetId: WidgetId): void {
    this.#writes.delete(widgetId);
  }
}

/** The same content may be asked for anew: by a person, or because somebody has changed it since. */
function isDoneBy(change: Change, { change: sent, record }: ConfirmedWrite): boolean {
  if (change === sent) return true;
  if (change.hash !== record.hash || change.reason === 'forced') return false;
  // Of a widget that was read afterwards and is as declared, no plan asks for a write.
  return change.base === null || change.base.readAtMs <= record.appliedAt.getTime();
}
