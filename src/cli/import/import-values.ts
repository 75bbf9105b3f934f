// Which live values `import` brings into files, and which it must not. Pure.

import {
  fromPointer,
  isJsonObject,
  type Json,
  type JsonObject,
  toPointer,
} from '../../base/json/json.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import { isExactNumber, NumberText } from '../../base/json/number-text.ts';
import { hideRegistered } from '../../base/secrets.ts';
import { keepIgnored } from '../../model/ignored-fields.ts';
import type { LiveWidget } from '../../model/plan.ts';
import { asJson } from '../../model/widget.ts';
import { declarable } from '../../model/widget-fields.ts';
import type { WidgetStates } from '../../plan/compare/attribute-change.ts';
import { compareWidget } from '../../plan/compare/compare-widget.ts';

/**
 * The declared fields as they should read: with the live values wherever a plan would see a
 * difference. So what the file leaves to the dashboard stays as it is, and what the API only spells
 * otherwise; and so does a field that the API does not have.
 */
export function wantedFields(states: WidgetStates & { readonly live: LiveWidget }): JsonObject {
  const { fields, live } = compareWidget(states, { released: 'leave' });
  // The values are those that a plan would take: a read may have come too early after a write of ours.
  const { body } = live ?? states.live;
  const moved = fields
    .map(({ path }) => path)
    .filter((path) => Object.hasOwn(body, fromPointer(path)[0] ?? ''));
  const wanted = keepIgnored(asJson(states.document.spec), body, moved);
  return Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => [name, declarable(name, value)]),
  );
}

/** The fields in which the API key stands, by name. */
export function fieldsWithKey(fields: JsonObject): string[] {
  return Object.entries(fields)
    .filter(([, value]) => {
      const text = stringifyJson(value);
      return hideRegistered(text) !== text;
    })
    .map(([name]) => name);
}

/** Fields apart from those that hold a number which a file cannot say exactly, such as an id beyond 2^53. */
export interface Writable {
  readonly fields: JsonObject;
  /** JSON Pointers of these numbers. */
  readonly inexact: readonly string[];
}

export function writableFields(fields: JsonObject): Writable {
  const entries = Object.entries(fields).map(([name, value]) => ({
    name,
    value,
    inexact: inexactIn(value, [name]),
  }));
  const written = entries.filter(({ inexact }) => inexact.length === 0);
  return {
    fields: Object.fromEntries(written.map(({ name, value }) => [name, value])),
    inexact: entries.flatMap(({ inexact }) => inexact),
  };
}

function inexactIn(value: Json, path: readonly (string | number)[]): string[] {
  if (value instanceof NumberText || typeof value === 'number') {
    return canBeSaid(value) ? [] : [toPointer(path)];
  }
  if (Array.isArray(value)) return value.flatMap((item, n) => inexactIn(item, [...path, n]));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => inexactIn(item, [...path, key]));
}

/** Beyond 2^53 every second integer is a JavaScript number all the same; a file is refused with any. */
function canBeSaid(value: NumberText | number): boolean {
  if (value instanceof NumberText) return isExactNumber(value) && canBeSaid(Number(value.text));
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(String(value));
}
