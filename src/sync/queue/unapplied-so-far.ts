// What a record takes over from the one before it: what the API was known to keep or to spell otherwise.
import { fromPointer, type JsonObject } from '../../base/json/json.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { Change } from '../../model/plan.ts';
import { isShownAs, keptFields } from '../../model/unapplied-fields.ts';
import { omitFields, ownValue, pickFields } from '../../model/value-at.ts';
import { keptIn } from '../../plan/uncertain/unapplied-widget.ts';

/** What the API kept of fields that this write, or an earlier one of the same content, was to set back. */
export function keptBesideAfter(
  { hash, resets }: Pick<Change, 'hash' | 'resets'>,
  given: JsonObject,
  before: AppliedRecord | null,
): JsonObject {
  const carried = before?.hash === hash ? { ...before.keptBeside } : {};
  const still = Object.entries(carried).filter(([name, value]) =>
    isShownAs(value, ownValue(given, name)),
  );
  const set = pickFields(given, resets);
  const unstuck = new Set(
    keptFields(resets, set).flatMap(({ path }) => fromPointer(path).slice(0, 1)),
  );
  const stuck = Object.keys(set).filter((name) => !unstuck.has(name));
  return {
    ...Object.fromEntries(still),
    ...omitFields(set, Object.fromEntries(stuck.map((name) => [name, true]))),
  };
}

/** What is known of the content since before this write of it. */
export function keptSoFar(
  record: AppliedRecord,
  before: AppliedRecord | null,
): Pick<AppliedRecord, 'isSentAgain' | 'keptSince'> {
  if (before?.hash !== record.hash) return {};
  // What was adopted replaced nothing.
  const isSentAgain = before.unconfirmedHash === null && before.replaced !== null;
  const mayBeKept = record.isEchoUnknown || keptIn(record).length > 0;
  const isKept = mayBeKept && keptIn(before).length > 0;
  return {
    ...(isSentAgain && { isSentAgain }),
    ...(isKept && { keptSince: before.keptSince ?? before.appliedAt }),
  };
}
