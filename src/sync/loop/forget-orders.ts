// Carries out what people order beside the daemon: to forget the record of a widget that no file declares.
// The widget stays as it is; nothing is asked or sent.
import type { Clock } from '../../base/clock.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { LoadedTree } from '../../model/document.ts';
import type { WidgetAt } from '../../model/plan.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { ForgetOrder, ForgetRefusal, StateStore } from '../../state/state-store.ts';

export type DeclaringFiles = Pick<LoadedTree, 'documents' | 'held'>;

/**
 * The file that declares the widget, or may: one that is too broken to say, in the place of its file or
 * above it. Null where none does.
 */
export function declaringFile(
  { documents, held }: DeclaringFiles,
  record: Pick<AppliedRecord, 'widgetId' | 'file'>,
): string | null {
  const found = [...documents, ...held].find(({ widgetId, file }) => {
    if (widgetId !== null) return widgetId === record.widgetId;
    return record.file === file || record.file.startsWith(`${file}/`);
  });
  return found?.file ?? null;
}

export interface ForgetDeps {
  readonly state: Pick<StateStore, 'records' | 'forget' | 'forgetOrders' | 'answerForget'>;
  readonly clock: Pick<Clock, 'now'>;
  /** The files as they were last seen; null: never yet. */
  readonly files: () => DeclaringFiles | null;
  /** A write of the widget is on its way, whose end would record it anew. */
  readonly isBusy: (widgetId: WidgetId) => boolean;
  readonly onForgotten: (widget: WidgetAt) => void;
}

/** To be called one after the other. Throws `StateError`; what is done is not done again. */
export async function carryOutForgets(deps: ForgetDeps): Promise<void> {
  for (const order of await deps.state.forgetOrders()) {
    const files = deps.files();
    // What is not known yet, or about to change, waits for a later look; whoever asks waits as well.
    if (files === null || order.widgetIds.some((widgetId) => deps.isBusy(widgetId))) continue;
    await carryOut(order, files, deps);
  }
}

async function carryOut(
  { id, widgetIds }: ForgetOrder,
  files: DeclaringFiles,
  { state, clock, onForgotten }: ForgetDeps,
): Promise<void> {
  const forgotten: WidgetId[] = [];
  const refused: ForgetRefusal[] = [];
  for (const widgetId of widgetIds) {
    const record = state.records.get(widgetId);
    const declaring = record === undefined ? null : declaringFile(files, record);
    if (declaring !== null) {
      refused.push({ widgetId, why: declaredWords(declaring) });
      continue;
    }
    const isGone = await state.forget(widgetId, clock.now());
    // One without a record was forgotten by then: a kill may have come before the answer.
    forgotten.push(widgetId);
    if (isGone && record !== undefined) onForgotten({ widgetId, file: record.file });
  }
  await state.answerForget(id, { forgotten, refused });
}

export function declaredWords(file: string): string {
  return `${file} declares it: take the file away first`;
}
