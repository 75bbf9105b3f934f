// The part of a line that a problem points at, for a page.
import { hideSecrets } from '../../base/secrets.ts';
import type { Problem } from '../../model/document.ts';

/** One line of a file, or null where it cannot be had. */
export type SourceLine = (file: string, line: number) => string | null;

export interface Excerpt {
  readonly head: string;
  readonly marked: string;
  readonly tail: string;
}

const longestHead = 60;
const longestRest = 120;

/** Null where there is nothing to see, or a key stands in the file: cut, it would not be known for one. */
export function excerptOf({ code, file, range }: Problem, sourceLine: SourceLine): Excerpt | null {
  const { start, end } = range;
  const line = code === 'holds-key' ? null : sourceLine(file, start.line);
  if (line === null || line.trim() === '' || hideSecrets(line) !== line) return null;
  const from = start.column - 1;
  const to = end.line > start.line ? line.length : end.column - 1;
  return {
    head: from > longestHead ? `…${line.slice(from - 20, from)}` : line.slice(0, from),
    marked: cut(line.slice(from, to)),
    tail: cut(line.slice(Math.max(from, to))),
  };
}

function cut(text: string): string {
  return text.length > longestRest ? `${text.slice(0, longestRest)}…` : text;
}
