// Fields that the file once declared and no longer does: set back on purpose, so that what git wrote
// does not stay behind without anyone saying it.

import type { Json, JsonObject } from '../../base/json/json.ts';
import { toPointer } from '../../base/json/json.ts';
import { isIgnored, keepIgnored } from '../../model/ignored-fields.ts';
import type { FieldChange, Policy } from '../../model/plan.ts';
import { ownValue, sameValue } from '../../model/value-at.ts';
import { asJson, type WidgetSpec } from '../../model/widget.ts';
import { isEmpty, isSameNothing, resetsOf } from '../../model/widget-fields.ts';
import { isSeen, leftBehind } from '../uncertain/possibly-left.ts';
import { isMovedInDashboard, pastOf, type WidgetStates } from './attribute-change.ts';

export interface ReleasedFields {
  readonly resets: JsonObject;
  readonly fields: readonly FieldChange[];
}

export function releaseFields(
  states: WidgetStates,
  policy: Pick<Policy, 'released'>,
): ReleasedFields {
  const released = policy.released === 'reset' ? releasedResets(states) : {};
  const fields: FieldChange[] = [];
  const resets: JsonObject = {};
  for (const [name, value] of Object.entries(released)) {
    const field = resetField(name, value, states);
    if (field !== null) fields.push(field);
    // A field that is seen to be empty already stays in the spelling it has.
    if (field !== null || !isSeen(states)) resets[name] = value;
  }
  return { resets, fields };
}

function releasedResets(states: WidgetStates): JsonObject {
  const { document, applied } = states;
  if (applied === null) return {};
  const declared = applied.hash === document.hash ? [] : Object.keys(applied.spec);
  return resetsOfReleased([...declared, ...leftBehind(states)], document.spec);
}

/** What sets back those of the fields that a file does not declare. */
export function resetsOfReleased(names: readonly string[], spec: WidgetSpec): JsonObject {
  return resetsOf(names.filter((name) => !Object.hasOwn(spec, name)));
}

function resetField(name: string, value: Json, states: WidgetStates): FieldChange | null {
  const { document, applied, live } = states;
  const { ignore } = document.sync;
  const path = toPointer([name]);
  if (applied === null || isIgnored(path, ignore)) return null;
  const from = ownValue(live?.body ?? asJson(applied.spec), name);
  // A reset does not reach what is ignored within the field.
  const to = live === null ? value : keepIgnored({ [name]: value }, live.body, ignore)[name];
  if (to === undefined || isAtRest(name, from, to)) return null;
  const byBoth =
    live !== null &&
    Object.hasOwn(applied.spec, name) &&
    isMovedInDashboard([name], from, pastOf(applied, live, ignore));
  const by = byBoth ? 'both' : 'git';
  return { path, ...(from !== undefined && { from }), to, by, released: true };
}

/** Any kind of nothing will do: no file declares how it is to be spelled. */
function isAtRest(name: string, from: Json | undefined, to: Json): boolean {
  if (sameValue(from, to) || isSameNothing(name, from, to)) return true;
  return (from === null || from === '') && isEmpty(name, to);
}
