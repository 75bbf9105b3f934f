// Finds the place where a text stops being JSON. `JSON.parse` says so only in some of its messages, and
// FastAPI names the offset in `loc` whenever a body cannot be read.

type Expected = 'value' | 'first-item' | 'key' | 'first-key' | 'colon' | 'comma-or-end';
type Closer = ']' | '}';

const whitespace = /[ \t\n\r]*/y;
const token =
  /("(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|[{}[\],:]/uy;

/**
 * The offset (UTF-16 units) of the first thing that cannot stand where it stands, or null when the text is
 * JSON.
 */
export function jsonErrorOffset(text: string): number | null {
  const open: Closer[] = [];
  let expected: Expected = 'value';
  let at = skip(whitespace, text, 0);
  while (at < text.length) {
    token.lastIndex = at;
    const found = token.exec(text);
    const next: Expected | null = found === null ? null : step(expected, found, open);
    if (next === null) return at;
    expected = next;
    at = skip(whitespace, text, token.lastIndex);
  }
  return expected === 'comma-or-end' && open.length === 0 ? null : text.length;
}

/** The tokens that may follow this one, or null when it may not stand here. Keeps `open` in step. */
function step(expected: Expected, found: RegExpExecArray, open: Closer[]): Expected | null {
  const [symbol, string, scalar] = found;
  const isKeyPlace = expected === 'key' || expected === 'first-key';
  const isValuePlace = expected === 'value' || expected === 'first-item';
  if (string !== undefined && isKeyPlace) return 'colon';
  if ((string ?? scalar) !== undefined) return isValuePlace ? 'comma-or-end' : null;
  switch (symbol) {
    case '{':
    case '[':
      if (!isValuePlace) return null;
      open.push(symbol === '{' ? '}' : ']');
      return symbol === '{' ? 'first-key' : 'first-item';
    case ':':
      return expected === 'colon' ? 'value' : null;
    case ',':
      if (expected !== 'comma-or-end' || open.length === 0) return null;
      return open.at(-1) === '}' ? 'key' : 'value';
    default:
      return closes(expected, symbol) && open.pop() === symbol ? 'comma-or-end' : null;
  }
}

function closes(expected: Expected, symbol: string): boolean {
  return expected === 'comma-or-end' || expected === (symbol === '}' ? 'first-key' : 'first-item');
}

function skip(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  pattern.exec(text);
  return pattern.lastIndex;
}
