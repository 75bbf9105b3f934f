// The words for a value that the schema refuses: expected, found, what to do.

import { isJsonObject, type Json, toPointer } from '../../base/json/json.ts';
import { closestName } from '../../base/suggest-name.ts';
import { printable } from '../../base/text.ts';
import { quoted, type Said, shown, shownField } from '../parse/finding.ts';
import { doubleQuoted } from '../write/write-text.ts';
import { flowValue } from '../write/write-value.ts';
import { parseInstant } from './parse-timestamp.ts';
import { ignorable } from './sync-policy.ts';

type Segments = readonly string[];

export function explainNotAllowed(segments: Segments, found: Json, allowed: readonly Json[]): Said {
  const names = allowed.filter((value) => typeof value === 'string');
  const nearest = typeof found === 'string' ? closestName(found, names) : null;
  const list = allowed.map((value) => (value === null ? 'null' : String(value))).join(', ');
  return {
    summary: `${shownField(segments)} cannot be ${shown(found)}`,
    detail: `${nearest === null ? '' : `Did you mean ${nearest}? `}Expected one of ${list}.`,
  };
}

/** `format` is the schema's name of it. */
export function explainFormat(segments: Segments, found: Json, format: unknown): Said {
  const field = shownField(segments);
  switch (format) {
    case 'date-or-time':
      return {
        summary: `${field} is not a date or a time with zone`,
        detail: explainInstant(found),
      };
    case 'json-pointer':
      return { summary: `${field} is not a JSON Pointer`, detail: explainPointer(found) };
    default:
      return {
        summary: `${field} is not a UUID`,
        detail: `Expected a UUID such as 3c90c3cc-0d44-4b50-8888-8dd25736052a, found ${shown(found)}. Copy it from the dashboard.`,
      };
  }
}

function explainInstant(found: Json): string {
  const expected =
    'Expected a date such as 2026-12-24 (its first moment in UTC) or a time with zone such as 2026-12-24T18:00:00+01:00';
  const day =
    typeof found === 'string' ? /^\d{4}-\d{2}-\d{2}(?![\d-])/.exec(found)?.[0] : undefined;
  if (day !== undefined && parseInstant(day) === null) {
    return `${expected}, found ${shown(found)}: no calendar has ${day}.`;
  }
  const lacksZone = typeof found === 'string' && parseInstant(`${found}Z`) !== null;
  return `${expected}, found ${shown(found)}.${lacksZone ? ` Add the zone: ${found}Z.` : ''}`;
}

function explainPointer(found: Json): string {
  const meant = typeof found === 'string' ? pointerMeant(found) : null;
  const remedy = meant === null ? '' : ` Did you mean ${quoted(meant)}?`;
  return `Expected a pointer such as /bubble_text or /style_params/width, found ${shown(found)}.${remedy}`;
}

/** Null for what is no path, or begins with nothing that resembles a field. */
function pointerMeant(path: string): string | null {
  if (!/^\w+([./]\w+)*$/.test(path)) return null;
  const [name = '', ...rest] = path.split(/[./]/);
  const field = closestName(name, ignorable);
  return field === null ? null : toPointer([field, ...rest]);
}

export interface FoundValue {
  readonly segments: Segments;
  readonly found: Json;
  /** The value as it stands in the file. */
  readonly written: string;
}

/** The expectation of the schema: `type` is a name or a list of names. */
export interface Expected {
  readonly type: unknown;
  readonly format: unknown;
}

export function explainType({ segments, found, written }: FoundValue, expected: Expected): Said {
  const types = [expected.type].flat() as string[];
  const kinds = oneOf(types.flatMap((type) => kindNames[type] ?? [type]));
  // In quotes it would only be refused again.
  const isOfForm =
    typeof expected.format === 'string' && !isJsonObject(found) && !Array.isArray(found);
  // A finding about a value on several lines points at its key; fields on lines end where the next line begins.
  const line = written.trimEnd();
  const isKey = line.replace(/^(["'])(.*)\1$/, '$2') === segments.at(-1);
  const asText = isKey || line.includes('\n') || expected.format !== undefined ? null : line;
  return {
    summary: `${shownField(segments)} must be ${kinds}, not ${kindOf(found)}`,
    detail: isOfForm
      ? explainFormat(segments, found, expected.format).detail
      : `Expected ${kinds}, found ${shown(found)}. ${remedyForText(found, types, asText) ?? remedy({ segments, found, written }, types)}`,
  };
}

const kindNames: Readonly<Record<string, readonly string[]>> = {
  string: ['a text'],
  boolean: ['true', 'false'],
  array: ['a list'],
  object: ['a set of fields'],
  null: ['null'],
};

function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (isJsonObject(value)) return 'a set of fields';
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'number' ? 'a number' : 'a text';
}

/** `a`, `a or b`, `a, b or c`. */
function oneOf(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)]
    .filter((part) => part !== '')
    .join(' or ');
}

/** `- Hours: 9 to 5`, `{{name}}`: a text that YAML takes for fields or a list. */
function remedyForText(found: Json, types: readonly string[], written: string | null) {
  const isText = types.includes('string') && (isJsonObject(found) || Array.isArray(found));
  if (!isText || written === null) return null;
  const example = written.length > 60 ? '' : `: ${printable(doubleQuoted(written))}`;
  return `If a text is meant, put it in quotes${example}. Else correct the value, or remove it.`;
}

function remedy({ segments, found, written }: FoundValue, types: readonly string[]): string {
  if (found === null)
    return isForApi(segments) ? remedyForNull(types) : remedyForEmptySetting(segments, types);
  if (types.includes('string') && (typeof found === 'number' || typeof found === 'boolean')) {
    return `Quote it: "${quoted(written)}".`;
  }
  if (types.includes('boolean') && typeof found === 'string') {
    return /^(yes|no|on|off|true|false)$/i.test(found)
      ? 'YAML 1.2 has true and false only, without quotes.'
      : 'Write true or false, without quotes.';
  }
  if (types.includes('array')) {
    return isJsonObject(found)
      ? 'Write a list: its entries on lines of their own, each behind a - .'
      : `Write a list: [${quoted(typeof found === 'string' ? flowValue(found, 'pleasant') : doubleQuoted(written))}].`;
  }
  if (types.includes('object')) return 'Write fields below it, such as width: 4, or {} for none.';
  return 'Correct the value, or remove the field to leave it alone.';
}

/** What a file inherits and how the widget is kept is never sent. */
function isForApi([first = '']: Segments): boolean {
  return !['sync', 'extends', 'omit'].includes(first);
}

function remedyForEmptySetting([first]: Segments, types: readonly string[]): string {
  if (first === 'extends') return 'Write a path, such as ../_brand.yaml, or remove the line.';
  if (first === 'omit') return 'Write pointers, such as [/bubble_text], or remove the line.';
  const what = types.includes('object')
    ? 'fields below it'
    : (kindNames[types[0] ?? '']?.join(' or ') ?? 'a value');
  return `Write ${what}, or remove the line.`;
}

function remedyForNull(types: readonly string[]): string {
  const unset = 'or remove the field to leave it alone';
  if (types.includes('object'))
    return `The API does not accept null here: write {} to empty it, ${unset}.`;
  if (types.includes('array'))
    return `The API does not accept null here: write [] to empty it, ${unset}.`;
  if (types.includes('boolean')) return `Write true or false, ${unset}.`;
  return 'Write a text.';
}
