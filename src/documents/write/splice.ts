// Edits of a text by ranges: what no splice covers stays as it is, to the byte.

export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** If splices overlap, or insert at one place, only the first is made: look again afterwards. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const inOrder = [...splices].sort((a, b) => a.start - b.start || a.end - b.end);
  let result = '';
  let at = 0;
  let lastStart = -1;
  for (const { start, end, text: inserted } of inOrder) {
    if (start < at || start === lastStart) continue;
    result += text.slice(at, start) + inserted;
    at = end;
    lastStart = start;
  }
  return result + text.slice(at);
}

export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/** The start of the line's own end, `\r` included in it. */
export function lineEnd(text: string, at: number): number {
  const found = text.indexOf('\n', at);
  if (found === -1) return text.length;
  return text[found - 1] === '\r' && found > at ? found - 1 : found;
}

export function columnOf(text: string, at: number): number {
  return at - lineStart(text, at);
}

/** Whether nothing but blanks stands before it on its line. */
export function isAtLineStart(text: string, at: number): boolean {
  return text.slice(lineStart(text, at), at).trim() === '';
}
