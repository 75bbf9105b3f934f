// The server echo: a declared body as the API gives it back, with which later reads are compared.
import type { JsonObject } from '../../base/json/json.ts';
import { equalJson, fromPointer, isJsonObject } from '../../base/json/json.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import { diffFields, type FieldDifference } from '../../model/diff-fields.ts';
import { keepIgnored } from '../../model/ignored-fields.ts';
import { isRespelling, isShownAs } from '../../model/unapplied-fields.ts';
import { ownValue, pickFields, sameValue, valueAt } from '../../model/value-at.ts';
import type { SyncPolicy, WidgetSpec } from '../../model/widget.ts';
import { asJson } from '../../model/widget.ts';
import type { Confirmed } from '../../model/write-trail.ts';
import { leftBy, replacedBy } from './read-through.ts';

interface Declaration {
  readonly spec: WidgetSpec;
  readonly sync: Pick<SyncPolicy, 'ignore'>;
}

/**
 * The declared fields as the API gave them, null where none differs; a field it did not mention
 * counts as stored. Ignored places stand as declared: they are the dashboard's values and not the
 * API's spelling of ours, and would pass for it once they are no longer ignored.
 */
export function echoOf({ spec, sync }: Declaration, widget: JsonObject): JsonObject | null {
  const declared = asJson(spec);
  const given = { ...declared, ...pickFields(widget, declared) };
  // A place without an object around it in the API's answer holds nothing of the dashboard's.
  const ignored = sync.ignore.filter((pointer) => hasAround(given, fromPointer(pointer)));
  const echo = keepIgnored(given, declared, ignored);
  return equalJson(echo, declared) ? null : echo;
}

/**
 * The fields as the last write left them, as far as the API's answer or this read tells. A value that is
 * merely spelled otherwise, or is still what the write was to replace, is what the API made of it, where only
 * a read can tell; so is one that is merely spelled otherwise and was read just so after the write before,
 * which had sent the same; and a value as it was sent, where the answer spoke of another. Any other is
 * somebody else's, or of a body that was sent later.
 */
export function echoShown(applied: AppliedRecord, body: JsonObject): JsonObject {
  const left = leftBy(applied);
  const shown = pickFields(body, left);
  const moved = diffFields(shown, left)
    .filter((difference) => !isOurs(difference, applied))
    .map(({ path }) => path);
  return keepIgnored({ ...left, ...shown }, left, moved);
}

function isOurs(difference: FieldDifference, applied: AppliedRecord): boolean {
  const { trail, spelling } = applied;
  // A body that was sent later may have landed, and say the same as what was sent before.
  if (trail.state === 'unconfirmed') return false;
  const isRespelt = isRespelling(difference.to, difference.from);
  if (!trail.isEchoKnown) {
    return isRespelt || replacedBy(applied).some(({ values }) => isAt(difference, values));
  }
  if (isRespelt) return spelling === 'unread' || isShownAgain(difference, applied, trail);
  return isAsDeclared(difference, applied);
}

/** Two identical reads after two writes of ours with the same content: no person respells so. */
function isShownAgain(
  { path, from }: FieldDifference,
  applied: AppliedRecord,
  trail: Confirmed,
): boolean {
  const { replaced } = trail;
  if (replaced === null || !isRepeated(applied, trail)) return false;
  return sameValue(valueAt(replaced, fromPointer(path)), from);
}

/** Whether the last write sent what the one before it had sent. */
export function isRepeated(
  { corrections }: Pick<AppliedRecord, 'corrections'>,
  trail: Pick<Confirmed, 'isRepeated'>,
): boolean {
  // 0.1 kept only how often drift was corrected in a row.
  return trail.isRepeated || corrections > 1;
}

function isAsDeclared({ path, from }: FieldDifference, { spec }: AppliedRecord): boolean {
  return from !== undefined && sameValue(valueAt(asJson(spec), fromPointer(path)), from);
}

function nameOf(path: string): string {
  return fromPointer(path)[0] ?? '';
}

function isAt({ path, from }: FieldDifference, body: JsonObject): boolean {
  const segments = fromPointer(path);
  if (ownValue(body, nameOf(path)) === undefined) return false;
  const value = valueAt(body, segments);
  return value === undefined ? from === undefined : isShownAs(value, from);
}

function hasAround(body: JsonObject, segments: readonly string[]): boolean {
  return segments
    .map((_, length) => valueAt(body, segments.slice(0, length)))
    .every((around) => isJsonObject(around) || Array.isArray(around));
}
