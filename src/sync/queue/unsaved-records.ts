// Writes that the API has confirmed and the state could not record: what is tried again is the
// record, not the write.

import { toPointer } from '../../base/json/json.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { Attempt } from '../../model/outcome.ts';
import type { Change, FieldChange } from '../../model/plan.ts';
import { asJson, type WidgetId } from '../../model/widget.ts';
import { resetsOf } from '../../model/widget-fields.ts';

export interface ConfirmedWrite {
  /** The change that was sent. */
  readonly change: Change;
  /** `appliedAt` is when the API confirmed it. */
  readonly record: AppliedRecord;
  readonly attempt: Extract<Attempt, { status: 'applied' }>;
  /** The record that stood when this one could not be saved: while it stands, nothing has come after. */
  readonly found: AppliedRecord | undefined;
}

export class UnsavedRecords {
  readonly #writes = new Map<WidgetId, ConfirmedWrite>();
  readonly #missed = new WeakMap<Change, AppliedRecord>();

  /** The one that has done what the change asks for; null where that has still to be sent. */
  of(change: Change): ConfirmedWrite | null {
    const write = this.#writes.get(change.widgetId);
    return write !== undefined && isDoneBy(change, write) ? write : null;
  }

  /** The record of the last confirmed write, saved or not; `recorded` is the one that the state knows. */
  last(widgetId: WidgetId, recorded: AppliedRecord | undefined): AppliedRecord | undefined {
    const write = this.#writes.get(widgetId);
    return write !== undefined && write.found === recorded ? write.record : recorded;
  }

  /**
   * The write that the change's plan could not know of, if any. Known for as long as that very change is
   * tried: a plan that is made once the write is recorded knows of it by itself.
   */
  missedBy(change: Change, recorded: AppliedRecord | undefined): AppliedRecord | null {
    const last = this.last(change.widgetId, recorded);
    if (last !== undefined && last !== recorded) this.#missed.set(change, last);
    return this.#missed.get(change) ?? null;
  }

  add(write: ConfirmedWrite): void {
    this.#writes.set(write.record.widgetId, write);
  }

  /** Recorded by now, or about to be overtaken by another write. */
  forget(widgetId: WidgetId): void {
    this.#writes.delete(widgetId);
  }
}

/**
 * With the fields set back that the write declared and the file no longer does, or they would stay for ever.
 */
export function alsoReleasing({ spec: missed }: AppliedRecord, change: Change): Change {
  const { spec, resets, fields } = change;
  const left = Object.entries(asJson(missed)).filter(
    ([name]) => !Object.hasOwn(spec, name) && !Object.hasOwn(resets, name),
  );
  const more = resetsOf(left.map(([name]) => name));
  const released = left.flatMap(([name, from]): FieldChange[] => {
    const to = more[name];
    if (to === undefined) return [];
    return [{ path: toPointer([name]), from, to, by: 'git', released: true }];
  });
  return { ...change, resets: { ...more, ...resets }, fields: [...fields, ...released] };
}

/** The same content may be asked for anew: by a person, or because somebody has changed it since. */
function isDoneBy(change: Change, { change: sent, record }: ConfirmedWrite): boolean {
  if (change === sent) return true;
  if (change.hash !== record.hash || change.reason === 'forced') return false;
  // No plan asks for a write of a widget that was read afterwards and is as declared.
  return change.base === null || change.base.readAtMs <= record.appliedAt.getTime();
}
