// A file with all that it inherits → the text of one file that declares the same by itself, each value with a note
// behind it. Pure. Refuses to write what would not be read back as it is.
import {
  equalJson,
  isJsonObject,
  type Json,
  type JsonObject,
  toPointer,
} from '../../base/json/json.ts';
import { printable } from '../../base/text.ts';
import { bodyFields, type WidgetId } from '../../model/widget.ts';
import { type FileKind, parse } from '../parse/parse.ts';
import { largestFile } from '../tree/unreadable-file.ts';
import { doubleQuoted, type TextStyle } from '../write/write-text.ts';
import { isCollection, mappingEntry } from '../write/write-value.ts';
import type { FileText } from './write-widget.ts';

export interface ComposedText {
  /** Null for a fragment. */
  readonly widgetId: WidgetId | null;
  /** The body, and `sync`. */
  readonly value: JsonObject;
  /** What is to stand behind the value at a JSON Pointer, on one line; null for nothing. */
  readonly note: (pointer: string) => string | null;
}

/** The fields in the schema's order, and `sync` last; only leaves, lists and empty objects have notes. */
export function writeComposed(composed: ComposedText): FileText {
  const { widgetId, value } = composed;
  const kind: FileKind = widgetId === null ? 'fragment' : 'widget';
  const whole = { ...(widgetId !== null && { widget_id: widgetId }), ...inOrder(value) };
  for (const texts of ['pleasant', 'quoted'] as const) {
    const lines = Object.entries(whole).flatMap(([name, member]) =>
      entryLines([name], member, { ...composed, texts }),
    );
    const text = lines.length === 0 ? '{}\n' : `${lines.join('\n')}\n`;
    const bytes = new TextEncoder().encode(text);
    if (bytes.length > largestFile) return { problem: 'the text would be larger than 1 MiB' };
    const read = parse(bytes, kind);
    if (read.value !== null && equalJson(read.value, whole)) return { text };
  }
  return { problem: 'its values cannot be written as YAML without changing them' };
}

function inOrder(value: JsonObject): JsonObject {
  const { sync, ...body } = value;
  const known = bodyFields.filter((name) => Object.hasOwn(body, name));
  const others = Object.keys(body).filter((name) => !known.includes(name));
  const fields = [...known, ...others].map((name) => [name, body[name] as Json] as const);
  return Object.fromEntries([...fields, ...(sync === undefined ? [] : [['sync', sync] as const])]);
}

interface Writing extends Pick<ComposedText, 'note'> {
  readonly texts: TextStyle;
}

const step = 2;

function entryLines(path: readonly string[], value: Json, writing: Writing): string[] {
  const { note, texts } = writing;
  const name = path.at(-1) ?? '';
  const indent = (path.length - 1) * step;
  const margin = ' '.repeat(indent);
  if (isJsonObject(value) && isCollection(value)) {
    const head = mappingEntry(name, {}, { indent, lineEnd: '\n', texts }).replace(/ \{\}$/, '');
    const members = Object.entries(value).flatMap(([key, member]) =>
      entryLines([...path, key], member, writing),
    );
    return [margin + head, ...members];
  }
  const noted = note(toPointer(path));
  const [first = '', ...rest] = entryText(name, value, { indent, texts }).split('\n');
  const comment = noted === null ? '' : `  # ${printable(noted)}`;
  return [margin + first + comment, ...rest];
}

function entryText(
  name: string,
  value: Json,
  { indent, texts }: { readonly indent: number; readonly texts: TextStyle },
): string {
  // As in files that are imported: without quotes, # would begin a comment for whoever edits it.
  if (/^\w+_color$/.test(name) && typeof value === 'string')
    return `${name}: ${doubleQuoted(value)}`;
  return mappingEntry(name, value, { indent, lineEnd: '\n', texts });
}
