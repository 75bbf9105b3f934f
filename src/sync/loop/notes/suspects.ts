// Takes up what those who have lost the tenure of this account have left: widgets that they may have written all
// the same. The doubt is put into the record, which a read or a write ends; only then the note goes.
import type { Clock } from '../../../base/clock.ts';
import type { WidgetId } from '../../../model/widget.ts';
import { doubt } from '../../../plan/uncertain/transitions.ts';
import type { StateStore, SuspectNotes } from '../../../state/state-store.ts';

export interface SuspectDeps {
  readonly state: Pick<StateStore, 'records' | 'save'>;
  readonly suspects: Pick<SuspectNotes, 'left' | 'remove'>;
  readonly clock: Pick<Clock, 'now'>;
  /** A write of the widget is on its way, whose end would record it anew. */
  readonly isBusy: (widgetId: WidgetId) => boolean;
  /** Its record proves nothing from now on. */
  readonly onDoubted: (widgetId: WidgetId) => void;
}

/** To be called one after the other. Throws `StateError`; what is left undone is done by the next call. */
export async function takeUpSuspects(deps: SuspectDeps): Promise<void> {
  const { state, suspects, clock, isBusy, onDoubted } = deps;
  for (const { id, ...suspect } of await suspects.left()) {
    const { widgetId } = suspect;
    if (isBusy(widgetId)) continue;
    const record = state.records.get(widgetId);
    // Without a record nothing is believed of the widget anyway.
    const doubted = record && doubt(record, suspect, clock.now());
    if (doubted !== undefined && doubted !== record) {
      await state.save(doubted);
      // A write that was begun meanwhile has gone by the record from before.
      if (state.records.get(widgetId) !== doubted) continue;
      onDoubted(widgetId);
    }
    await suspects.remove([id]);
  }
}
