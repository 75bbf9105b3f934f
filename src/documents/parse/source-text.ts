// The text of one file with its lines: offsets become places that people can find. Knows no YAML.
import type { Position, Range } from '../../model/document.ts';

export interface SourceText {
  readonly text: string;
  /** The place of the characters from `start` up to, not including, `end`. */
  range(start: number, end: number): Range;
  /** The offset of a place; the inverse of `range`. */
  offset(position: Position): number;
  /** One line without its line break; '' beyond the last. */
  line(number: number): string;
}

/** The place of a problem that concerns a file as a whole. */
export const startOfFile: Range = { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };

export function sourceText(text: string): SourceText {
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    lineStarts.push(at + 1);
  }

  function position(offset: number): Position {
    const clamped = Math.max(0, Math.min(offset, text.length));
    const index = lastAtOrBelow(lineStarts, clamped);
    return { line: index + 1, column: clamped - (lineStarts[index] ?? 0) + 1 };
  }

  return {
    text,
    range: (start, end) => ({ start: position(start), end: position(Math.max(start, end)) }),
    offset: ({ line, column }) => (lineStarts[line - 1] ?? text.length) + column - 1,
    line(number) {
      const start = lineStarts[number - 1];
      if (start === undefined) return '';
      return text.slice(start, (lineStarts[number] ?? text.length + 1) - 1).replace(/\r$/, '');
    },
  };
}

/** Index of the last entry that is not above `limit`, in an ascending list that begins at or below it. */
function lastAtOrBelow(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((ascending[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}
