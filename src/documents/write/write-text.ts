// A text → YAML in each style that can carry it, as the library `yaml` writes it, which also knows what
// readers of YAML 1.1 take for something else. Pure. A style that cannot carry a text answers null.
import { Document, Scalar, type ScalarTag, Schema, type SchemaOptions } from 'yaml';
import { stringifyString, stringTag } from 'yaml/util';
import { canonicalJson } from '../../base/json/json.ts';
import { NumberText } from '../../base/json/number-text.ts';

/** `quoted`: every text in double quotes, for when the pleasant form does not read back. */
export type TextStyle = 'pleasant' | 'quoted';

/** A text longer than this goes into lines of its own, of this width where it can be broken. */
const longestInline = 100;
const widestFoldedLine = 98;

/**
 * The library leaves these as they are, and only double quotes may hold them: line separators, byte order
 * marks, non-characters, and overrides of the reading direction, which let a text look like another one.
 */
const hidden = /[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/;
const eachHidden = new RegExp(hidden, 'g');

/** PyYAML refuses these without quotes, which the library leaves away. */
const notPlain = /^=$|\t/;
/** Lines that begin with a space are folded by other rules, which the library does not keep (2.9.1). */
const notFolded = /^[ \t]|[ \t]$/m;
/** A flag by the letter of YAML 1.1 alone, and a common key. */
const plainAfterAll = /^[yn]$/i;

/** Carries every text, on one line: a JSON string is YAML as well. */
export function doubleQuoted(text: string): string {
  return JSON.stringify(text).replace(
    eachHidden,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

type Write = NonNullable<ScalarTag['stringify']>;

/** In the style that the text is given, else in the form that is read with most ease. */
const pleasant: Write = (item, context, ...notices) => {
  const text = String(item.value);
  const type = item.type ?? (context.implicitKey || context.inFlow ? 'PLAIN' : styleOf(text));
  if (type === 'PLAIN' && plainAfterAll.test(text)) return text;
  if (hidden.test(text) || (type === 'PLAIN' && notPlain.test(text))) return doubleQuoted(text);
  const lineWidth = type === 'BLOCK_FOLDED' ? widestFoldedLine : 0;
  const given = { ...context, options: { ...context.options, lineWidth }, actualString: true };
  const found = stringifyString({ ...item, value: text, type }, given, ...notices);
  // If the style cannot carry the text, the library quotes it in ways of its own.
  return type === 'PLAIN' && found !== text ? doubleQuoted(text) : found;
};

function styleOf(text: string): Scalar.Type {
  if (text.trim() === '') return 'PLAIN';
  if (text.includes('\n')) return 'BLOCK_LITERAL';
  return text.length > longestInline && !notFolded.test(text) ? 'BLOCK_FOLDED' : 'PLAIN';
}

const schemas: Readonly<Record<TextStyle, Schema>> = {
  pleasant: schemaWith(pleasant),
  quoted: schemaWith(({ value }) => doubleQuoted(String(value))),
};

function schemaWith(stringify: Write): Schema {
  const texts: ScalarTag = { ...stringTag, stringify };
  // A number by its value: 1.10 would be read as 1.1 anyway, and looks like a version.
  const numbers: ScalarTag = {
    ...stringTag,
    identify: (value) => value instanceof NumberText,
    stringify: ({ value }) => canonicalJson(value as NumberText),
  };
  const customTags: SchemaOptions['customTags'] = (tags) => [
    ...tags.filter((tag) => tag !== stringTag),
    texts,
    numbers,
  ];
  return new Schema({ schema: 'core', compat: 'yaml-1.1', customTags });
}

/** The YAML of any value, without the last line's end; non-empty collections as lines, or in brackets. */
export function written(value: unknown, style: TextStyle, form: 'block' | 'flow'): string {
  const document = new Document(value, { schema: schemas[style], aliasDuplicateObjects: false });
  const options = {
    collectionStyle: form === 'flow' ? 'flow' : 'any',
    flowCollectionPadding: false,
    lineWidth: 0,
  } as const;
  return document.toString(options).slice(0, -1);
}

function inStyle(text: string, type: Scalar.Type, form: 'block' | 'flow'): string {
  const scalar = new Scalar(text);
  scalar.type = type;
  return form === 'flow'
    ? written([scalar], 'pleasant', 'flow').slice(1, -1)
    : written({ k: scalar }, 'pleasant', 'block').slice('k: '.length);
}

export function singleQuoted(text: string): string | null {
  const found = inStyle(text, 'QUOTE_SINGLE', 'block');
  return /^'.*'$/.test(found) ? found : null;
}

/** Without quotes. In flow collections brackets and commas end a text. */
export function plainText(text: string, place: 'block' | 'flow'): string | null {
  const found = inStyle(text, 'PLAIN', place);
  return found === text ? found : null;
}

/** How a block scalar stands in its file. */
export interface BlockLayout {
  /** Columns of the mapping or list that it stands in. */
  readonly parentIndent: number;
  /** Columns of its own lines: 1 to 9 more than the parent's. */
  readonly indent: number;
  readonly lineEnd: string;
}

export interface BlockText {
  /** `|`, `>2-` and the like. */
  readonly header: string;
  /** The lines below it, without the last line's end. */
  readonly body: string;
}

/** `|` or `>`; null for a text that such a block cannot carry. */
export function blockText(
  type: 'BLOCK_LITERAL' | 'BLOCK_FOLDED',
  text: string,
  { parentIndent, indent, lineEnd }: BlockLayout,
): BlockText | null {
  const depth = indent - parentIndent;
  if (text.trim() === '' || depth < 1 || depth > 9) return null;
  if (type === 'BLOCK_FOLDED' && notFolded.test(text)) return null;
  // The library indents by two columns.
  const [header = '', ...lines] = inStyle(text, type, 'block').split('\n');
  if (!/^[|>]/.test(header)) return null;
  const shifted = lines.map((line) => (line === '' ? '' : ' '.repeat(indent) + line.slice(2)));
  return { header: header.replace('2', String(depth)), body: shifted.join(lineEnd) };
}
