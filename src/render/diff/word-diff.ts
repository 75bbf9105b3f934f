// Two lines of text, word by word: one below the other where they are short, and else each difference
// with what stands around it.
import { printable } from '../../base/text.ts';
import { diffSequence } from './diff-sequence.ts';
import { lookAlike, telling, toldApart } from './look-alike.ts';
import { shared } from './pair-similar.ts';
import { leftOut } from './rows.ts';
import { signsOf, tokensOf } from './text-tokens.ts';
import type { Paints } from './value-swatch.ts';

const longestLine = 72;

export function isLongLine(text: string): boolean {
  return text.length > longestLine && [...text].length > longestLine;
}

export function removedLine(text: string, colours: Paints): string {
  return colours.red(text === '' ? '-' : `- ${text}`);
}

export function addedLine(text: string, colours: Paints): string {
  return colours.green(text === '' ? '+' : `+ ${text}`);
}

/** Both whole. */
export function renderWordsShort(from: string, to: string, colours: Paints): [string, string] {
  return twoLines(piecesOf(from, to), colours);
}

/** Each difference as two lines, with what is left out between them. */
export function renderWords(from: string, to: string, colours: Paints): string[] {
  const lines: string[] = [];
  let hunk: Piece[] = [];
  const flush = () => {
    if (hunk.length > 0) lines.push(...twoLines(hunk, colours));
    hunk = [];
  };
  const pieces = piecesOf(from, to);
  for (const [index, piece] of pieces.entries()) {
    const around = { hasBefore: index > 0, hasAfter: index + 1 < pieces.length };
    const mayCut = piece.kind === 'equal' && !colours.isFull;
    const shown = mayCut ? shownEnds(piece, around) : null;
    if (shown === null) {
      hunk.push(piece);
      continue;
    }
    if (shown.head !== '') hunk.push(equalPiece(shown.head));
    flush();
    lines.push(leftOut(shown.hidden, 'character', colours));
    if (shown.tail !== '') hunk.push(equalPiece(shown.tail));
  }
  flush();
  return lines;
}

/** Texts as they stand in the two lines; of an equal piece they are the same. */
export interface Piece {
  readonly kind: 'equal' | 'changed';
  readonly from: string;
  readonly to: string;
}

function equalPiece(text: string): Piece {
  return { kind: 'equal', from: text, to: text };
}

/** White space alone does not part two changes: what is replaced is a phrase then. */
export function piecesOf(from: string, to: string): Piece[] {
  const [before, after] = [tokensOf(from), tokensOf(to)];
  // What a few small words would tear apart is easier to read whole.
  if (shared(wordsOf(before), wordsOf(after)) < leastShared) return [{ kind: 'changed', from, to }];
  const stretches = diffSequence(before, after).map((stretch) => ({
    kind: stretch.kind,
    from: before.slice(stretch.from.start, stretch.from.end).join(''),
    to: after.slice(stretch.to.start, stretch.to.end).join(''),
  }));
  const pieces: Piece[] = [];
  for (const [index, piece] of stretches.entries()) {
    const isInside = index > 0 && index + 1 < stretches.length;
    const isGap = piece.kind === 'equal' && isInside && piece.from.trim() === '';
    const last = pieces.at(-1);
    if (last?.kind === 'changed' && (isGap || piece.kind === 'changed')) {
      pieces.pop();
      pieces.push({ kind: 'changed', from: last.from + piece.from, to: last.to + piece.to });
    } else pieces.push(piece);
  }
  return pieces;
}

const leastShared = 0.2;

function wordsOf(tokens: readonly string[]): string[] {
  return tokens.filter((token) => token.trim() !== '');
}

const contextLength = 28;
/** Less is not worth a line that says how much it is. */
const leastLeftOut = 40;

/** Null where the whole piece is to be shown. */
export function shownEnds(
  { from }: Piece,
  { hasBefore, hasAfter }: { readonly hasBefore: boolean; readonly hasAfter: boolean },
) {
  const head = hasBefore ? contextOf(from.slice(0, farther), 'start') : '';
  const tail = hasAfter ? contextOf(from.slice(-farther), 'end') : '';
  if (from.length < head.length + tail.length + leastLeftOut) return null;
  const hidden = [...from.slice(head.length, from.length - tail.length)].length;
  return hidden < leastLeftOut ? null : { head, tail, hidden };
}

/** A context is found within so many UTF-16 units: the others need not be parted into words. */
const farther = 1024;

/** Whole words; of a longer word, a part. */
function contextOf(text: string, from: 'start' | 'end'): string {
  const inOrder = (parts: string[]) => (from === 'start' ? parts : parts.reverse());
  const take = (parts: string[]) => {
    const taken: string[] = [];
    let length = 0;
    for (const part of inOrder(parts)) {
      length += [...part].length;
      if (length > contextLength) break;
      taken.push(part);
    }
    return inOrder(taken).join('');
  };
  const words = take(tokensOf(text));
  const context = words.trim() === '' ? take(signsOf(text)) : words;
  // White space towards what is left out tells nothing.
  return from === 'start' ? context.trimEnd() : context.trimStart();
}

function twoLines(pieces: readonly Piece[], colours: Paints): [string, string] {
  const whole = (side: 'from' | 'to') => pieces.map((piece) => piece[side]).join('');
  const [from, to] = [whole('from'), whole('to')];
  if (lookAlike(from, to) || endOf(from) !== endOf(to)) {
    const [before, after] = toldApart(from, to);
    return [removedLine(before, colours), addedLine(after, colours)];
  }
  // A line that is new as a whole has no part to point at.
  const hasEqual = pieces.some(({ kind }) => kind === 'equal');
  const marked = (side: 'from' | 'to') =>
    pieces
      .map((piece) => {
        if (piece.kind === 'equal') return printable(piece[side]);
        const text = telling(printable(piece[side]));
        return hasEqual && text !== '' ? colours.inverse(text) : text;
      })
      .join('');
  return [
    removedLine(from === '' ? '""' : marked('from'), colours),
    addedLine(to === '' ? '""' : marked('to'), colours),
  ];
}

/** White space at the end of a line, which only quotes show. */
function endOf(text: string): string {
  return text.slice(text.trimEnd().length);
}
