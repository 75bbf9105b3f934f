// What the schema says of one body field beyond its meaning: what "empty" is, and which values the
// API takes back. Refuses to validate documents.
import type { Json, JsonObject } from '../json.ts';
import { isJsonObject } from '../json.ts';
import { bodyFields, isUuid } from '../widget.ts';
import { widgetSchema } from '../widget-schema.ts';

interface FieldSchema {
  readonly type: string | readonly string[];
  readonly default?: Json;
  readonly format?: string;
  readonly enum?: readonly Json[];
  readonly items?: { readonly type?: string };
}

const fieldSchemas: { readonly [name: string]: FieldSchema } = widgetSchema.properties;

/** What a field is set back to: its default, else null, else empty. Undefined for an unknown field. */
export function resetValueOf(name: string): Json | undefined {
  const schema = schemaOf(name);
  if (schema === undefined) return undefined;
  if (schema.default !== undefined) return schema.default;
  const types = [schema.type].flat();
  if (types.includes('null')) return null;
  return types.includes('array') ? [] : {};
}

/**
 * The fields of a live body as the API takes them back. It may answer with values that it refuses,
 * such as a null `attributes`: such a field is set to nothing, and is left out.
 */
export function settableFields(body: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => {
      const settable = settableValue(schemaOf(name), value);
      return settable === undefined ? [] : [[name, settable]];
    }),
  );
}

function settableValue(schema: FieldSchema | undefined, value: Json): Json | undefined {
  if (schema === undefined) return undefined;
  if (fits(schema, value)) return value;
  // An API may spell null "", also where it would not take that text.
  return value === '' && fits(schema, null) ? null : undefined;
}

// Any other text of an enumeration passes: a channel that the API has learned since is its own.
function fits({ type, format, enum: words, items }: FieldSchema, value: Json): boolean {
  if (![type].flat().includes(typeOf(value))) return false;
  if (format === 'uuid' && typeof value === 'string') return isUuid(value);
  if (words !== undefined && value === '') return false;
  if (items?.type === undefined || !Array.isArray(value)) return true;
  return value.every((item) => typeOf(item) === items.type);
}

function schemaOf(name: string): FieldSchema | undefined {
  return bodyFields.includes(name) ? fieldSchemas[name] : undefined;
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return isJsonObject(value) ? 'object' : typeof value;
}
