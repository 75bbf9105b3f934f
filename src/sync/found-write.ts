// A write that was answered with a success which could not be read: where a read shows it, that is its
// confirmation, and nothing is sent again.
import { settableFields } from '../body-fields.ts';
import type { JsonObject } from '../json.ts';
import { keptFields } from '../plan/kept-fields.ts';
import { mayBeOlder } from '../plan/late-reads.ts';
import type { LiveWidget } from '../plan/types.ts';
import type { AppliedRecord } from '../state/record.ts';
import type { Written } from './confirmed-write.ts';
import type { SendRequest } from './send-change.ts';

export interface Sought {
  readonly body: JsonObject;
  /** The widget as it was read since; null: it was not. */
  readonly read: LiveWidget | null;
  readonly before: AppliedRecord | null;
}

/** Null where it is to be sent: it is not there, in whatever spelling, or the read may show an older content. */
export function foundWrite(
  { change, unreadStatus }: Pick<SendRequest, 'change' | 'unreadStatus'>,
  { body, read, before }: Sought,
): Written | null {
  if (unreadStatus === null || read === null) return null;
  if (before !== null && mayBeOlder(before, read.readAtMs)) return null;
  if (keptFields(body, settableFields(read.body)).length > 0) return null;
  const confirmation = { httpStatus: unreadStatus, widget: read.body };
  return { base: change.base, body, confirmation, before };
}
