// A status as JSON, and back: in the file, and as the beginning of `status --json`.
import { isJsonObject, type Json, type JsonObject } from '../base/json/json.ts';
import { fits, type StoredSchema } from '../base/json/json-schema.ts';
import type { StatusRecord } from './status-record.ts';
import { derived, type StatusSchema, statusSchema } from './status-schema.ts';

/** The status in the snake_case of every JSON that leaves the program. */
export function statusJson(status: StatusRecord): JsonObject {
  const { is_blind: blind = false, ...json } = encode(statusSchema, status) as JsonObject;
  const blocked = status.obstacles[0]?.says ?? null;
  return { ...json, blind, blocked, pending: pendingOf(status) };
}

/** How many changes wait or are in flight, whether they are known by name or not. */
export function pendingOf({ queue, unnamed = 0 }: StatusRecord): number {
  return queue.length + unnamed;
}

/** Null for what `statusJson` of no version has given. */
export function readStatusJson(stored: JsonObject): StatusRecord | null {
  const json = upgraded(stored);
  if (!fits(storedSchema, json)) return null;
  const status = decode(statusSchema, json) as StatusRecord;
  const pending = json['pending'];
  const isCounted = json['queue'] === undefined && typeof pending === 'number' && pending > 0;
  return isCounted ? { ...status, unnamed: pending } : status;
}

const storedSchema: StoredSchema = {
  ...statusSchema,
  properties: { ...statusSchema.properties, ...derived },
  required: [...(statusSchema.required ?? []), ...Object.keys(derived)],
};

/** Earlier versions said neither since when, nor what kind of thing is in the way. */
function upgraded(stored: JsonObject): JsonObject {
  const { blind: is_blind = false, blocked, obstacles, time = null } = stored;
  const since = time ?? unknownTime;
  const blocking = typeof blocked === 'string' ? [{ by: 'pass', says: blocked, since }] : [];
  const lists = ['held', 'failed', 'drifted', 'orphaned'].flatMap((name) => {
    const list = stored[name];
    return Array.isArray(list) ? [[name, list.map((one) => dated(one, since))] as const] : [];
  });
  return { ...stored, is_blind, obstacles: obstacles ?? blocking, ...Object.fromEntries(lists) };
}

const unknownTime = '1970-01-01T00:00:00.000Z';

function dated(entry: Json, since: Json): Json {
  return isJsonObject(entry) ? { since, ...entry } : entry;
}

function encode(schema: StatusSchema, value: unknown): Json {
  if (value instanceof Date) return value.toISOString();
  const { items, properties, title } = schema;
  if (title === 'as is' || value === null) return value as Json;
  if (items !== undefined) return (value as unknown[]).map((one) => encode(items, one));
  if (properties === undefined) return value as Json;
  const found = value as { readonly [name: string]: unknown };
  const json: JsonObject = {};
  for (const [name, one] of Object.entries(properties)) {
    json[name] = encode(one, found[camelCase(name)]);
  }
  return json;
}

/** Of JSON that fits the schema. */
function decode(schema: StatusSchema, json: Json): unknown {
  const { items, properties, title, format } = schema;
  if (title === 'as is') return json;
  if (format === 'date-time' && typeof json === 'string') return new Date(json);
  if (items !== undefined && Array.isArray(json)) return json.map((one) => decode(items, one));
  if (properties === undefined || !isJsonObject(json)) return json;
  const value: { [name: string]: unknown } = {};
  for (const [name, one] of Object.entries(properties)) {
    const found = Object.hasOwn(json, name) ? json[name] : one.default;
    value[camelCase(name)] = decode(one, found ?? null);
  }
  return value;
}

const camelCased = new Map<string, string>();

/** There are few names and many entries. */
function camelCase(name: string): string {
  let found = camelCased.get(name);
  if (found === undefined) {
    found = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    camelCased.set(name, found);
  }
  return found;
}
