// Where the values of a plan are written: in the widget files, or in the fragments that these extend. For
// whoever prints the plan: what it does, and its checksum, are the same with and without.
import { isJsonObject } from '../../base/json/json.ts';
import { leafDifferences } from '../../model/diff-fields.ts';
import type { Origin } from '../../model/document.ts';
import type { Change, FieldChange, Plan } from '../../model/plan.ts';

/** The place of the value that a JSON Pointer into the body leads to; null where it is not declared. */
export type FindOrigin = (pointer: string) => Origin | null;

/**
 * The plan with the origins of what the widgets that extend fragments change. `originsOf` answers null where a
 * file no longer is what the plan was made of.
 */
export function tracePlan(plan: Plan, originsOf: (change: Change) => FindOrigin | null): Plan {
  if (plan.fragments.length === 0) return plan;
  return { ...plan, changes: plan.changes.map((change) => traceChange(change, originsOf)) };
}

export function traceChange(
  change: Change,
  originsOf: (change: Change) => FindOrigin | null,
): Change {
  const find = change.extends === undefined ? null : originsOf(change);
  if (find === null) return change;
  return { ...change, fields: change.fields.flatMap((field) => traceField(field, find)) };
}

function traceField(field: FieldChange, find: FindOrigin): readonly FieldChange[] {
  // Nothing declares what is set back or taken away.
  if (field.released || field.to === undefined) return [field];
  const parts = partsOf(field).map((part) => withOrigin(part, find));
  if (parts[0]?.path === field.path) return parts;
  const files = new Set(parts.map(({ origin }) => origin?.file));
  return files.size > 1 ? parts : [withOrigin(field, find)];
}

function withOrigin(field: FieldChange, find: FindOrigin): FieldChange {
  const origin = find(field.path);
  return origin === null ? field : { ...field, origin };
}

/** Of an object that comes as a whole, its members: one file may declare some of them and another the rest. */
function partsOf(field: FieldChange): readonly FieldChange[] {
  if (field.from !== undefined || !isJsonObject(field.to)) return [field];
  return leafDifferences(field).map((leaf) => ({ ...field, ...leaf }));
}
