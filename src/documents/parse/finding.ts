// How a finding is made and how a value from a file is shown in one: always printable, never long.
import type { Json } from '../../base/json/json.ts';
import { printable, shorten } from '../../base/text.ts';
import type { Finding, Range } from '../../model/document.ts';
import { nameOfPath } from '../../model/field-name.ts';
import type { ProblemCode } from '../../model/problem-codes.ts';

/** The words of a finding, apart from its place. */
export interface Said {
  readonly summary: string;
  readonly detail: string;
}

export function errorAt(range: Range, code: ProblemCode, said: Said): Finding {
  return { severity: 'error', code, range, ...said };
}

export function warningAt(range: Range, code: ProblemCode, said: Said): Finding {
  return { severity: 'warning', code, range, ...said };
}

export function noteAt(range: Range, code: ProblemCode, said: Said): Finding {
  return { severity: 'note', code, range, ...said };
}

/** A value as a person may be shown it: JSON, at most 60 characters. */
export function shown(value: Json): string {
  return printable(shorten(JSON.stringify(value), 60));
}

/** Text from a file as a person may be shown it, at most 60 characters. */
export function quoted(text: string): string {
  return printable(shorten(text, 60));
}

/** The name of a field, which may be any text, at most 60 characters. */
export function shownField(segments: readonly (string | number)[]): string {
  return shorten(nameOfPath(segments), 60);
}

export function byPlace(a: Finding, b: Finding): number {
  const [left, right] = [a.range.start, b.range.start];
  return left.line - right.line || left.column - right.column;
}
