// What the API made of a declared body: the spelling that later reads are compared with.
import type { JsonObject } from '../json.ts';
import { equalJson, fromPointer, isJsonObject } from '../json.ts';
import type { AppliedRecord } from '../state/record.ts';
import type { SyncPolicy, WidgetSpec } from '../widget.ts';
import { asJson } from '../widget.ts';
import { diffFields, type FieldDifference } from './diff-fields.ts';
import { keepIgnored } from './keep-ignored.ts';
import { isRespelling, isShownAs } from './kept-fields.ts';
import { isJustAsSent } from './landed-fields.ts';
import { leftBy, replacedBy } from './late-reads.ts';
import { ownValue, pickFields, valueAt } from './value-at.ts';

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
  // Where the API has no object to hold it, nothing of it is the dashboard's.
  const ignored = sync.ignore.filter((pointer) => hasAround(given, fromPointer(pointer)));
  const echo = keepIgnored(given, declared, ignored);
  return equalJson(echo, declared) ? null : echo;
}

/**
 * What the last write left, where the API has not said so and only a read tells: a value that is merely
 * spelled otherwise, or is still what the write was to replace, is what the API made of it. Any other
 * one is somebody else's.
 */
export function echoShown(applied: AppliedRecord, body: JsonObject): JsonObject {
  const left = leftBy(applied);
  if (!applied.isEchoUnknown) return left;
  // A later body that nothing confirmed may have landed, and set back what this one had set.
  const replaced = applied.unconfirmedHash === null ? replacedBy(applied) : [];
  const shown = pickFields(body, left);
  const moved = diffFields(shown, left)
    .filter(
      ({ path, from, to }) => !isRespelling(to, from) || isJustAsSent(nameOf(path), applied, body),
    )
    .filter((difference) => !replaced.some(({ values }) => isAt(difference, values)))
    .map(({ path }) => path);
  return keepIgnored({ ...left, ...shown }, left, moved);
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
