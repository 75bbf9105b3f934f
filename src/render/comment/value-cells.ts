// What becomes of one value, as the two cells of a table in a comment: what is there now, and what comes.
// Colours in backticks, which GitHub and GitLab show with a chip; of texts the words that differ are
// marked, of lists only what came and went is shown. One text takes so many characters at most, and says how many
// more it has: a comment has room for few such.
import { isJsonObject, type Json, type JsonObject } from '../../base/json/json.ts';
import { hideRegistered } from '../../base/secrets.ts';
import { count } from '../../base/text.ts';
import { hexOf } from '../../face/colour.ts';
import { diffFields } from '../../model/diff-fields.ts';
import { fieldName } from '../../model/field-name.ts';
import { isUnpublished, unpublishedWords } from '../../model/snapshot/unpublished.ts';
import { isColourField } from '../diff/is-colour-field.ts';
import { jsonText } from '../diff/json-lines.ts';
import { type Entry, type Lists, listEntries } from '../diff/list-diff.ts';
import { lookAlike, toldApart } from '../diff/look-alike.ts';
import { type Piece, piecesOf, shownEnds } from '../diff/word-diff.ts';
import { markdownCode, markdownText } from '../markdown.ts';

/** Markdown that stands in one cell: without a line end and without a pipe. */
export interface Cells {
  readonly now: string;
  readonly after: string;
}

export interface ValueChange {
  /** JSON Pointer. */
  readonly path: string;
  readonly from?: Json;
  readonly to?: Json;
}

const nothing = '–';
const lineEnd = '<br>';

export function valueCells({ path, from, to }: ValueChange): Cells {
  return cellsOf({ from, to }, isColourField(path), 0);
}

interface Pair {
  readonly from: Json | undefined;
  readonly to: Json | undefined;
}

/** Lists and objects in each other are told apart so deep; what is deeper is written as JSON. */
const deepest = 3;

function cellsOf({ from, to }: Pair, isColour: boolean, depth: number): Cells {
  const whole = (value: Json | undefined) => wholeValue(value, isColour, depth);
  const isWhole =
    isUnpublished(from) ||
    isUnpublished(to) ||
    isColour ||
    depth >= deepest ||
    from === undefined ||
    to === undefined;
  if (isWhole) return { now: whole(from), after: whole(to) };
  if (typeof from === 'string' && typeof to === 'string') return textCells(from, to);
  if (Array.isArray(from) && Array.isArray(to)) return listCells({ from, to }, depth);
  if (isJsonObject(from) && isJsonObject(to)) return memberCells(from, to, depth);
  return { now: whole(from), after: whole(to) };
}

function wholeValue(value: Json | undefined, isColour: boolean, depth: number): string {
  if (value === undefined) return nothing;
  if (isUnpublished(value)) return `<i>${unpublishedWords}</i>`;
  if (typeof value === 'string') return (isColour ? chip(value) : null) ?? wholeText(value);
  if (value === null) return '<i>empty</i>';
  const isNested = Array.isArray(value) || isJsonObject(value);
  if (!isNested || depth >= deepest) {
    const { head, more } = headOf(jsonText(value));
    return markdownCode(head) + more;
  }
  const inner = (one: Json) => wholeValue(one, false, depth + 1);
  const parts = Array.isArray(value)
    ? value.map((one) => `• ${inner(one)}`)
    : Object.entries(value).map(([name, one]) => `${markdownCode(name)}: ${inner(one)}`);
  return parts.length === 0 ? '<i>empty</i>' : parts.join(lineEnd);
}

/** GitHub shows a chip beside six digits and no other hex; as the file spells it, where that differs. */
function chip(text: string): string | null {
  const hex = hexOf(text);
  if (hex === null) return null;
  return text.toLowerCase() === hex ? `\`${hex}\`` : `\`${hex}\` (${markdownCode(text)})`;
}

function wholeText(text: string): string {
  if (text === '') return '<i>empty text</i>';
  const { head, more } = headOf(text.replace(/\n$/, ''));
  return (isCopied(text) ? markdownCode(head) : textLines(head)) + more;
}

/** Of one text, or of a part of it that differs, so many characters. */
const longestText = 2000;

/** The beginning of what is too long, and how much is missing, in Markdown; '' for nothing. */
function headOf(text: string): { readonly head: string; readonly more: string } {
  if (text.length <= longestText) return { head: text, more: '' };
  // A key is hidden before it could be cut in two.
  const characters = [...hideRegistered(text)];
  const missing = characters.length - longestText;
  if (missing <= 0) return { head: text, more: '' };
  const head = characters.slice(0, longestText).join('');
  return { head, more: ` <i>… ${count(missing, 'more character')} …</i>` };
}

/** An id, an address: nothing to be read, but to be copied, which a zero-width space would spoil. */
function isCopied(text: string): boolean {
  return /^[!-~]+$/.test(text) && /[0-9/@_:]/.test(text);
}

function textLines(text: string): string {
  return text.split('\n').map(markdownText).join(lineEnd);
}

function textCells(before: string, after: string): Cells {
  // A key is hidden before anything is cut: a part of it would no longer be known for one.
  const [from, to] = withoutCommonEnd(hideRegistered(before), hideRegistered(after));
  if (from === '' || to === '') return { now: wholeText(from), after: wholeText(to) };
  if (from === to) {
    const same = '<i>differs in a hidden API key only</i>';
    return { now: same, after: same };
  }
  if (lookAlike(from, to)) {
    const [now, then] = toldApart(from, to);
    return { now: markdownCode(now), after: markdownCode(then) };
  }
  if (isCopied(from) && isCopied(to)) return { now: markdownCode(from), after: markdownCode(to) };
  const pieces = piecesOf(from, to);
  if (!pieces.some(({ kind }) => kind === 'equal'))
    return { now: wholeText(from), after: wholeText(to) };
  return { now: sideOf(pieces, 'from'), after: sideOf(pieces, 'to') };
}

/** Of one text of two. */
function sideOf(pieces: readonly Piece[], side: 'from' | 'to'): string {
  const runs: string[] = [];
  let equal = '';
  // Equal pieces that meet on this side are one text of the page: each alone would not be inactive.
  const flush = () => {
    runs.push(textLines(equal));
    equal = '';
  };
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind === 'changed') {
      if (piece[side] === '') continue;
      flush();
      const { head, more } = headOf(piece[side]);
      runs.push(marked(head, side === 'from' ? 'del' : 'ins') + more);
      continue;
    }
    const ends = { hasBefore: index > 0, hasAfter: index + 1 < pieces.length };
    const shown = shownEnds(piece, ends);
    equal += shown === null ? piece.from : shown.head;
    if (shown === null) continue;
    flush();
    runs.push(` <i>… ${count(shown.hidden, 'equal character')} …</i> `);
    equal = shown.tail;
  }
  flush();
  return runs.join('');
}

/** A newline at the end of both ends no line that anybody sees. */
function withoutCommonEnd(from: string, to: string): [string, string] {
  const isCommon = [from, to].every((text) => text.length > 1 && text.endsWith('\n'));
  return isCommon ? [from.slice(0, -1), to.slice(0, -1)] : [from, to];
}

/** GitHub and GitLab keep both tags; line ends stay outside of them, and white space alone is shown as such. */
function marked(text: string, tag: 'del' | 'ins'): string {
  return text
    .split('\n')
    .map((line) => {
      if (line === '') return '';
      return `<${tag}>${line.trim() === '' ? markdownCode(`"${line}"`) : markdownText(line)}</${tag}>`;
    })
    .join(lineEnd);
}

function listCells(lists: Lists, depth: number): Cells {
  const now: (string | number)[] = [];
  const after: (string | number)[] = [];
  for (const entry of listEntries(lists)) {
    const isEqual = typeof entry === 'number';
    const cells = isEqual ? { now: entry, after: entry } : entryCells(entry, lists, depth);
    now.push(cells.now);
    after.push(cells.after);
  }
  return { now: linesOf(now), after: linesOf(after) };
}

/** A number stands for so many equal entries, which are counted together where nothing is between them. */
function linesOf(told: readonly (string | number)[]): string {
  const lines: string[] = [];
  let equal = 0;
  for (const one of [...told, null]) {
    if (one === '') continue;
    if (typeof one === 'number') {
      equal += one;
      continue;
    }
    if (equal > 0) lines.push(`<i>… ${equal} equal ${equal === 1 ? 'entry' : 'entries'} …</i>`);
    equal = 0;
    if (one !== null) lines.push(one);
  }
  return lines.join(lineEnd);
}

/** '' on the side that does not have the entry. */
function entryCells({ fate, from, to }: Entry, lists: Lists, depth: number): Cells {
  const pair = { from: lists.from[from ?? -1], to: lists.to[to ?? -1] };
  const { now, after } = cellsOf(pair, false, depth + 1);
  switch (fate) {
    case 'removed':
      return { now: `− ${now}`, after: '' };
    case 'added':
      return { now: '', after: `+ ${after}` };
    case 'changed':
      return { now: `${place(from)} ${now}`, after: `${place(to)} ${after}` };
    case 'moved': {
      const text = wholeValue(pair.to, false, depth + 1);
      return { now: `${place(from)} ${text}`, after: `${place(to)} ${text} <i>moved</i>` };
    }
  }
}

function place(index: number | null): string {
  return markdownCode(`[${index}]`);
}

function memberCells(from: JsonObject, to: JsonObject, depth: number): Cells {
  const cells = diffFields(from, to).map((difference) => {
    const { now, after } = cellsOf(
      { from: difference.from, to: difference.to },
      isColourField(difference.path),
      depth + 1,
    );
    const name = markdownCode(fieldName(difference.path));
    return { now: `${name}: ${now}`, after: `${name}: ${after}` };
  });
  return {
    now: cells.map(({ now }) => now).join(lineEnd),
    after: cells.map(({ after }) => after).join(lineEnd),
  };
}
