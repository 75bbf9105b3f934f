// How a finding is made and how a value from a file is shown in one: always printable, never long.
import type { Json } from '../../base/json/json.ts';
import { printable, shorten } from '../../base/text.ts';
import type { Finding, Range } from '../../model/document.ts';
import type { ProblemCode } from '../../model/problem-codes.ts';

/** What a finding says, apart from its place. */
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

/** A value as a person may be shown it: JSON, at most 60 characters. */
export function shown(value: Json): string {
  return printable(shorten(JSON.stringify(value), 60));
}

/** Text from a file as a person may be shown it, at most 60 characters. */
export function quoted(text: string): string {
  return printable(shorten(text, 60));
}

/** A field as people write it: `style_params.button.color`, `action_buttons[2]["a b"]`. */
export function fieldName(segments: readonly (string | number)[]): string {
  const name = segments.map((segment) => {
    if (/^\d+$/.test(String(segment))) return `[${segment}]`;
    return /^[\w-]+$/.test(String(segment)) ? `.${segment}` : `[${JSON.stringify(segment)}]`;
  });
  return quoted(name.join('').replace(/^\./, ''));
}

export function byPlace(a: Finding, b: Finding): number {
  const [left, right] = [a.range.start, b.range.start];
  return left.line - right.line || left.column - right.column;
}
