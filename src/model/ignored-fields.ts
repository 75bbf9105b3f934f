// Ignored pointers: places in a body that belong to the dashboard. Whatever is compared or sent takes
// its values there from live, so that they neither differ nor change.
import type { Json, JsonObject } from '../base/json/json.ts';
import { fromPointer, isJsonObject } from '../base/json/json.ts';
import { ownValue } from './value-at.ts';

/**
 * The body with the values at ignored pointers as `source` has them: set, or removed where it has
 * none. This wins over everything that the body says of the place, also of an object around it.
 */
export function keepIgnored(
  body: JsonObject,
  source: JsonObject,
  ignore: readonly string[],
): JsonObject {
  let kept: Json | undefined = body;
  for (const pointer of ignore) kept = keepAt(kept, source, fromPointer(pointer));
  return isJsonObject(kept) ? kept : {};
}

/** For bodies of which live is not known: whether the place is ignored, or within what is. */
export function isIgnored(path: string, ignore: readonly string[]): boolean {
  return ignore.some((pointer) => path === pointer || path.startsWith(`${pointer}/`));
}

function keepAt(
  value: Json | undefined,
  source: Json | undefined,
  [key, ...rest]: readonly string[],
): Json | undefined {
  if (key === undefined) return source;
  // A list's entries have no identity: nothing of a list is ignored where the body says something, and
  // where it says nothing the list is kept whole.
  if (Array.isArray(value) || Array.isArray(source)) return value === undefined ? source : value;
  const child = keepAt(ownValue(value, key), ownValue(source, key), rest);
  if (child !== undefined) return { ...(isJsonObject(value) ? value : {}), [key]: child };
  return isJsonObject(value) ? without(value, key) : value;
}

function without(object: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}
