// The YAML library's errors about a text's form → findings that stand where the mistake was
// made: the library reports many a mistake only where it can go on no longer.
import {
  type CST,
  type Document,
  isCollection,
  isScalar,
  Lexer,
  visit,
  type YAMLError,
} from 'yaml';
import type { Finding } from '../../model/document.ts';
import { errorAt, quoted } from './finding.ts';
import type { SourceText } from './source-text.ts';
import { explainSyntax, indentation, type Mistake, unclosedQuote } from './syntax-words.ts';

/** Each is looked for in the whole text. */
const mostErrors = 100;

/** At most one finding a line, and ten in all: what follows a syntax error is mostly its echo. */
export function syntaxFindings(
  document: Document.Parsed,
  all: readonly YAMLError[],
  source: SourceText,
): Finding[] {
  if (all.length === 0) return [];
  const errors = all.slice(0, mostErrors);
  const scene: Scene = {
    source,
    pieces: piecesOf(document),
    comments: gluedComments(source.text),
    longKeys: new Set(errors.filter(isLongKey).map(({ pos }) => pos[0])),
  };
  const byLine = new Map<number, Finding>();
  for (const mistake of beforeEcho(errors.flatMap((error) => placed(error, scene) ?? []))) {
    const finding = findingOf(mistake, scene);
    if (!byLine.has(finding.range.start.line)) byLine.set(finding.range.start.line, finding);
    if (byLine.size === 10) break;
  }
  return [...byLine.values()];
}

/** The text after an opening that is not closed was read as something else than was meant. */
function beforeEcho(mistakes: readonly PlacedMistake[]): readonly PlacedMistake[] {
  const open = (kind: Mistake['kind']) => mistakes.find((mistake) => mistake.kind === kind);
  // A quote left open may hide the bracket's end.
  const opening = open('quote') ?? open('bracket');
  if (opening === undefined) return mistakes;
  const others = mistakes.filter(({ kind, at }) => kind !== 'bracket' && at[0] < opening.at[0]);
  return [opening, ...others];
}

type Span = readonly [start: number, end: number];

interface PlacedMistake extends Mistake {
  readonly at: Span;
}

interface Scene {
  readonly source: SourceText;
  /** In the order of their beginnings. */
  readonly pieces: readonly Piece[];
  readonly comments: readonly Comment[];
  /** The starts of keys that take several lines. */
  readonly longKeys: ReadonlySet<number>;
}

/** A text in quotes, or what stands between brackets. */
interface Piece {
  readonly kind: 'quote' | 'bracket';
  readonly at: Span;
  readonly isClosed: boolean;
}

interface Comment {
  readonly start: number;
  readonly text: string;
}

/** Null for what another error says better. */
function placed(error: YAMLError, scene: Scene): PlacedMistake | null {
  const { pos } = error;
  // A key of several lines is told once, and as what it is.
  if (error.code === 'BLOCK_AS_IMPLICIT_KEY' && scene.longKeys.has(pos[0])) return null;
  const { text } = scene.source;
  // The library's own message carries its own excerpt after the first line.
  const [message = ''] = error.message.split('\n');
  const mistake = explainSyntax(message.replace(/ at line \d+, column \d+:?$/, ''));
  const around = scene.pieces
    .filter(({ kind, isClosed, at }) => kind === mistake.kind && !isClosed && at[0] < pos[0])
    .at(-1)?.at[0];
  if (mistake.kind === 'quote' || mistake.kind === 'bracket') {
    if (around === undefined) return { ...mistake, at: pos };
    return (
      eatenBracket(mistake, [around, pos[0]], scene) ?? { ...mistake, at: [around, around + 1] }
    );
  }
  if (mistake.kind === 'indentation') return { ...mistake, at: firstWord(text, pos[0]) };
  // The text that is taken for one key stands behind something on its line: only its last line is meant.
  if (isLongKey(error) && !startsLine(text, pos[0])) {
    return { ...indentation(), at: firstWord(text, pos[1] - 1) };
  }
  return quoteLeftOpen(pos[0], scene) ?? { ...mistake, at: pos };
}

/** A bracket that stands in a comment is looked for in vain where it opens. */
function eatenBracket(mistake: Mistake, [opening, end]: Span, scene: Scene): PlacedMistake | null {
  const closing = scene.source.text[opening] === '[' ? ']' : '}';
  const eaten = scene.comments.find(
    ({ start, text }) => start > opening && start < end && text.includes(closing),
  );
  if (eaten === undefined) return null;
  return {
    ...mistake,
    summary: `what follows # is a comment, the ${closing} within it too`,
    detail: 'Put the text that the # belongs to in quotes, so that the bracket is closed after it.',
    at: [eaten.start, eaten.start + eaten.text.length],
  };
}

/** Text behind a closing quote, where that was meant to open: the one before it was left open lines above. */
function quoteLeftOpen(at: number, { pieces, source: { text } }: Scene): PlacedMistake | null {
  const before = text.slice(0, at).trimEnd().length;
  const piece = pieces.find(({ kind, at: [, end] }) => kind === 'quote' && end === before);
  if (piece === undefined || !text.slice(...piece.at).includes('\n')) return null;
  const [start] = piece.at;
  return { ...unclosedQuote(text[start] ?? '"'), at: [start, start + 1] };
}

function findingOf({ kind, summary, detail, at }: PlacedMistake, scene: Scene): Finding {
  const hint = kind === 'quote' ? '' : hintNear(at[0], scene);
  return errorAt(scene.source.range(...at), 'yaml-syntax', {
    summary: `not well-formed YAML: ${summary}`,
    detail: `${detail}${hint}`,
  });
}

/** A comment behind the place or on the line above it may have eaten what is missed. */
function hintNear(start: number, { source, comments }: Scene): string {
  const lineOf = (at: number) => source.range(at, at).start.line;
  const near = comments.find(({ start: at }) =>
    at > start ? lineOf(at) === lineOf(start) : lineOf(at) === lineOf(start) - 1,
  );
  if (near === undefined) return '';
  return ` ${quoted(near.text)} is read as a comment: if the # belongs to a text, put that text in quotes.`;
}

function isLongKey({ code }: YAMLError): boolean {
  return code === 'MULTILINE_IMPLICIT_KEY';
}

function startsLine(text: string, at: number): boolean {
  return text.slice(text.lastIndexOf('\n', at - 1) + 1, at).trim() === '';
}

function firstWord(text: string, at: number): Span {
  const line = text.lastIndexOf('\n', at - 1) + 1;
  const [blank = '', word = ''] = /^[ \t]*(\S*)/.exec(text.slice(line)) ?? [];
  return [line + blank.length - word.length, line + blank.length];
}

function piecesOf(document: Document.Parsed): Piece[] {
  const pieces: Piece[] = [];
  visit(document, {
    Node: (_, node) => {
      const { range, srcToken } = node;
      if (!range) return;
      const at: Span = [range[0], range[1]];
      if (isScalar(node) && node.type?.startsWith('QUOTE')) {
        pieces.push({ kind: 'quote', at, isClosed: isClosedText(srcToken) });
      }
      if (isCollection(node) && srcToken?.type === 'flow-collection') {
        const closing = srcToken.start.source === '[' ? ']' : '}';
        pieces.push({ kind: 'bracket', at, isClosed: srcToken.end[0]?.source === closing });
      }
    },
  });
  return pieces.sort((a, b) => a.at[0] - b.at[0]);
}

function isClosedText(token: CST.Token | undefined): boolean {
  const source = token !== undefined && 'source' in token ? token.source : '';
  return source.length > 1 && source.at(-1) === source[0];
}

/** Comments without a space behind their `#`. */
function gluedComments(text: string): Comment[] {
  const comments: Comment[] = [];
  let start = 0;
  let before = '';
  for (const lexeme of new Lexer().lex(text)) {
    // The lexer announces a text by a sign, and one of several lines may begin with #.
    if (before !== announcesText && /^#+[^#\s]/.test(lexeme)) {
      comments.push({ start, text: lexeme.trimEnd() });
    }
    if (!signs.includes(lexeme)) start += lexeme.length;
    before = lexeme;
  }
  return comments;
}

/** The lexer says these beside the text itself; no file holds such characters. */
const announcesText = '\x1f';
const signs = ['\x02', '\x18', announcesText];
