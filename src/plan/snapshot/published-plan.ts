// A plan for those who may see git alone: each value that does not stand there gives way to a word for it. What is
// to be done, and who has changed what, stays.
import { fromPointer, isJsonObject, type Json, type JsonObject } from '../../base/json/json.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { FieldChange, Plan } from '../../model/plan.ts';
import { holdsUnpublished, isNothing, unpublished } from '../../model/snapshot/unpublished.ts';
import type { UnappliedField } from '../../model/unapplied-fields.ts';
import { sameValue, valueAt } from '../../model/value-at.ts';
import { asJson, type WidgetId } from '../../model/widget.ts';
import { resetValueOf } from '../../model/widget-fields.ts';

type Show = (field: FieldChange, bodies: Bodies) => FieldChange;

/** What stands in git of one widget. */
interface Bodies {
  /** Null where its file was not as any commit has it, or nothing is recorded. */
  readonly applied: JsonObject | null;
  /** Null where the plan does not say. */
  readonly declared: JsonObject | null;
}

/** `records`: what was applied of each. */
export function publishedPlan(
  plan: Plan,
  records: ReadonlyMap<WidgetId, Pick<AppliedRecord, 'spec' | 'isEdited'>>,
): Plan {
  const shown = withFields(plan, records, ofGit);
  const kept = shown.kept.map((widget) => ({ ...widget, fields: widget.fields.map(sentAlone) }));
  return saysSo(plan, { ...shown, kept });
}

/** One that was made from a snapshot: an object with a value that is not known is none that could be shown. */
export function planOfSnapshot(plan: Plan): Plan {
  const known = (value: Json) => (holdsUnpublished(value) ? unpublished : value);
  const whole: Show = ({ from, to, ...field }) => ({
    ...field,
    ...(from !== undefined && { from: known(from) }),
    ...(to !== undefined && { to: known(to) }),
  });
  return { ...withFields(plan, new Map(), whole), hidesValues: true };
}

function withFields(plan: Plan, records: Parameters<typeof publishedPlan>[1], show: Show): Plan {
  const appliedOf = (widgetId: WidgetId | null) => {
    const record = widgetId === null ? undefined : records.get(widgetId);
    return record === undefined || record.isEdited ? null : asJson(record.spec);
  };
  const mapped = (fields: readonly FieldChange[], bodies: Bodies) =>
    fields.map((field) => show(field, bodies));
  return {
    ...plan,
    changes: plan.changes.map((change) => {
      const bodies = { applied: appliedOf(change.widgetId), declared: asJson(change.spec) };
      return { ...change, fields: mapped(change.fields, bodies) };
    }),
    drifted: plan.drifted.map((drift) => {
      const applied = appliedOf(drift.widgetId);
      return { ...drift, fields: mapped(drift.fields, { applied, declared: applied }) };
    }),
    held: plan.held.map(({ waits, ...held }) => {
      if (waits === undefined) return held;
      const bodies = { applied: appliedOf(held.widgetId), declared: null };
      return { ...held, waits: mapped(waits, bodies) };
    }),
  };
}

function ofGit({ from, to, ...field }: FieldChange, { applied, declared }: Bodies): FieldChange {
  const segments = fromPointer(field.path);
  const [name = ''] = segments;
  const isOfApplied = (value: Json) =>
    applied !== null && sameValue(value, valueAt(applied, segments));
  // A write keeps what is ignored within an object, and that is the dashboard's.
  const isOfFile = (value: Json) => {
    if (field.released && sameValue(value, resetValueOf(name))) return true;
    return declared === null ? !isJsonObject(value) : sameValue(value, valueAt(declared, segments));
  };
  return {
    ...field,
    ...(from !== undefined && { from: isNothing(from) || isOfApplied(from) ? from : unpublished }),
    ...(to !== undefined && { to: isNothing(to) || isOfFile(to) ? to : unpublished }),
  };
}

function sentAlone({ kept, ...field }: UnappliedField): UnappliedField {
  if (kept === undefined) return field;
  return { ...field, kept: isNothing(kept) ? kept : unpublished };
}

/** Where all values stand in git the plan is whole. */
function saysSo(before: Plan, after: Plan): Plan {
  const fieldsOf = ({ changes, drifted, held, kept }: Plan) => [
    ...[...changes, ...drifted].flatMap(({ fields }) =>
      fields.flatMap(({ from, to }) => [from, to]),
    ),
    ...held.flatMap(({ waits = [] }) => waits.flatMap(({ from, to }) => [from, to])),
    ...kept.flatMap(({ fields }) => fields.map((field) => field.kept)),
  ];
  const hides = fieldsOf(after).some((value) => value === unpublished);
  return hides ? { ...after, hidesValues: true } : before;
}
