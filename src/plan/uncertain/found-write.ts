// A write that was answered with a success which could not be read: where a read shows it, that is its
// confirmation, and nothing is sent again.

import { fromPointer, type JsonObject } from '../../base/json/json.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { LiveWidget } from '../../model/plan.ts';
import {
  respelledFields,
  type UnappliedField,
  unappliedFields,
} from '../../model/unapplied-fields.ts';
import { sameValue, valueAt } from '../../model/value-at.ts';
import { asJson } from '../../model/widget.ts';
import { isSameNothing, settableFields } from '../../model/widget-fields.ts';
import { leftBy, mayBeOlder } from './read-through.ts';

export interface Sought {
  readonly body: JsonObject;
  /** The widget as it was read since. */
  readonly read: LiveWidget;
  /** The widget as it was read before the write, each time. */
  readonly earlier: readonly (LiveWidget | null)[];
  readonly before: AppliedRecord | null;
}

/**
 * Whether the read shows the body, and nothing older: neither what stood there before, much like it, nor
 * an earlier write of the same.
 */
export function isFound({ body, read, earlier, before }: Sought): boolean {
  if (before !== null && mayBeOlder(before, read.readAtMs)) return false;
  const shown = settableFields(read.body);
  if (unappliedFields(body, shown).length > 0) return false;
  const known = earlier.flatMap((live) => (live === null ? [] : [settableFields(live.body)]));
  return respelledFields(body, shown).every(
    (field) => isNewSpelling(field, known) || isOldSpelling(field, before),
  );
}

/** Whether it is none of what was read before: only the write can have led to this spelling. */
function isNewSpelling(
  { path, sent, kept }: UnappliedField,
  known: readonly JsonObject[],
): boolean {
  const segments = fromPointer(path);
  const [name = '', ...within] = segments;
  if (within.length === 0 && sent !== undefined && isSameNothing(name, kept, sent)) return true;
  return known.length > 0 && known.every((fields) => !sameValue(valueAt(fields, segments), kept));
}

/** Whether the API spelled it so when the same was sent last: this write need not change it. */
function isOldSpelling(
  { path, sent, kept }: UnappliedField,
  before: AppliedRecord | null,
): boolean {
  if (before === null) return false;
  const segments = fromPointer(path);
  const isSentAgain = sameValue(valueAt(asJson(before.spec), segments), sent);
  return isSentAgain && sameValue(valueAt(leftBy(before), segments), kept);
}
