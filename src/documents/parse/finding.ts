// How a finding is made and how a value from a file is shown in one: always printable, never long.
import type { Json } from '../../base/json/json.ts';
import { printable, shorten } from '../../base/text.ts';
import type { Finding, Range } from '../../model/document.ts';
import { nameOfPath } from '../../model/field-name.ts';
import type { ProblemCode } from '../../model/problem-codes.ts';

/** Where a finding points to: a field's name, or what stands behind it. */
export type Part = 'key' | 'value';

/** A place in a body, whatever files its fields stand in. */
export interface BodyPlace {
  /** A JSON Pointer into the body and `sync`. */
  readonly pointer: string;
  readonly part: Part;
}

export interface BodyFinding extends Omit<Finding, 'range'>, BodyPlace {}

/** The words of a finding, apart from its place. */
export interface Said {
  readonly summary: string;
  readonly detail: string;
}

export function errorAt(range: Range, code: ProblemCode, said: Said): Finding;
export function errorAt(at: BodyPlace, code: ProblemCode, said: Said): BodyFinding;
export function errorAt(at: Range | BodyPlace, code: ProblemCode, said: Said) {
  return found({ severity: 'error', code, ...said }, at);
}

export function warningAt(range: Range, code: ProblemCode, said: Said): Finding;
export function warningAt(at: BodyPlace, code: ProblemCode, said: Said): BodyFinding;
export function warningAt(at: Range | BodyPlace, code: ProblemCode, said: Said) {
  return found({ severity: 'warning', code, ...said }, at);
}

export function noteAt(at: BodyPlace, code: ProblemCode, said: Said): BodyFinding {
  return { severity: 'note', code, ...at, ...said };
}

function found(said: Omit<Finding, 'range'>, at: Range | BodyPlace): Finding | BodyFinding {
  return 'pointer' in at ? { ...said, ...at } : { ...said, range: at };
}

export function valueIn(pointer: string): BodyPlace {
  return { pointer, part: 'value' };
}

/** Puts a body's findings where one file has the fields. */
export function placed(
  findings: readonly BodyFinding[],
  { place }: { place(pointer: string, part: Part): Range },
): Finding[] {
  return findings.map(({ pointer, part, ...said }) => ({ ...said, range: place(pointer, part) }));
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
