// Finds the places where a YAML document says less than its text: a `#` that ate a value or the end of one,
// an `&` or `!` that ate its beginning, a key with nothing behind it, a number that YAML spells anew. Knows
// nothing of the schema, and refuses to judge.
import {
  type Alias,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Pair,
  type Scalar,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { columnOf } from '../write/splice.ts';
import type { Written } from './locate.ts';
import { isPlainTag, type Node, rangeOf } from './to-json.ts';

export interface LostText {
  /**
   * `swallowed`: nothing is left, for a comment stands there; `emptied`: the same between brackets;
   * `cut`: a comment stands where a text goes on or begins; `dropped`: a comment stands where brackets
   * have an entry; `marked`: an anchor that no alias names, or a lone `!`, is all there is or stands
   * before the rest; `blank`: nothing stands there at all; `respelled`: a number with another text.
   */
  readonly kind: 'swallowed' | 'emptied' | 'cut' | 'dropped' | 'marked' | 'blank' | 'respelled';
  readonly path: readonly (string | number)[];
  /** The value that YAML makes of the text; null for brackets. */
  readonly value: null | string | number;
  /** Offsets of what was lost, or of the key that has nothing behind it. */
  readonly at: readonly [start: number, end: number];
  /** The text before the value: `name: `, `- `, or nothing within brackets. */
  readonly head: string;
  /** The whole text that may have been meant; '' for `blank`. */
  readonly meant: string;
  /** The text behind it on its line. */
  readonly rest: string;
}

/** In the order of the file. What aliases stand for is looked at where it is written. */
export function lostTexts({ root, targets, source }: Written): LostText[] {
  const named = new Set<string>();
  // Most files have no alias, and a walk takes time.
  if (root !== null && source.text.includes('*'))
    visit(root, { Alias: (_, { source: name }) => void named.add(name) });
  const context: Context = { text: source.text, targets, named, found: [] };
  look(root, { path: [], head: '', key: [0, 0], from: 0, owner: 0, isFlow: false }, context);
  return context.found;
}

type Span = readonly [start: number, end: number];

interface Context {
  readonly text: string;
  readonly targets: ReadonlyMap<Alias, Node>;
  /** The anchors that aliases name, also those that are still to come. */
  readonly named: ReadonlySet<string>;
  readonly found: LostText[];
}

/** The place in which a value is looked for. */
interface Slot extends Pick<LostText, 'path' | 'head'> {
  /** The key, or the place of an entry. */
  readonly key: Span;
  /** The end of what stands before the value. */
  readonly from: number;
  /** The start of the field or the list that it belongs to. */
  readonly owner: number;
  readonly isFlow: boolean;
}

function look(node: Node | null, slot: Slot, context: Context): void {
  // An unknown tag may make anything of it.
  if (isAlias(node) || !isPlainTag(node?.tag)) return;
  if (isMap(node) || isSeq(node)) {
    if (node.flow === true) lookBetween(node, slot, context);
    return isMap(node) ? lookInMap(node, slot, context) : lookInList(node, slot, context);
  }
  const lost = slot.path.length > 0 ? lostIn(node, slot, context) : null;
  if (lost !== null) context.found.push({ path: slot.path, head: slot.head, ...lost });
}

function lookInMap(node: YAMLMap, { path, isFlow }: Slot, context: Context): void {
  const within = isFlow || node.flow === true;
  for (const { key, value } of node.items as { key: Node | null; value: Node | null }[]) {
    const [start, end] = rangeOf(key);
    if (saysAll(value, end, context.text)) continue;
    const name = isAlias(key) ? context.targets.get(key) : key;
    const slot: Slot = {
      path: [...path, isScalar(name) && typeof name.value === 'string' ? name.value : '?'],
      // An alias takes a colon for a part of its name.
      head: `${context.text.slice(start, end)}${isAlias(key) ? ' ' : ''}: `,
      key: [start, end],
      from: end,
      owner: start,
      isFlow: within,
    };
    look(value, slot, context);
  }
}

function lookInList(node: YAMLSeq, { path, isFlow }: Slot, context: Context): void {
  const [start] = rangeOf(node);
  const within = isFlow || node.flow === true;
  let from = start;
  for (const [index, item] of (node.items as (Node | null)[]).entries()) {
    const [itemStart, itemEnd] = rangeOf(item);
    const before = from;
    from = Math.max(from, itemEnd);
    if (saysAll(item, before, context.text)) continue;
    const place = { path: [...path, index], head: within ? '' : '- ', from: before, owner: start };
    look(item, { ...place, key: [itemStart, itemStart], isFlow: within }, context);
  }
}

/**
 * Most values do, and are known for it at a glance: in quotes, or a text or a number as YAML spells it
 * with no gap around it.
 */
function saysAll(node: Node | null, from: number, text: string): boolean {
  if (!isScalar(node)) return false;
  const { value, type } = node;
  if (typeof value !== 'string' && typeof value !== 'number') return false;
  if (type?.startsWith('QUOTE')) return true;
  const [start, end] = rangeOf(node);
  const isPlain = type === 'PLAIN' && end > start;
  if (typeof value === 'number' && respelled(value, [start, end], text) !== null) return false;
  // A sign or a comment before the text takes more room than `: `, and one behind it needs a space.
  return isPlain && start - from <= 2 && !' \t'.includes(text.charAt(end) || '\n');
}

/** `[#fff,` on a line with `#000]` below it; `[Hi, #2 please,` with more below. */
function lookBetween(node: YAMLMap | YAMLSeq, slot: Slot, { text, found }: Context): void {
  const [start, end] = rangeOf(node);
  const { path, head } = slot;
  if (node.items.length === 0) {
    const comment = match(/[[{]\s*(#[^\r\n]*)/y, text, start);
    if (comment === null || comment.start > end || !isGlued(comment.text)) return;
    const lost = eaten('', comment, { path, isFlow: true });
    found.push({ kind: 'emptied', path, value: null, head, ...lost });
    return;
  }
  for (const from of [start, ...endsOf(node)]) {
    const comment = match(/[ \t]*[[{,][ \t]*(#[^\r\n]*)/y, text, from);
    if (comment === null || comment.start > end || !isGlued(comment.text)) continue;
    const lost = eaten('', comment, { path, isFlow: true });
    found.push({ kind: 'dropped', path, value: null, head: '', ...lost });
  }
}

function endsOf({ items }: YAMLMap | YAMLSeq): number[] {
  return (items as (Node | Pair<Node, Node | null>)[]).map((item) => {
    const last = isPair(item) ? ((item.value ?? item.key) as Node) : item;
    return rangeOf(last as Node)[1];
  });
}

type Lost = Omit<LostText, 'path' | 'head'>;

function lostIn(node: Node | null, slot: Slot, { text, named }: Context): Lost | null {
  if (node === null) return lostInNothing(null, [slot.from, slot.from], slot, text);
  if (!isScalar(node)) return null;
  const at = rangeOf(node);
  if (node.type?.startsWith('BLOCK')) return lostInBlock(node, at, slot, text);
  if (node.type !== 'PLAIN') return null;
  const { value } = node;
  const marked = (made: Lost['value']) =>
    named.has(node.anchor ?? '') ? null : lostToMark(made, at, slot, text);
  if (at[0] === at[1]) {
    const nothing = value === '' ? '' : null;
    const lost = lostInNothing(nothing, at, slot, text);
    return lost?.kind === 'swallowed' ? lost : (marked(nothing) ?? lost);
  }
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  return lostAround(value, at, slot, text) ?? marked(value) ?? respelled(value, at, text);
}

/** `&Friends Bakery`, `! urgent`, or `&more` alone: YAML takes the sign for one of its own. */
function lostToMark(value: Lost['value'], at: Span, { from }: Slot, text: string): Lost | null {
  const mark = /(?:^|[\s,[{])((?:&[^\s,[\]{}]+|!)[ \t]*)$/.exec(text.slice(from, at[0]))?.[1];
  if (mark === undefined) return null;
  const start = at[0] - mark.length;
  const meant = text.slice(start, at[1]).trimEnd();
  return { kind: 'marked', value, at: [start, start + mark.trimEnd().length], meant, rest: '' };
}

/** `name: #1 Bakery`, `name:` with a comment below it that looks like a value, or `name:` alone. */
function lostInNothing(value: null | '', [at]: Span, slot: Slot, text: string): Lost | null {
  const comment = match(/[ \t]*(#[^\r\n]*)/y, text, at) ?? valueLikeBelow(text, at, slot);
  if (comment !== null) return { kind: 'swallowed', value, ...eaten('', comment, slot) };
  // `!!str` with nothing behind it says what it means.
  if (value === '') return null;
  return { kind: 'blank', value, at: slot.key, meant: '', rest: '' };
}

/** A comment on a line of its own is a value if it stands where one could, and no space follows the `#`. */
function valueLikeBelow(text: string, at: number, { owner, isFlow }: Slot): Comment | null {
  const column = isFlow ? 0 : columnOf(text, owner);
  for (let from = at; !isFlow; ) {
    const comment = match(/(?:[ \t]*\r?\n)+[ \t]*(#[^\r\n]*)/y, text, from);
    if (comment === null || columnOf(text, comment.start) <= column) return null;
    if (isGlued(comment.text)) return comment;
    from = comment.start + comment.text.length;
  }
  return null;
}

/** `name: > #1 Bakery` with no lines below it. */
function lostInBlock(node: Scalar, [start]: Span, slot: Slot, text: string): Lost | null {
  if (node.value !== '') return null;
  const comment = match(/[|>][-+\d]*[ \t]+(#[^\r\n]*)/y, text, start);
  return comment === null ? null : { kind: 'swallowed', value: '', ...eaten('', comment, slot) };
}

/** `Sale #2 today`; or `#1 Bakery` on the key's line with the rest of the text below it. */
function lostAround(value: string | number, at: Span, slot: Slot, text: string): Lost | null {
  const written = typeof value === 'string' ? value : text.slice(...at);
  const behind = match(/[ \t]+(#[^\r\n]*)/y, text, at[1]);
  if (behind !== null && isGlued(behind.text)) {
    const before = written + text.slice(at[1], behind.start);
    return { kind: 'cut', value, ...eaten(before, behind, slot) };
  }
  const gap = text.slice(slot.from, at[0]);
  const above = /^[^#\n]*[:-][ \t]+(?:[&!]\S*[ \t]+)*(#[^\r\n]*)/.exec(gap)?.[1]?.trimEnd();
  if (above === undefined || !isGlued(above)) return null;
  const start = slot.from + gap.indexOf(above);
  const meant = `${above} ${written}`;
  return { kind: 'cut', value, at: [start, start + above.length], meant, rest: '' };
}

function respelled(value: string | number, at: Span, text: string): Lost | null {
  const written = text.slice(...at);
  if (typeof value === 'string' || JSON.stringify(value) === written) return null;
  return { kind: 'respelled', value, at, meant: written, rest: '' };
}

interface Comment {
  readonly start: number;
  readonly text: string;
}

/** The comment in the first group, if the pattern matches right there. */
function match(pattern: RegExp, text: string, at: number): Comment | null {
  pattern.lastIndex = at;
  const comment = pattern.exec(text)?.[1];
  return comment === undefined
    ? null
    : { start: pattern.lastIndex - comment.length, text: comment.trimEnd() };
}

/** Whether it begins as no comment is written that is meant as one. */
function isGlued(comment: string): boolean {
  return /^#+[^#\s]/.test(comment);
}

/** Parts the comment into the text that may have been meant, and what is a comment or goes on after it. */
function eaten(
  before: string,
  { start, text }: Comment,
  { path, isFlow }: Pick<Slot, 'path' | 'isFlow'>,
) {
  const isColour = /colou?r$/i.test(String(path.at(-1)));
  const colour =
    isColour && before === '' ? /^#[\da-f]+(?=[\s,\]}]|$)/i.exec(text)?.[0] : undefined;
  const end = isFlow ? /[,\]}]|[ \t]+#(?=\s|$)/ : /[ \t]+#(?=\s|$)/;
  const part = colour ?? text.slice(0, text.slice(1).search(end) + 1 || text.length);
  const rest = text.slice(part.length);
  const isKept = isFlow || /^\s+#/.test(rest);
  const at: Span = [start, start + text.length];
  return { at, meant: before + part, rest: isKept ? rest : '' };
}
