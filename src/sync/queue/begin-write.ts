// What is written down before a request leaves: after a crash, or an answer that was lost, the widget may
// hold either body, and only this tells the next pass that the applied hash proves nothing.
import type { Clock } from '../../base/clock.ts';
import { equalJson, type Json, type JsonObject } from '../../base/json/json.ts';
import type { AppliedRecord, SentValues } from '../../model/applied-record.ts';
import type { Change, LiveWidget } from '../../model/plan.ts';
import { ownValue, sameValue } from '../../model/value-at.ts';
import { asJson } from '../../model/widget.ts';
import type { StateStore } from '../../state/state-store.ts';
import { replacedValues } from './confirm-write.ts';

/** What is about to be sent, and upon what. */
export interface Unsent {
  /** What was recorded before; a widget that was never applied gets no mark. */
  readonly earlier: AppliedRecord | undefined;
  readonly change: Change;
  readonly base: LiveWidget | null;
}

export interface MarkingDeps {
  readonly state: Pick<StateStore, 'records' | 'save'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Throws `StateError` where the mark cannot be written: then nothing is to be sent. */
export async function markUnconfirmed(
  { earlier, change, base }: Unsent,
  { state, clock }: MarkingDeps,
): Promise<void> {
  if (earlier === undefined) return;
  const { unconfirmedHash } = earlier;
  if (earlier.hash === change.hash && unconfirmedHash === null) {
    // A write that could not be recorded: once another one is on its way, nothing else tells of it.
    if (state.records.get(earlier.widgetId) !== earlier) await state.save(earlier);
    return;
  }
  const set = { ...change.resets, ...asJson(change.spec) };
  const added = alsoSent(earlier.unconfirmedFields, otherwise(set, earlier));
  const areSeveral = unconfirmedHash !== null && unconfirmedHash !== change.hash;
  const before = base === null ? {} : replacedValues(Object.keys(set), base.body);
  await state.save({
    ...earlier,
    unconfirmedHash: change.hash === earlier.hash ? unconfirmedHash : change.hash,
    unconfirmedAt: clock.now(),
    ...(areSeveral && { areSeveralUnconfirmed: true }),
    ...(Object.keys(added).length > 0 && { unconfirmedFields: added }),
    // What a later one replaces is what an earlier one has set, or stood there before.
    ...(base !== null && { unconfirmedBefore: { ...before, ...earlier.unconfirmedBefore } }),
  });
}

/** What a write sets otherwise than it was applied. */
function otherwise(set: JsonObject, { spec }: AppliedRecord): JsonObject {
  const applied = asJson(spec);
  return Object.fromEntries(
    Object.entries(set).filter(([name, value]) => !sameValue(value, ownValue(applied, name))),
  );
}

/** An outage that outlasts so many edits of one field is rarer than a record that must stay small. */
const mostSent = 8;

/** Any one of them may be live, until a write is confirmed. */
function alsoSent(before: SentValues = {}, body: JsonObject): SentValues {
  const added = Object.entries(body).map(([name, value]): [string, Json[]] => {
    const others = (before[name] ?? []).filter((sent) => !equalJson(sent, value));
    return [name, [value, ...others].slice(0, mostSent)];
  });
  return { ...before, ...Object.fromEntries(added) };
}
