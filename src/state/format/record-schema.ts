// The form of an applied record on disk, as JSON Schema, and the one check that reading it needs.
import type { FromSchema } from 'json-schema-to-ts';
import type { Json, JsonObject } from '../../base/json/json.ts';
import { fits, type StoredSchema } from '../../base/json/json-schema.ts';
import { hiddenKey } from '../../base/secrets.ts';
import { ownValue } from '../../model/value-at.ts';

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
    extends: { type: 'array', items: text },
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
    edited: flag,
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

const keys: readonly [string, StoredSchema][] = Object.entries(recordSchema.properties);
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
