// Whether a value fits a JSON Schema, by the part of it that what is kept on disk needs. Not by ajv: loading
// and compiling it would cost `status` a quarter of its time; tests hold the two together.
import { isJsonObject, type Json, type JsonObject, typeOf } from './json.ts';

export interface StoredSchema {
  readonly type?: string | readonly string[];
  readonly const?: Json;
  readonly enum?: readonly Json[];
  readonly minLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly not?: { readonly pattern: string };
  readonly items?: StoredSchema;
  readonly properties?: { readonly [name: string]: StoredSchema };
  readonly additionalProperties?: StoredSchema;
  readonly required?: readonly string[];
}

/** The value as what the schema describes, whose type the caller says; null where it does not fit. */
export function fitting<Described>(schema: StoredSchema, value: Json): Described | null {
  // The compiler cannot know what `fits` has looked at.
  return fits(schema, value) ? (value as unknown as Described) : null;
}

export function fits(schema: StoredSchema, value: Json): boolean {
  if (schema.const !== undefined && schema.const !== value) return false;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return false;
  const { type } = schema;
  if (typeof type === 'string' && !isOfType(type, value)) return false;
  if (Array.isArray(type) && !type.some((one) => isOfType(one, value))) return false;
  if (typeof value === 'string') return fitsText(schema, value);
  if (typeof value === 'number') return fitsNumber(schema, value);
  const { items } = schema;
  if (Array.isArray(value)) return items === undefined || value.every((one) => fits(items, one));
  return !isJsonObject(value) || fitsObject(schema, value);
}

function isOfType(type: string, value: Json): boolean {
  return type === 'integer' ? Number.isInteger(value) : typeOf(value) === type;
}

function fitsNumber({ minimum, maximum }: StoredSchema, value: number): boolean {
  return value >= (minimum ?? value) && value <= (maximum ?? value);
}

function fitsText({ minLength = 0, pattern, format, not }: StoredSchema, value: string): boolean {
  if (value.length < minLength) return false;
  if (format === 'date-time' && Number.isNaN(Date.parse(value))) return false;
  if (pattern !== undefined && !expressionOf(pattern).test(value)) return false;
  return not === undefined || !expressionOf(not.pattern).test(value);
}

const expressions = new Map<string, RegExp>();

/** Many values are looked at by the same schema. */
function expressionOf(pattern: string): RegExp {
  const known = expressions.get(pattern) ?? new RegExp(pattern, 'u');
  expressions.set(pattern, known);
  return known;
}

function fitsObject(schema: StoredSchema, value: JsonObject): boolean {
  const { properties = {}, required = [], additionalProperties } = schema;
  return (
    required.every((name) => Object.hasOwn(value, name)) &&
    Object.entries(value).every(([name, one]) => {
      const expected = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
      return expected === undefined || fits(expected, one);
    })
  );
}
