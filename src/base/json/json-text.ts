// JSON as text, in which every number keeps the text it has. `JSON.parse` and `JSON.stringify` do the
// work, which makes it fast and exact about syntax: a number that they would change passes through them as
// a text under a mark. What is read may nest as deeply as it likes; what is written, some thousand levels.
import { randomUUID } from 'node:crypto';
import { losesText, NumberText } from './number-text.ts';

/** No text from outside can begin with it: it is drawn anew in each process. */
const mark = `number ${randomUUID()} `;

/** Throws `SyntaxError` where the text is not JSON. Of a key that stands twice, the last one counts. */
export function parseJsonText(text: string): unknown {
  const marked = mayLoseText.test(text) ? markNumbers(text) : text;
  const value: unknown = JSON.parse(marked);
  return marked === text ? value : withNumberTexts(value);
}

/** Does what `JSON.stringify` does, with `indent` spaces a level; none: on one line. */
export function stringifyJson(value: unknown, indent = 0): string {
  let isMarked = false;
  const replacer = function (this: Readonly<Record<string, unknown>>, key: string, plain: unknown) {
    // A NumberText arrives here as its toJSON gives it.
    const own = this[key];
    if (!(own instanceof NumberText)) return plain;
    isMarked = true;
    return mark + own.text;
  };
  const text = JSON.stringify(value, replacer, indent);
  return isMarked ? text.replaceAll(markedNumber, '$1') : text;
}

const markedNumber = new RegExp(`"${mark}([^"]*)"`, 'g');

/**
 * Whether a number may be among the few kinds that lose their text: with a fraction or an exponent, of 16
 * digits or more, or -0. Also finds these in texts, which costs time and nothing else.
 */
const mayLoseText = /(?:^|[[:,\s])-?(?:\d+(?:\.\d|[eE][-+\d])|\d{16}|(?<=-)0)/;

/** The text with each number that would lose its own text as a JSON string under the mark. */
function markNumbers(text: string): string {
  let marked = '';
  let done = 0;
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at);
    const stringStart = quote === -1 ? text.length : quote;
    // Between most strings there is a colon or a comma.
    if (stringStart - at > 1) {
      marked += text.slice(done, at);
      marked += text.slice(at, stringStart).replace(numberToken, markWhereLost);
      done = stringStart;
    }
    at = endOfString(text, stringStart);
  }
  return marked + text.slice(done);
}

// Not before a colon: a number is no key, and would become one.
const numberToken = /-?\d[\d.eE+-]*(?!\s*:)/g;
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function markWhereLost(token: string): string {
  // `JSON.parse` refuses what is no number.
  return losesText(token) && jsonNumber.test(token) ? `"${mark}${token}"` : token;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return text.length;
    if (!isEscaped(text, quote)) return quote + 1;
    at = quote + 1;
  }
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

/** Changes the value in place. A loop and no recursion: the value may nest as deeply as it likes. */
function withNumberTexts(value: unknown): unknown {
  const root = { value };
  const open: object[] = [root];
  for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
    for (const [key, child] of Object.entries(parent)) {
      if (typeof child === 'object' && child !== null) open.push(child);
      if (typeof child !== 'string' || !child.startsWith(mark)) continue;
      // Assigning would take `__proto__` for the prototype.
      const number = new NumberText(child.slice(mark.length));
      Object.defineProperty(parent, key, { value: number });
    }
  }
  return root.value;
}
