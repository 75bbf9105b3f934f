// The part of a history entry that says what one confirmed write changed: the fields, who had moved each
// before, and its values before and after.
import { fromPointer, type JsonObject } from '../base/json/json.ts';
import type { AppliedRecord } from '../model/applied-record.ts';
import type { Change, ChangedBy, FieldChange, LiveWidget } from '../model/plan.ts';
import { pickFields } from '../model/value-at.ts';
import { compareWidget } from './compare/compare-widget.ts';
import { leftBy } from './uncertain/read-through.ts';

export interface ConfirmedWrite {
  readonly change: Change;
  /** The record from before the write; null: never applied. */
  readonly applied: AppliedRecord | null;
  /** The widget that the write was laid upon; null: not read. */
  readonly base: LiveWidget | null;
  /** The body that was sent. */
  readonly body: JsonObject;
  /** The widget in the answer; null where the answer has none. */
  readonly widget: JsonObject | null;
}

/** What a history entry of the write says of that; its members mean the same there. */
export interface WrittenFields extends FieldsBefore {
  readonly fields: readonly string[];
  readonly by: Readonly<Record<string, ChangedBy>>;
  readonly after: JsonObject;
}

interface FieldsBefore {
  readonly before?: JsonObject;
  readonly isBeforeAsApplied?: true;
}

export function writtenFields(write: ConfirmedWrite): WrittenFields {
  const { body, widget } = write;
  const fields = fieldsOf(write);
  const names: JsonObject = {};
  for (const { path } of fields) {
    const [name = ''] = fromPointer(path);
    // What was not sent is as it was.
    if (Object.hasOwn(body, name)) names[name] = null;
  }
  return {
    fields: fields.map(({ path }) => path),
    by: Object.fromEntries(fields.map(({ path, by }) => [path, by])),
    ...before(write, names),
    after: pickFields({ ...body, ...widget }, names),
  };
}

/** A write that was laid upon a newer read than its plan also replaces what the plan could not see. */
function fieldsOf({ change, applied, base, body }: ConfirmedWrite): readonly FieldChange[] {
  if (base === null || base.readAtMs === change.base?.readAtMs) return change.fields;
  const seen = compareWidget({ document: change, applied, live: base }, { released: 'reset' });
  const sent = seen.fields.filter(({ path }) => Object.hasOwn(body, fromPointer(path)[0] ?? ''));
  const paths = new Set(sent.map(({ path }) => path));
  const planned = change.fields.filter(({ path }) => !paths.has(path));
  return [...planned, ...sent].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function before({ applied, base }: ConfirmedWrite, names: JsonObject): FieldsBefore {
  if (base !== null) return { before: pickFields(base.body, names) };
  if (applied === null) return {};
  return { before: pickFields(leftBy(applied), names), isBeforeAsApplied: true };
}
