// One written value → the splices that put another value in its place, in its style where that can
// carry it. Pure. The caller reads the edited text back: a splice here may be wrong, a file may not.
import { isJsonObject, type Json } from '../../base/json/json.ts';
import { columnOf, lineEnd, lineStart, type Splice } from '../write/splice.ts';
import {
  type BlockText,
  blockText,
  doubleQuoted,
  plainText,
  singleQuoted,
  type TextStyle,
} from '../write/write-text.ts';
import { flowValue, inlineValue, isCollection, valueLines } from '../write/write-value.ts';
import { spanOf } from './entry-comments.ts';
import type { WrittenCollection, WrittenScalar, WrittenValue } from './source-map.ts';

export interface Manner {
  /** The whole text of the file. */
  readonly text: string;
  readonly lineEnd: string;
  readonly texts: TextStyle;
  /** Whether some alias outside the value stands for it, so that its anchor has to stay. */
  readonly isReferred: (value: WrittenValue) => boolean;
}

/** A line with a list or mapping in brackets is not made longer than this. */
const widestFlowLine = 90;

export function replaceValue(value: WrittenValue, wanted: Json, manner: Manner): Splice {
  return value.place === 'flow'
    ? replaceInFlow(value, wanted, manner)
    : replaceInBlock(value, wanted, manner);
}

/** Keeps the quotes, or the block and its indentation, where they can carry the wanted value. */
export function replaceScalar(value: WrittenScalar, wanted: Json, manner: Manner): Splice {
  const isBlock = value.style === 'BLOCK_LITERAL' || value.style === 'BLOCK_FOLDED';
  if (typeof wanted !== 'string') {
    const keepsForm = !isBlock && !value.hasTag && !isCollection(wanted);
    return keepsForm
      ? { start: value.bare, end: value.end, text: inlineValue(wanted, value.place, manner.texts) }
      : replaceValue(value, wanted, manner);
  }
  if (manner.texts === 'quoted') return replaceValue(value, wanted, manner);
  if (isBlock) return replaceBlockText(value, wanted, manner);
  const text =
    value.style === 'QUOTE_SINGLE'
      ? singleQuoted(wanted)
      : value.style === 'PLAIN'
        ? plainText(wanted, value.place)
        : null;
  if (text === null && value.style === 'PLAIN' && wanted.includes('\n')) {
    return replaceValue(value, wanted, manner);
  }
  return { start: value.bare, end: value.end, text: text ?? doubleQuoted(wanted) };
}

function replaceBlockText(value: WrittenScalar, wanted: string, manner: Manner): Splice {
  const { text } = manner;
  const parentIndent = Math.max(0, value.parentIndent);
  const layout = {
    parentIndent,
    indent: blockIndent(value, text) ?? parentIndent + 2,
    lineEnd: manner.lineEnd,
  };
  const folded = value.style === 'BLOCK_FOLDED' ? blockText('BLOCK_FOLDED', wanted, layout) : null;
  const written = folded ?? blockText('BLOCK_LITERAL', wanted, layout);
  if (written === null) return replaceValue(value, wanted, manner);
  const comment = headerComment(value, text);
  return { start: value.bare, end: value.end, text: asSource(written, comment, manner) };
}

function asSource({ header, body }: BlockText, comment: string, manner: Manner): string {
  return `${header}${comment}${manner.lineEnd}${body}`;
}

/** The columns of a block's lines, where its header or its first line tells. */
function blockIndent(value: WrittenScalar, text: string): number | null {
  const source = text.slice(value.bare, value.end);
  const given = /^[|>][-+]?(\d)/.exec(source)?.[1];
  if (given !== undefined) return Math.max(0, value.parentIndent) + Number(given);
  const first = /\n( *)[^ \r\n]/.exec(source)?.[1];
  return first === undefined ? null : first.length;
}

function replaceInFlow(value: WrittenValue, wanted: Json, manner: Manner): Splice {
  const written = `${keptAnchor(value, manner)}${flowValue(wanted, manner.texts)}`;
  if (value.kind !== 'empty') return { start: value.start, end: value.end, text: written };
  const colon = value.after === 'none' ? ':' : '';
  return { start: value.from, end: value.end, text: `${colon} ${written}` };
}

function replaceInBlock(value: WrittenValue, wanted: Json, manner: Manner): Splice {
  const { text } = manner;
  const anchor = keptAnchor(value, manner);
  const lines = blockForm(value, wanted, manner);
  if (lines === null) {
    const inline = `${anchor}${inlineValue(wanted, 'block', manner.texts)}`;
    const comment = headerComment(value, text);
    if (standsBelow(value, text)) {
      const { kept, end } = commentsAround(value, text);
      return { start: value.from, end, text: ` ${inline}${comment}${kept}` };
    }
    if (value.kind !== 'empty')
      return { start: value.start, end: value.end, text: inline + comment };
    const colon =
      value.after === 'none'
        ? `${manner.lineEnd}${' '.repeat(Math.max(0, value.parentIndent))}:`
        : '';
    return { start: value.from, end: value.end, text: `${colon} ${inline}` };
  }
  // The text behind the value on its line stays there, above the lines that are new.
  const end = lineEnd(text, value.end);
  const comment =
    standsBelow(value, text) || isBlockText(value)
      ? headerComment(value, text)
      : text.slice(value.end, end).trimEnd();
  const props = anchor === '' ? '' : ` ${anchor.trimEnd()}`;
  return { start: value.from, end, text: lines(props, comment) };
}

type BlockForm = (props: string, comment: string) => string;

/** How the wanted value is written on lines of its own; null where it goes on the key's line. */
function blockForm(value: WrittenValue, wanted: Json, manner: Manner): BlockForm | null {
  const { lineEnd: eol, texts } = manner;
  if (texts === 'quoted' || value.after === 'none') return null;
  const parentIndent = Math.max(0, value.parentIndent);
  if (typeof wanted === 'string') {
    const layout = { parentIndent, indent: parentIndent + 2, lineEnd: eol };
    const written = wanted.includes('\n') ? blockText('BLOCK_LITERAL', wanted, layout) : null;
    if (written === null) return null;
    return (props, comment) => `${props} ${asSource(written, comment, manner)}`;
  }
  if (!isCollection(wanted) || fitsInBrackets(value, wanted, manner)) return null;
  const indent = indentOfLines(value, wanted, manner.text);
  const entries = valueLines(wanted, { indent, lineEnd: eol, texts });
  const below = `${eol}${' '.repeat(indent)}`;
  return (props, comment) =>
    // On the dash's own line only where nothing else is to stand there.
    value.after === 'dash' && props === '' && comment === '' && indent === parentIndent + 2
      ? ` ${entries.join(below)}`
      : `${props}${comment}${entries.map((entry) => below + entry).join('')}`;
}

function fitsInBrackets(value: WrittenValue, wanted: Json, { text, texts }: Manner): boolean {
  if (value.kind !== 'list' && value.kind !== 'mapping') return false;
  const column = value.start - lineStart(text, value.start);
  return value.isFlow && column + flowValue(wanted, texts).length <= widestFlowLine;
}

/** Lines that are replaced by lines keep their column. */
function indentOfLines(value: WrittenValue, wanted: Json, text: string): number {
  const parentIndent = Math.max(0, value.parentIndent);
  const first = isLines(value) ? value.entries[0] : undefined;
  const column = first === undefined ? 0 : columnOf(text, first.start);
  const least = isJsonObject(wanted) || value.after === 'dash' ? parentIndent + 1 : parentIndent;
  return first !== undefined && column >= least ? column : parentIndent + 2;
}

function isLines(value: WrittenValue): value is WrittenCollection {
  return (value.kind === 'mapping' || value.kind === 'list') && !value.isFlow;
}

function isBlockText(value: WrittenValue): boolean {
  return value.kind === 'scalar' && value.style.startsWith('BLOCK');
}

/** Whether the value begins on a line below its key or dash. */
function standsBelow(value: WrittenValue, text: string): boolean {
  return value.kind !== 'empty' && text.slice(value.from, value.bare).includes('\n');
}

/** The comment on the line of a key or header whose value goes on below, with the space before it. */
function headerComment(value: WrittenValue, text: string): string {
  const from = isBlockText(value) ? value.bare : value.from;
  if (!isBlockText(value) && !standsBelow(value, text)) return '';
  return /[ \t]+#.*$/.exec(text.slice(from, lineEnd(text, from)))?.[0] ?? '';
}

interface CommentsAround {
  /** The comment on all entries: above the first one, and parted from it by an empty line. */
  readonly kept: string;
  /** The end of the last entry's comments. */
  readonly end: number;
}

function commentsAround(value: WrittenValue, text: string): CommentsAround {
  const first = isLines(value) ? spanOf(value, 0, text) : null;
  const last = isLines(value) ? spanOf(value, value.entries.length - 1, text) : null;
  if (first === null || last === null) return { kept: '', end: lineEnd(text, value.end) };
  const above = text.slice(lineEnd(text, value.from), first.leadStart);
  return { kept: above.trimEnd(), end: last.trailEnd };
}

function keptAnchor(value: WrittenValue, manner: Manner): string {
  return value.anchor !== null && manner.isReferred(value) ? `${value.anchor} ` : '';
}
