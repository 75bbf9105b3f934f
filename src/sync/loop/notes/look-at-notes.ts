// What others leave for the holder of the state while it runs: orders of people, and suspects of those who held it
// before. Looked at every second.
import { StateError } from '../../../base/errors.ts';
import type { WidgetId } from '../../../model/widget.ts';
import type { StateStore } from '../../../state/state-store.ts';
import type { Emit, Trigger } from '../../events.ts';
import { carryOutForgets, type ForgetDeps } from './forget-orders.ts';
import { takeUpSuspects } from './suspects.ts';

export interface NoteDeps extends Pick<ForgetDeps, 'clock' | 'files'> {
  readonly state: StateStore;
  readonly isBusy: (widgetId: WidgetId) => boolean;
  readonly emit: Emit;
  /** A pass is to be made. */
  readonly onChanged: (trigger: Trigger) => void;
  /** All that is live is to be looked at. */
  readonly onResync: () => void;
  readonly onTrouble: (error: StateError) => void;
  readonly stopping: AbortSignal;
}

/** One look for each kind of note, each to be called one after the other. */
export function looksAtNotes(deps: NoteDeps): (() => Promise<void>)[] {
  const { state, emit, onChanged, onResync } = deps;
  const { suspects } = state;
  const forgets: ForgetDeps = {
    ...deps,
    onForgotten(widget) {
      emit({ kind: 'record-forgotten', widget });
      onChanged('forgotten');
    },
  };
  const takeResync = async () => {
    if (!(await state.takeResync())) return;
    emit({ kind: 'resync-ordered' });
    onResync();
  };
  const looks = [() => carryOutForgets(forgets), takeResync];
  if (suspects !== null) {
    const onDoubted = () => onChanged('suspect');
    looks.push(() => takeUpSuspects({ ...deps, suspects, onDoubted }));
  }
  return looks.map((look) => () => tried(look, deps));
}

async function tried(
  look: () => Promise<void>,
  { stopping, onTrouble }: Pick<NoteDeps, 'stopping' | 'onTrouble'>,
): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    // A state that is closed meanwhile keeps its notes for the next process.
    if (!stopping.aborted) onTrouble(error);
  }
}
