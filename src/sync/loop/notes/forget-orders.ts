// Carries out what people order beside the daemon: to forget the record of a widget that no file declares.
// The widget stays as it is; nothing is asked or sent.
import type { Clock } from '../../../base/clock.ts';
import type { AppliedRecord } from '../../../model/applied-record.ts';
import type { LoadedTree } from '../../../model/document.ts';
import type { WidgetAt } from '../../../model/plan.ts';
import type { WidgetId } from '../../../model/widget.ts';
import type { ForgetAnswer, ForgetRefusal, StateStore } from '../../../state/state-store.ts';

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
  readonly state: Pick<
    StateStore,
    'records' | 'forget' | 'forgetOrders' | 'takeForget' | 'answerForget'
  >;
  readonly clock: Pick<Clock, 'now'>;
  /** The files as they were last seen; null: never yet. */
  readonly files: () => DeclaringFiles | null;
  /** A write of the widget is on its way, whose end would record it anew. */
  readonly isBusy: (widgetId: WidgetId) => boolean;
  readonly onForgotten: (widget: WidgetAt) => void;
}

/** To be called one after the other. Throws `StateError`; what is done is not done again. */
export async function carryOutForgets(deps: ForgetDeps): Promise<void> {
  const { state, clock } = deps;
  for (const { id, widgetIds } of await state.forgetOrders()) {
    const files = deps.files();
    // What is not known yet, or about to change, waits for a later look; whoever asks waits as well.
    if (files === null || widgetIds.some((widgetId) => deps.isBusy(widgetId))) continue;
    if (!(await state.takeForget(id))) continue;
    const { gone, ...answer } = await forgetUndeclared(widgetIds, {
      ...{ state, now: clock.now() },
      whyKept: (record) => {
        const file = declaringFile(files, record);
        return file === null ? null : declaredWords(file);
      },
    });
    for (const widget of gone) deps.onForgotten(widget);
    await state.answerForget(id, answer);
  }
}

export interface ForgettingDeps {
  readonly state: Pick<StateStore, 'records' | 'forget'>;
  readonly now: Date;
  /** Null where nothing stands against it. */
  readonly whyKept: (record: AppliedRecord) => string | null;
}

/** `gone`: those that had a record until now. Throws `StateError`. */
export async function forgetUndeclared(
  widgetIds: readonly WidgetId[],
  { state, now, whyKept }: ForgettingDeps,
): Promise<ForgetAnswer & { readonly gone: readonly WidgetAt[] }> {
  const forgotten: WidgetId[] = [];
  const refused: ForgetRefusal[] = [];
  const files = new Map<WidgetId, string>();
  for (const widgetId of widgetIds) {
    const record = state.records.get(widgetId);
    const why = record === undefined ? null : whyKept(record);
    if (why !== null) refused.push({ widgetId, why });
    // One without a record was forgotten by then: a kill may have come before the answer.
    else forgotten.push(widgetId);
    if (record !== undefined) files.set(widgetId, record.file);
  }
  const gone = await state.forget(forgotten, now);
  return {
    ...{ forgotten, refused },
    gone: gone.map((widgetId) => ({ widgetId, file: files.get(widgetId) ?? '' })),
  };
}

export function declaredWords(file: string): string {
  return `${file} declares it: take the file away first`;
}
