// The API's documentation of the single fields of a widget's body: which values one may
// hold, what empty is, and what it is set back to. The one answer for everything that is written and
// for what is watched. Refuses to validate documents.
import type { Json, JsonObject } from '../base/json/json.ts';
import { equalJson, isDeeperThan, typeOf } from '../base/json/json.ts';
import { bodyFields, isUuid } from './widget.ts';
import { widgetSchema } from './widget-schema.ts';

export interface FieldSchema {
  readonly type?: string | readonly string[];
  readonly default?: Json;
  readonly format?: string;
  readonly enum?: readonly Json[];
  readonly items?: FieldSchema;
}

const properties: { readonly [name: string]: FieldSchema } = widgetSchema.properties;

/** By name, in the schema's order. */
export const bodySchemas: ReadonlyMap<string, FieldSchema> = new Map(
  bodyFields.map((name) => [name, properties[name] ?? {}]),
);

/** Names a value that the schema does not take: `number`, `another string`; null when it fits. */
export function misfit(schema: FieldSchema, value: Json): string | null {
  const types = typesOf(schema);
  if (types.length > 0 && !types.includes(typeOf(value))) return typeOf(value);
  if (schema.enum !== undefined && !schema.enum.includes(value)) return 'another string';
  if (schema.format === 'uuid' && typeof value === 'string' && !isUuid(value)) {
    return 'another string';
  }
  const { items } = schema;
  if (items === undefined || !Array.isArray(value)) return null;
  const entry = value.map((one) => misfit(items, one)).find((found) => found !== null);
  return entry === undefined ? null : `array with ${entry}`;
}

/** A field is set back to its default, else null, else empty. Undefined for an unknown field. */
export function resetValueOf(name: string): Json | undefined {
  const schema = bodySchemas.get(name);
  if (schema === undefined) return undefined;
  if (schema.default !== undefined) return schema.default;
  const types = typesOf(schema);
  if (types.includes('null')) return null;
  return types.includes('array') ? [] : {};
}

/** A field that the schema no longer has cannot be reset. */
export function resetsOf(names: readonly string[]): JsonObject {
  const resets: JsonObject = {};
  for (const name of names) {
    const value = resetValueOf(name);
    if (value !== undefined) resets[name] = value;
  }
  return resets;
}

/** Whether it says nothing: null, an empty text, list or mapping, or what the API assumes anyway. */
export function isEmpty(name: string, value: Json): boolean {
  if (value === null || value === '' || equalJson(value, []) || equalJson(value, {})) return true;
  return value === bodySchemas.get(name)?.default;
}

/**
 * A live value as a file can declare it. An API may answer with an emptiness that it does not take,
 * such as "" for no UUID or null for no `attributes`: then it is the one that it does take.
 */
export function declarable(name: string, value: Json): Json {
  const schema = bodySchemas.get(name);
  if (schema === undefined || isTaken(schema, value) || !isEmpty(name, value)) return value;
  return isTaken(schema, null) ? null : (resetValueOf(name) ?? value);
}

/**
 * Whether a live value is the nothing that is to be there, as an API may give it: left out, or an
 * emptiness that it does not take itself, such as "" for no UUID or null for no `attributes`.
 */
export function isSameNothing(name: string, from: Json | undefined, to: Json): boolean {
  return from === undefined ? isEmpty(name, to) : equalJson(declarable(name, from), to);
}

/**
 * The fields of a live body as the API takes them back. A value that it would refuse is left out:
 * where that is an emptiness, the field is set to nothing already.
 */
export function settableFields(body: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => {
      const schema = bodySchemas.get(name);
      if (schema === undefined) return [];
      if (isTaken(schema, value)) return [[name, value]];
      // An API may spell null "", also where it would not take that text.
      return value === '' && isTaken(schema, null) ? [[name, null]] : [];
    }),
  );
}

// Any other text of an enumeration passes: a channel that the API has learned since is its own.
function isTaken({ enum: words, ...schema }: FieldSchema, value: Json): boolean {
  return misfit(schema, value) === null && !(words !== undefined && value === '');
}

export function typesOf({ type }: FieldSchema): readonly string[] {
  if (type === undefined) return [];
  return typeof type === 'string' ? [type] : type;
}

/** Levels of a live widget: four times what a file may have, and far from what a recursion bears. */
export const deepestLive = 256;

/** Fields that nest too deeply to be compared, or kept by a write; others are not ours, and never sent. */
export function fieldsTooDeep(body: JsonObject): string[] {
  return bodyFields.filter(
    (name) => Object.hasOwn(body, name) && isDeeperThan(deepestLive - 1, body[name] as Json),
  );
}
