// JSON values: their one canonical text, equality, and pointers into them.
import { parseJsonText } from './json-text.ts';
import { canonicalNumber, NumberText } from './number-text.ts';

export type Json = null | boolean | number | NumberText | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

/**
 * The canonical text of RFC 8785: keys in UTF-16 order, no white space, numbers and strings as
 * ECMAScript prints them (which is what the RFC prescribes). A number that ECMAScript would round has
 * one text for its value too, so that 1.10 is 1.1, and 17841405793187219 is not 17841405793187220.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value instanceof NumberText) return canonicalNumber(value.text);
  let members = '';
  for (const key of Object.keys(value).sort()) {
    const comma = members === '' ? '' : ',';
    members += `${comma}${quoted(key)}:${canonicalJson(value[key] as Json)}`;
  }
  return `{${members}}`;
}

/** Most texts need no escape, and are quoted faster without asking for one. */
function quoted(text: string): string {
  return unescaped.test(text) ? `"${text}"` : JSON.stringify(text);
}

const unescaped = /^[ !#-[\]-~]*$/;

/** Deep equality by value that ignores the order of keys, and how a number is written. */
export function equalJson(a: Json, b: Json): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}

/** `undefined` when the text is not JSON. Every number keeps its text; `stringifyJson` writes it again. */
export function parseJson(text: string): Json | undefined {
  try {
    return parseJsonText(text) as Json;
  } catch {
    return undefined;
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  const isObject = typeof value === 'object' && value !== null;
  return isObject && !Array.isArray(value) && !(value instanceof NumberText);
}

export function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof NumberText) return 'number';
  return isJsonObject(value) ? 'object' : typeof value;
}

/** The same value with the keys of all objects in UTF-16 order. */
export function sortKeys<Value extends Json>(value: Value): Value;
export function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => sortKeys(item));
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).sort();
  // fromEntries defines, where assigning would take `__proto__` for the prototype.
  return Object.fromEntries(keys.map((key) => [key, sortKeys(value[key] as Json)]));
}

/** Whether objects and arrays nest more than so many levels deep, the value itself being the first. */
export function isDeeperThan(levels: number, value: Json): boolean {
  if (typeof value !== 'object' || value === null || value instanceof NumberText) return false;
  return levels === 0 || Object.values(value).some((child) => isDeeperThan(levels - 1, child));
}

/** A JSON Pointer (RFC 6901) from its segments; none gives '', the whole document. */
export function toPointer(segments: readonly (string | number)[]): string {
  return segments
    .map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/** The segments of a JSON Pointer; the inverse of `toPointer`. */
export function fromPointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}
