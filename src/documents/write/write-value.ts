// A JSON value → YAML, as block lines or on one line. Pure; every value it is given comes out, also
// such as a strict reading refuses: the caller reads back the file that it writes.
import { isJsonObject, type Json, type JsonObject } from '../../base/json/json.ts';
import { doubleQuoted, plainText, type TextStyle, written } from './write-text.ts';

/** The place of a value: after `key:` or `-`, in a mapping or list that begins at `indent`. */
export interface Place {
  readonly indent: number;
  readonly lineEnd: string;
  readonly texts: TextStyle;
}

/** Any other value has one form. */
export function isCollection(value: Json): value is Json[] | JsonObject {
  return (Array.isArray(value) || isJsonObject(value)) && Object.keys(value).length > 0;
}

/** On one line, wherever it stands; non-empty collections in brackets. */
export function inlineValue(value: Json, place: 'block' | 'flow', texts: TextStyle): string {
  if (place === 'flow' || typeof value !== 'string') return flowValue(value, texts);
  return (texts === 'pleasant' ? plainText(value, 'block') : null) ?? doubleQuoted(value);
}

/** On one line, as inside brackets. */
export function flowValue(value: Json, texts: TextStyle): string {
  return written([value], texts, 'flow').slice(1, -1);
}

export function flowPair(key: string, value: Json, texts: TextStyle): string {
  return written(Object.fromEntries([[key, value]]), texts, 'flow').slice(1, -1);
}

/**
 * The entries of a collection that begins at `place.indent`; the first line of each is not indented,
 * the others are.
 */
export function valueLines(value: Json, place: Place): string[] {
  if (Array.isArray(value)) return value.map((item) => listEntry(item, place));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).map(([key, item]) => mappingEntry(key, item, place));
}

export function listEntry(item: Json, place: Place): string {
  return placed(written([item], place.texts, 'block'), place);
}

export function mappingEntry(key: string, value: Json, place: Place): string {
  return placed(written(Object.fromEntries([[key, value]]), place.texts, 'block'), place);
}

function placed(text: string, { indent, lineEnd }: Place): string {
  return text.replace(/\n(?!\n|$)/g, `\n${' '.repeat(indent)}`).replaceAll('\n', lineEnd);
}
