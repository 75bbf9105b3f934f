// A JSON value → YAML, as block lines or on one line. Pure; every value it is given comes out, also
// such as a strict reading refuses: whoever writes a file reads it back.
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../base/json/json.ts';
import {
  type BlockText,
  doubleQuoted,
  foldedBlock,
  inlineText,
  literalBlock,
} from './write-text.ts';

/** Where a value goes: after `key:` or `-`, in a mapping or list that begins at `indent`. */
export interface Place {
  readonly indent: number;
  readonly lineEnd: string;
  /** `quoted`: every text in double quotes, for when the pleasant form does not read back. */
  readonly texts: 'pleasant' | 'quoted';
}

/** A text longer than this goes into lines of its own. */
const longestInline = 100;

/** Null, a flag, a number or an empty collection, which all have one form; null for anything else. */
function bare(value: Json): string | null {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : null;
  if (isJsonObject(value)) return Object.keys(value).length === 0 ? '{}' : null;
  // A number by its value: 1.10 would be read as 1.1 anyway, and looks like a version.
  return typeof value === 'string' ? null : canonicalJson(value);
}

export function isCollection(value: Json): value is Json[] | JsonObject {
  return bare(value) === null && typeof value !== 'string';
}

/** On one line, wherever it stands; non-empty collections in brackets. */
export function inlineValue(value: Json, place: 'block' | 'flow', texts: Place['texts']): string {
  if (place === 'flow' || typeof value !== 'string') return flowValue(value, texts);
  return texts === 'quoted' ? doubleQuoted(value) : inlineText(value, 'block');
}

/** On one line, as inside brackets. */
export function flowValue(value: Json, texts: Place['texts']): string {
  const text = (one: string) => (texts === 'quoted' ? doubleQuoted(one) : inlineText(one, 'flow'));
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return `[${value.map((item) => flowValue(item, texts)).join(', ')}]`;
  if (!isJsonObject(value)) return canonicalJson(value);
  const members = Object.entries(value).map(([key, item]) => flowPair(key, item, texts));
  return `{${members.join(', ')}}`;
}

export function flowPair(key: string, value: Json, texts: Place['texts']): string {
  return `${keyText(key, 'flow', texts)}: ${flowValue(value, texts)}`;
}

/** What follows `key:` or `-`, the space or line end before it included, the last line's end not. */
export function blockValue(value: Json, place: Place): string {
  if (typeof value === 'string') return ` ${blockText(value, place)}`;
  const { indent, lineEnd } = place;
  const simple = bare(value);
  if (simple !== null) return ` ${simple}`;
  const within = ' '.repeat(indent + 2);
  return valueLines(value, { ...place, indent: indent + 2 })
    .map((line) => `${lineEnd}${within}${line}`)
    .join('');
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
  if (!isCollection(item)) return `-${blockValue(item, place)}`;
  // Compact: the first entry stands on the dash's line.
  const inner = { ...place, indent: place.indent + 2 };
  return `- ${valueLines(item, inner).join(place.lineEnd + ' '.repeat(inner.indent))}`;
}

export function mappingEntry(key: string, value: Json, place: Place): string {
  const written = keyText(key, 'block', place.texts);
  if (written.length <= longestKey) return `${written}:${blockValue(value, place)}`;
  return `? ${written}${place.lineEnd}${' '.repeat(place.indent)}:${blockValue(value, place)}`;
}

/** YAML allows 1,024 characters for a key without a question mark. */
const longestKey = 1000;

function keyText(key: string, where: 'block' | 'flow', texts: Place['texts']): string {
  const isSimple = /^[A-Za-z_][\w -]*\w$|^[A-Za-z]$/.test(key) && texts === 'pleasant';
  const written = isSimple ? inlineText(key, where) : doubleQuoted(key);
  return where === 'flow' && written.length > longestKey ? `? ${written}` : written;
}

/** A text in block context, in the form that is read with most ease. */
function blockText(text: string, { indent, lineEnd, texts }: Place): string {
  if (texts === 'quoted') return doubleQuoted(text);
  const layout = { parentIndent: indent, indent: indent + 2, lineEnd };
  const lines: BlockText | null = text.includes('\n')
    ? literalBlock(text, layout)
    : text.length > longestInline
      ? foldedBlock(text, layout)
      : null;
  return lines === null ? inlineText(text, 'block') : `${lines.header}${lineEnd}${lines.body}`;
}
