// Values by their place in a body. Absence is a value of its own, written `undefined`. Refuses to look
// into arrays: their entries have no identity.
import type { Json, JsonObject } from '../base/json/json.ts';
import { equalJson, isJsonObject } from '../base/json/json.ts';

/** Own keys only: a body may well have a field called `constructor` or `__proto__`. */
export function ownValue(value: Json | undefined, key: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

export function valueAt(body: JsonObject, segments: readonly string[]): Json | undefined {
  let value: Json | undefined = body;
  for (const segment of segments) value = ownValue(value, segment);
  return value;
}

export function sameValue(a: Json | undefined, b: Json | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalJson(a, b);
}

/** The fields of `body` that `names` lacks. */
export function omitFields(body: JsonObject, names: object): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !Object.hasOwn(names, name)));
}

/** The fields of `body` that `names` has too. */
export function pickFields(body: JsonObject, names: object): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => Object.hasOwn(names, name)));
}
