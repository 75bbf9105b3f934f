// A write that was answered with a success which could not be read: where a read shows it, that is its
// confirmation, and nothing is sent again.

import { fromPointer, type JsonObject } from '../../base/json/json.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { LiveWidget } from '../../model/plan.ts';
import { type KeptField, keptFields, respelledFields } from '../../model/unapplied-fields.ts';
import { sameValue, valueAt } from '../../model/value-at.ts';
import { asJson } from '../../model/widget.ts';
import { isSameNothing, settableFields } from '../../model/widget-fields.ts';
import { leftBy, mayBeOlder } from '../../plan/uncertain/stale-reads.ts';
import type { Written } from './confirm-write.ts';
import type { SendRequest } from './queue-deps.ts';

export interface Sought {
  readonly body: JsonObject;
  /** The widget as it was read since; null: it was not. */
  readonly read: LiveWidget | null;
  readonly before: AppliedRecord | null;
}

type Asked = Pick<SendRequest, 'change' | 'unreadStatus' | 'lastRead'>;

/**
 * Null where it is to be sent: it is not there, what is there may be what stood there before, much like it,
 * or the read may show an older content.
 */
export function foundWrite(asked: Asked, { body, read, before }: Sought): Written | null {
  const { change, unreadStatus, lastRead } = asked;
  if (unreadStatus === null || read === null) return null;
  if (before !== null && mayBeOlder(before, read.readAtMs)) return null;
  const shown = settableFields(read.body);
  if (keptFields(body, shown).length > 0) return null;
  const earlier = [change.base?.body, lastRead?.body, before?.unconfirmedBefore];
  const known = earlier.flatMap((fields) => (fields === undefined ? [] : [settableFields(fields)]));
  const isExplained = (field: KeptField) =>
    isNewSpelling(field, known) || isOldSpelling(field, before);
  if (!respelledFields(body, shown).every(isExplained)) return null;
  const confirmation = { httpStatus: unreadStatus, widget: read.body };
  return { base: change.base, body, confirmation, before };
}

/** Whether it is none of what was read before: nobody but the write has spelled it so. */
function isNewSpelling({ path, sent, kept }: KeptField, known: readonly JsonObject[]): boolean {
  const segments = fromPointer(path);
  const [name = '', ...within] = segments;
  if (within.length === 0 && sent !== undefined && isSameNothing(name, kept, sent)) return true;
  return known.length > 0 && known.every((fields) => !sameValue(valueAt(fields, segments), kept));
}

/** Whether the API spelled it so when the same was sent last: this write need not change it. */
function isOldSpelling({ path, sent, kept }: KeptField, before: AppliedRecord | null): boolean {
  if (before === null) return false;
  const segments = fromPointer(path);
  const isSentAgain = sameValue(valueAt(asJson(before.spec), segments), sent);
  return isSentAgain && sameValue(valueAt(leftBy(before), segments), kept);
}
