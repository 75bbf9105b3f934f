// A JSON value in lines: in one where it is short, member by member where it is not.
import { isJsonObject, type Json } from '../../base/json/json.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import { printable } from '../../base/text.ts';

const longestLine = 72;
/** Deeper is not written member by member: the margin would be wider than what is read. */
const deepest = 12;

export function jsonText(value: Json): string {
  return printable(stringifyJson(value));
}

/** A text of several lines stands as its lines, without quotes; a newline at its end is none. */
export function jsonLines(value: Json): string[] {
  if (typeof value === 'string' && value.trimEnd().includes('\n')) {
    return value.replace(/\n$/, '').split('\n').map(printable);
  }
  return linesOf(value, 0);
}

function linesOf(value: Json, depth: number): string[] {
  const text = jsonText(value);
  if (!isJsonObject(value) && !Array.isArray(value)) return [text];
  if (text.length <= longestLine || depth === deepest) return [text];
  const [open, close] = isJsonObject(value) ? '{}' : '[]';
  const members = isJsonObject(value)
    ? Object.entries(value).map(([key, member]) => named(key, linesOf(member, depth + 1)))
    : value.map((member) => linesOf(member, depth + 1));
  const inner = members.flatMap((lines, index) =>
    index + 1 < members.length ? withComma(lines) : lines,
  );
  return [`${open}`, ...inner.map((line) => `  ${line}`), `${close}`];
}

function named(key: string, [first = '', ...rest]: readonly string[]): string[] {
  return [`${jsonText(key)}: ${first}`, ...rest];
}

function withComma(lines: readonly string[]): string[] {
  return [...lines.slice(0, -1), `${lines.at(-1)},`];
}
