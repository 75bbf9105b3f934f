// Breaks a text into lines by estimated widths: an SVG has no line breaking of its own.
import { charactersOf } from './characters.ts';
import { type Font, textWidth } from './text-width.ts';

interface Room {
  /** In px. */
  readonly width: number;
  readonly mostLines: number;
}

/**
 * The lines of a text that stands on one line (`plainText`); none for an empty one. Where there are more
 * than fit, the last one ends in an ellipsis.
 */
export function breakLines(text: string, font: Font, room: Room): string[] {
  return keepLines(allLines(text, font, room), font, room);
}

/** The first of the lines that were broken for more of them. */
export function keepLines(
  lines: readonly string[],
  font: Font,
  { width, mostLines }: Room,
): string[] {
  if (lines.length <= mostLines) return [...lines];
  const last = lines[mostLines - 1] ?? '';
  const cut = cutToWidth(last, font, width - textWidth('…', font));
  return [...lines.slice(0, mostLines - 1), `${cut.replace(/[\s.,:;…]+$/u, '')}…`];
}

/** One more line than there is room for tells that something follows. */
function allLines(text: string, font: Font, { width, mostLines }: Room): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const piece of piecesOf(text)) {
    for (const part of fitting(piece, font, width)) {
      // White space that ends a line hangs over it.
      if (line !== '' && used + textWidth(part.trimEnd(), font) > width) {
        lines.push(line.trimEnd());
        if (lines.length > mostLines) return lines;
        line = '';
        used = 0;
      }
      line += part;
      used += textWidth(part, font);
    }
  }
  return line.trim() === '' ? lines : [...lines, line.trimEnd()];
}

/** The text on one line, cut to the width with an ellipsis. */
export function fitLine(text: string, font: Font, width: number): string {
  if (textWidth(text, font) <= width) return text;
  return `${cutToWidth(text, font, width - textWidth('…', font))}…`;
}

function cutToWidth(text: string, font: Font, width: number): string {
  let kept = '';
  let used = 0;
  for (const character of charactersOf(text)) {
    used += textWidth(character, font);
    if (used > width) break;
    kept += character;
  }
  return kept.trimEnd();
}

const words = new Intl.Segmenter('en', { granularity: 'word' });

/** Scripts that are written without spaces: a line may break between their words. */
const spaceless =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u3000-\u303f\uff01-\uff60]/u;

/** What stands with the word before it, as `。` and `)` do, in French also behind a space. */
const closing = /^[\p{Pe}\p{Pf}.,:;!?…%‰、。，．：；！？％‥・ー々〻،؛؟।॥]/u;
const opening = /[\p{Ps}\p{Pi}¿¡]$/u;

/**
 * Parts of the text between which a line may break, each with the white space behind it. One after the
 * other, since mostly a few lines are all that is shown of a text.
 */
function* piecesOf(text: string): Generator<string> {
  let piece = '';
  for (const [chunk] of text.matchAll(/\S+\s*|\s+/gu)) {
    // A dash between two clauses ends a line.
    let isBound = closing.test(chunk) || /^[-–—]\s/u.test(chunk);
    for (const part of spaceless.test(chunk) ? brokenWords(chunk) : hyphenated(chunk)) {
      if (!isBound && piece !== '') {
        yield piece;
        piece = '';
      }
      piece += part;
      isBound = false;
    }
  }
  if (piece !== '') yield piece;
}

/** A hyphen or a slash between letters, as in "front-desk" or an address. */
function hyphenated(chunk: string): string[] {
  return chunk.split(/(?<=[\p{L}\p{N}][-–—/])(?=[\p{L}\p{N}])/u);
}

function* brokenWords(chunk: string): Generator<string> {
  let piece = '';
  let last = '';
  for (const { segment } of words.segment(chunk)) {
    const isBound =
      closing.test(segment) ||
      /^\s/u.test(segment) ||
      opening.test(last) ||
      !(spaceless.test(segment) || spaceless.test(last));
    if (!isBound && piece !== '') {
      yield piece;
      piece = '';
    }
    piece += segment;
    last = segment.slice(-2);
  }
  if (piece !== '') yield piece;
}

/**
 * A piece that no line holds is broken between its characters. A closing sign takes the character before
 * it along to the next line, unless that one is a closing sign too.
 */
function fitting(piece: string, font: Font, width: number): string[] {
  if (textWidth(piece.trimEnd(), font) <= width) return [piece];
  const parts: string[][] = [];
  let part: string[] = [];
  let used = 0;
  for (const character of charactersOf(piece)) {
    const more = textWidth(character, font);
    if (part.length > 0 && used + more > width) {
      const last = part.at(-1) ?? '';
      const goesAlong = closing.test(character) && !closing.test(last) && part.length > 1;
      const next = goesAlong ? part.splice(-1) : [];
      parts.push(part);
      part = next;
      used = textWidth(next.join(''), font);
    }
    part.push(character);
    used += more;
  }
  return [...parts, part].map((characters) => characters.join(''));
}
