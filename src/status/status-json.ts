// A status as JSON, and back: in the file, and as the beginning of `status --json`.
import { isJsonObject, type Json, type JsonObject } from '../base/json/json.ts';
import { fits } from '../base/json/json-schema.ts';
import type { StatusRecord } from './status-record.ts';
import { type StatusSchema, statusSchema } from './status-schema.ts';

/** The status in the snake_case of every JSON that leaves the program. */
export function statusJson(status: StatusRecord): JsonObject {
  const { is_blind: blind = false, ...json } = encode(statusSchema, status) as JsonObject;
  return {
    ...json,
    blind,
    blocked: status.obstacles[0]?.says ?? null,
    pending: status.queue.length,
  };
}

/** Null for what `statusJson` of no version has given. */
export function readStatusJson(stored: JsonObject): StatusRecord | null {
  const json = upgraded(stored);
  const isOne = fits(statusSchema, json) && isWhole(statusSchema, json);
  return isOne ? (toValue(statusSchema, json) as StatusRecord) : null;
}

/** Earlier versions said neither since when nor what kind of thing is in the way. */
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
  const { items, properties } = schema;
  if (schema.title === 'as is') return value as Json;
  if (Array.isArray(value)) return value.map((one) => encode(items ?? {}, one));
  if (properties === undefined || value === null) return value as Json;
  const found = value as { readonly [name: string]: unknown };
  return Object.fromEntries(
    Object.entries(properties).map(([name, one]) => [name, encode(one, found[camelCase(name)])]),
  );
}

/** Whether no key is missing but those that earlier versions did not have. */
function isWhole(schema: StatusSchema, value: Json): boolean {
  const { items, properties } = schema;
  if (Array.isArray(value)) {
    return items === undefined || value.every((one) => isWhole(items, one));
  }
  if (properties === undefined || !isJsonObject(value)) return true;
  return Object.entries(properties).every(([name, one]) => {
    const found = Object.hasOwn(value, name) ? value[name] : one.default;
    return found !== undefined && isWhole(one, found);
  });
}

function toValue(schema: StatusSchema, value: Json): unknown {
  if (schema.format === 'date-time' && typeof value === 'string') return new Date(value);
  const { items, properties } = schema;
  if (schema.title === 'as is') return value;
  if (Array.isArray(value)) return value.map((one) => toValue(items ?? {}, one));
  if (properties === undefined || !isJsonObject(value)) return value;
  const entries = Object.entries(properties).map(([name, one]) => {
    const found = Object.hasOwn(value, name) ? value[name] : one.default;
    return [camelCase(name), toValue(one, found ?? null)];
  });
  return Object.fromEntries(entries);
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
