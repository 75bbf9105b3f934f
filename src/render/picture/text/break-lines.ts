// Breaks a text into lines by estimated widths: an SVG has no line breaking of its own.
import { type Font, textWidth } from './text-width.ts';

interface Room {
  /** In px. */
  readonly width: number;
  /** The last line that is shown ends in an ellipsis where more follows. */
  readonly mostLines: number;
}

/** The lines of a text that stands on one line (`plainText`); none for an empty one. */
export function breakLines(text: string, font: Font, { width, mostLines }: Room): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const piece of piecesOf(text)) {
    for (const part of fitting(piece, font, width)) {
      const more = textWidth(part, font);
      // White space that ends a line hangs over it.
      if (line !== '' && used + textWidth(part.trimEnd(), font) > width) {
        lines.push(line.trimEnd());
        if (lines.length > mostLines) return withEllipsis(lines.slice(0, mostLines), font, width);
        line = '';
        used = 0;
      }
      line += part;
      used += more;
    }
  }
  if (line.trim() !== '') lines.push(line.trimEnd());
  return lines.length > mostLines ? withEllipsis(lines.slice(0, mostLines), font, width) : lines;
}

/** The text on one line, cut to the width with an ellipsis. */
export function fitLine(text: string, font: Font, width: number): string {
  if (textWidth(text, font) <= width) return text;
  return `${cutToWidth(text, font, width - textWidth('…', font))}…`;
}

function withEllipsis(lines: readonly string[], font: Font, width: number): string[] {
  const last = lines.at(-1) ?? '';
  const cut = cutToWidth(last, font, width - textWidth('…', font));
  return [...lines.slice(0, -1), `${cut.replace(/[\s.,:;…]+$/u, '')}…`];
}

function cutToWidth(text: string, font: Font, width: number): string {
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += textWidth(segment, font);
    if (used > width) break;
    kept += segment;
  }
  return kept.trimEnd();
}

const graphemes = new Intl.Segmenter('en');
const words = new Intl.Segmenter('en', { granularity: 'word' });

/** Scripts that are written without spaces: a line may break between their words. */
const spaceless =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u3000-\u303f\uff01-\uff60]/u;

/** What stands with the word before it, as `。` and `)` do. */
const closing = /^[\p{Pe}\p{Pf}\p{Po}\p{Sk}\u30fc\u3005\u2026%]/u;
const opening = /[\p{Ps}\p{Pi}¿¡]$/u;

/** Parts of the text between which a line may break, each with the white space behind it. */
function piecesOf(text: string): string[] {
  const spaced = text.match(/\S+\s*|\s+/gu) ?? [];
  return spaced.flatMap((chunk) => {
    if (spaceless.test(chunk)) return brokenWords(chunk);
    // A hyphen or a slash between letters, as in "front-desk" or an address.
    return chunk.split(/(?<=[\p{L}\p{N}][-–—/])(?=[\p{L}\p{N}])/u);
  });
}

function brokenWords(chunk: string): string[] {
  const pieces: string[] = [];
  for (const { segment } of words.segment(chunk)) {
    const last = pieces.at(-1);
    const isBound =
      last === undefined ||
      /^\s/u.test(segment) ||
      closing.test(segment) ||
      opening.test(last) ||
      !(spaceless.test(segment) || spaceless.test(last.at(-1) ?? ''));
    if (isBound) pieces[Math.max(0, pieces.length - 1)] = (last ?? '') + segment;
    else pieces.push(segment);
  }
  return pieces;
}

/** A piece that no line holds is broken between its characters. */
function fitting(piece: string, font: Font, width: number): string[] {
  if (textWidth(piece.trimEnd(), font) <= width) return [piece];
  const parts: string[] = [''];
  let used = 0;
  for (const { segment } of graphemes.segment(piece)) {
    const more = textWidth(segment, font);
    if (used + more > width && parts.at(-1) !== '' && !closing.test(segment)) {
      parts.push('');
      used = 0;
    }
    parts[parts.length - 1] += segment;
    used += more;
  }
  return parts;
}
