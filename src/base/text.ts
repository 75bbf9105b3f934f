// Text from files, on its way to a person.
import { hideRegistered, hideSecrets } from './secrets.ts';

/**
 * The text with everything a terminal would obey, or that would reorder it, written as an escape:
 * control characters, line separators, bidirectional overrides, lone surrogates.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    const code = character.charCodeAt(0);
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

// With the u flag a surrogate in a class matches only where it stands alone.
const unprintable =
  /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/gu;

/** Makes a text of several lines printable. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/**
 * An output with all that neither lays it out nor colours it written as an escape: what JSON leaves
 * as it is, though a terminal obeys it.
 */
export function withoutHidden(output: string): string {
  return output.replace(hidden, printable);
}

const hidden = /[\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * At most `length` characters (code points), the last one an ellipsis where something was cut. A key is
 * hidden before: half of one would not be known for it any more on its way out.
 */
export function shorten(text: string, length: number): string {
  const shown = hideRegistered(text);
  const characters = [...shown];
  return characters.length <= length ? shown : `${characters.slice(0, length - 1).join('')}…`;
}

/**
 * Text from elsewhere as one printable line of at most `length` characters: lines of its own would pass for
 * lines of what it stands in.
 */
export function oneLine(text: string, length: number): string {
  // Keys first: cutting the text could cut a key in two and leave one half unrecognised.
  const begin = hideSecrets(text).slice(0, length * mostCleaned);
  return shorten(printable(begin.replace(/\s+/g, ' ').trim()), length);
}

/** So many times what is shown is looked at: never megabytes. */
const mostCleaned = 8;

/** `1 widget`, `2 widgets`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

/**
 * `a, b, c`; of many the first `most`, and how many more: `a, b, 3 more`. One more is named, since that
 * takes no more room.
 */
export function listed(items: readonly string[], most: number, separator = ', '): string {
  const more = items.length - most;
  return (more > 1 ? [...items.slice(0, most), `${more} more`] : items).join(separator);
}

/** A file as the user would name it, below a directory as the user named that. */
export function pathIn(directory: string, file: string): string {
  if (directory === '' || directory === '.') return file;
  return directory.endsWith('/') ? `${directory}${file}` : `${directory}/${file}`;
}

/** As one word of a shell. */
export function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : shellText(text);
}

/** In the quotes of a shell. */
export function shellText(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
