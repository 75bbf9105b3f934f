// The form of an applied record on disk, as JSON Schema, and the one check that reading it needs. Not by
// ajv: loading and compiling it would cost `status` a quarter of its time; a test holds the two together.
import type { FromSchema } from 'json-schema-to-ts';
import type { Json, JsonObject } from '../../base/json/json.ts';
import { hiddenKey } from '../../base/secrets.ts';
import { ownValue } from '../../model/value-at.ts';
import { typeOf } from '../../model/widget-fields.ts';

const text = { type: 'string' } as const;
const textOrNull = { type: ['string', 'null'] } as const;
const sha256 = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const;
const time = { type: 'string', format: 'date-time' } as const;
const flag = { const: true } as const;
const hiddenKeyPattern = hiddenKey.replace(/[[\]]/g, '\\$&');
/** By field of the widget, whatever it may hold. */
const fields = { type: 'object', title: 'fields' } as const;
const fieldsOrNull = { type: ['object', 'null'], title: 'fields or null' } as const;

/** A key that is not required is left out where there is nothing to say. */
export const recordSchema = {
  type: 'object',
  properties: {
    file: { type: 'string', minLength: 1 },
    digest: sha256,
    hash: sha256,
    spec: fields,
    sync: {
      type: 'object',
      properties: {
        drift: { enum: [null, 'correct', 'report', 'off'] },
        // A path in which a key was hidden leads elsewhere, and no hash tells it.
        ignore: { type: 'array', items: { type: 'string', not: { pattern: hiddenKeyPattern } } },
      },
      required: ['drift', 'ignore'],
    },
    echo: fieldsOrNull,
    echo_unknown: flag,
    spelling: { enum: ['read', 'unread'] },
    kept_since: time,
    kept_beside: fields,
    revision: textOrNull,
    applied_at: time,
    unconfirmed_hash: { type: ['string', 'null'], pattern: sha256.pattern },
    unconfirmed_at: time,
    several_unconfirmed: flag,
    unconfirmed_values: {
      type: 'object',
      title: 'values by field',
      additionalProperties: { type: 'array' },
    },
    unconfirmed_before: fields,
    replaced: fieldsOrNull,
    sent_again: flag,
    replaced_before: {
      type: 'array',
      items: {
        type: 'object',
        properties: { at: time, values: fields },
        required: ['at', 'values'],
      },
    },
    left_beside: fields,
    gone: flag,
    corrections: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    reader: text,
    root: text,
  },
  required: [
    ...(['file', 'digest', 'hash', 'spec', 'sync', 'echo', 'revision', 'applied_at'] as const),
    ...(['unconfirmed_hash', 'replaced', 'corrections', 'reader'] as const),
  ],
} as const;

/** A record that `findMalformed` has looked at. */
export type StoredRecordFields = FromSchema<
  typeof recordSchema,
  {
    deserialize: [
      { pattern: typeof fields; output: JsonObject },
      { pattern: typeof fieldsOrNull; output: JsonObject | null },
      { pattern: { title: 'values by field' }; output: Record<string, Json[]> },
    ];
  }
>;

/** The part of JSON Schema that is used above. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: Json;
  readonly enum?: readonly Json[];
  readonly minLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly not?: { readonly pattern: string };
  readonly items?: Schema;
  readonly properties?: { readonly [name: string]: Schema };
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
}

const keys: readonly [string, Schema][] = Object.entries(recordSchema.properties);
const required: ReadonlySet<string> = new Set(recordSchema.required);

/** The first key of the record that does not fit; null where all do. */
export function findMalformed(stored: JsonObject): string | null {
  const misfit = keys.find(([name, schema]) => {
    const value = ownValue(stored, name);
    return value === undefined ? required.has(name) : !fits(schema, value);
  });
  if (misfit !== undefined) return misfit[0];
  const isUndated = stored['unconfirmed_hash'] !== null && !Object.hasOwn(stored, 'unconfirmed_at');
  return isUndated ? 'unconfirmed_at' : null;
}

function fits(schema: Schema, value: Json): boolean {
  if (schema.const !== undefined && schema.const !== value) return false;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return false;
  const { type } = schema;
  if (type !== undefined && ![type].flat().some((one) => isOfType(one, value))) return false;
  if (typeof value === 'string') return fitsText(schema, value);
  if (typeof value === 'number') return fitsNumber(schema, value);
  const { items } = schema;
  if (Array.isArray(value)) return items === undefined || value.every((one) => fits(items, one));
  return typeOf(value) !== 'object' || fitsObject(schema, value as JsonObject);
}

function isOfType(type: string, value: Json): boolean {
  return type === 'integer' ? Number.isInteger(value) : typeOf(value) === type;
}

function fitsNumber({ minimum, maximum }: Schema, value: number): boolean {
  return value >= (minimum ?? value) && value <= (maximum ?? value);
}

function fitsText({ minLength = 0, pattern, format, not }: Schema, value: string): boolean {
  if (value.length < minLength) return false;
  if (format === 'date-time' && Number.isNaN(Date.parse(value))) return false;
  if (pattern !== undefined && !expressionOf(pattern).test(value)) return false;
  return not === undefined || !expressionOf(not.pattern).test(value);
}

const expressions = new Map<string, RegExp>();

/** A state directory may hold thousands of records. */
function expressionOf(pattern: string): RegExp {
  const known = expressions.get(pattern) ?? new RegExp(pattern, 'u');
  expressions.set(pattern, known);
  return known;
}

function fitsObject(schema: Schema, value: JsonObject): boolean {
  const { properties = {}, required = [], additionalProperties } = schema;
  return (
    required.every((name) => Object.hasOwn(value, name)) &&
    Object.entries(value).every(([name, one]) => {
      const expected = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
      return expected === undefined || fits(expected, one);
    })
  );
}
