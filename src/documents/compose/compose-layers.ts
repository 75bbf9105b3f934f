// Files laid over each other, the weakest first: objects merge deeply, everything else replaces, null among
// it. Only `omit` takes away. Pure; what is not changed is shared with the layers.
import { fromPointer, isJsonObject, type Json, type JsonObject } from '../../base/json/json.ts';

/** What one file declares by itself: body fields and `sync`. */
export interface Layer {
  /** Relative to the widget directory, with forward slashes. */
  readonly file: string;
  readonly value: JsonObject;
}

/**
 * Folds strictly from the weakest layer on: grouped otherwise, the result differs. `omit` is taken from all that
 * the fragments say, and then the file's own layer is laid over it.
 */
export function composeLayers(
  fragments: readonly Layer[],
  omit: readonly string[],
  own: Layer,
): JsonObject {
  return layOver(withoutOmitted(composeFragments(fragments), omit), own.value);
}

/** The beginning that all files over the same fragments share. */
export function composeFragments(fragments: readonly Layer[]): JsonObject {
  return fragments.reduce<JsonObject>((weaker, { value }) => layOver(weaker, value), {});
}

/** Without what the pointers lead to. They do not lead into lists. */
export function withoutOmitted(value: JsonObject, omit: readonly string[]): JsonObject {
  return omit.reduce((left, pointer) => without(left, fromPointer(pointer)), value);
}

export function layOver(weaker: JsonObject, stronger: JsonObject): JsonObject {
  const names = Object.keys(stronger);
  if (names.length === 0) return weaker;
  const composed = { ...weaker };
  for (const name of names) {
    const value = stronger[name] as Json;
    const under = Object.hasOwn(weaker, name) ? weaker[name] : undefined;
    const both = isJsonObject(under) && isJsonObject(value);
    define(composed, name, both ? layOver(under, value) : value);
  }
  return composed;
}

function without(value: JsonObject, [name, ...within]: readonly string[]): JsonObject {
  if (name === undefined) return {};
  if (!Object.hasOwn(value, name)) return value;
  if (within.length === 0) {
    return Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
  }
  const inner = value[name];
  if (!isJsonObject(inner)) return value;
  const left = without(inner, within);
  if (left === inner) return value;
  const rest = { ...value };
  define(rest, name, left);
  return rest;
}

/** Assigning would take `__proto__` for the prototype. */
function define(value: JsonObject, name: string, member: Json): void {
  if (name !== '__proto__') value[name] = member;
  else {
    const property = { value: member, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(value, name, property);
  }
}
