// A YAML document → its values with the places they are written at, down to colons and dashes: what
// an edit of the text needs to know. Knows nothing of what is to be edited.
import { type CST, isAlias, isMap, isScalar, isSeq, type Pair, type Scalar } from 'yaml';
import { isJsonObject, type Json } from '../../base/json/json.ts';
import { type Node, rangeOf } from '../parse/to-json.ts';
import { columnOf } from '../write/splice.ts';

interface Placed {
  readonly json: Json;
  /** Whether it stands inside brackets. */
  readonly place: 'block' | 'flow';
  /** Columns of the mapping or list that it stands in. */
  readonly parentIndent: number;
  /** `none`: a key without a colon. */
  readonly after: 'colon' | 'dash' | 'bracket' | 'none';
  /** The start of what follows the colon, the dash or the key. */
  readonly from: number;
  /** The start of the value, with its anchor and tag. */
  readonly start: number;
  /** The start of the value, without them. */
  readonly bare: number;
  /** The end of the value; of a block scalar, before the end of its last line. */
  readonly end: number;
  readonly anchor: string | null;
  readonly hasTag: boolean;
  readonly node: Node | null;
}

export interface WrittenEntry {
  /** '' for an entry of a list. */
  readonly key: string;
  readonly start: number;
  readonly value: WrittenValue;
}

export interface WrittenCollection extends Placed {
  readonly kind: 'mapping' | 'list';
  readonly isFlow: boolean;
  readonly entries: readonly WrittenEntry[];
}

export interface WrittenScalar extends Placed {
  readonly kind: 'scalar';
  readonly style: Scalar.Type;
}

export type WrittenValue =
  | WrittenCollection
  | WrittenScalar
  /** `opaque` is a form that is only replaced as a whole. */
  | (Placed & { readonly kind: 'alias' | 'empty' | 'opaque' });

/** Null where the root is no mapping in a usual form. */
export function writtenTree(root: Node | null, json: Json, text: string): WrittenCollection | null {
  const [start] = rangeOf(root);
  const slot: Slot = {
    json,
    place: 'block',
    parentIndent: -1,
    after: 'none',
    from: start,
    props: [],
  };
  const value = written(root, slot, text);
  return value.kind === 'mapping' ? value : null;
}

interface Slot extends Pick<Placed, 'json' | 'place' | 'parentIndent' | 'after' | 'from'> {
  /** The anchor and the tag. */
  readonly props: readonly CST.SourceToken[];
}

function written(node: Node | null, slot: Slot, text: string): WrittenValue {
  const { props, ...where } = slot;
  const [bare, rangeEnd] = rangeOf(node);
  const lastProp = props.at(-1);
  const base = {
    ...where,
    node,
    anchor: props.find(({ type }) => type === 'anchor')?.source ?? null,
    hasTag: props.some(({ type }) => type === 'tag'),
  };
  if (node === null || (isScalar(node) && node.source === '' && bare === rangeEnd)) {
    const end = lastProp === undefined ? slot.from : lastProp.offset + lastProp.source.length;
    return { ...base, kind: 'empty', start: props[0]?.offset ?? slot.from, bare: end, end };
  }
  const placed: Placed = { ...base, start: props[0]?.offset ?? bare, bare, end: rangeEnd };
  if (isAlias(node)) return { ...placed, kind: 'alias' };
  if (isScalar(node)) {
    const style = node.type ?? 'PLAIN';
    const isBlock = style === 'BLOCK_LITERAL' || style === 'BLOCK_FOLDED';
    const end = isBlock ? endOfBlock(text, bare, rangeEnd) : rangeEnd;
    return { ...placed, kind: 'scalar', style, end };
  }
  const entries = isMap(node) || isSeq(node) ? entriesOf(node, placed, text) : null;
  if (entries === null) return { ...placed, kind: 'opaque' };
  const isFlow = node.srcToken?.type === 'flow-collection';
  const end = isFlow ? rangeEnd : (entries.at(-1)?.value.end ?? rangeEnd);
  return { ...placed, kind: isMap(node) ? 'mapping' : 'list', isFlow, entries, end };
}

/**
 * Before the end of the last line of content. Empty lines after it are the file's, unless the header
 * keeps them.
 */
function endOfBlock(text: string, start: number, end: number): number {
  const source = text.slice(start, end);
  const keepsEmptyLines = /^[|>]\d?\+/.test(source);
  const trailing = keepsEmptyLines ? /\r?\n$/ : /(?:\r?\n)+$/;
  return start + source.replace(trailing, '').length;
}

/** Null for a form whose tokens do not say where its entries begin. */
function entriesOf(node: Node, self: Placed, text: string): WrittenEntry[] | null {
  const token = node.srcToken;
  if (isMap(node)) {
    if (token === undefined) return null;
    const pairs = node.items as Pair<Node, Node | null>[];
    const indent = self.place === 'flow' ? 0 : columnOf(text, firstOffset(pairs[0]?.srcToken) ?? 0);
    const entries = pairs.map((pair) => mappingEntry(pair, { self, token, indent }, text));
    return entries.some((entry) => entry === null) ? null : (entries as WrittenEntry[]);
  }
  if (!isSeq(node) || (token?.type !== 'block-seq' && token?.type !== 'flow-collection'))
    return null;
  const items: readonly CST.CollectionItem[] = token.items;
  const real = items.filter(({ start, key, sep, value }) =>
    token.type === 'block-seq'
      ? start.some(({ type }) => type === 'seq-item-ind')
      : key || sep || value || start.some(isProp),
  );
  if (real.length !== node.items.length) return null;
  const values = self.json as Json[];
  const place = token.type === 'flow-collection' ? 'flow' : self.place;
  const indent = place === 'flow' ? 0 : columnOf(text, self.bare);
  return (node.items as Node[]).map((item, index) => {
    const { start = [] } = real[index] ?? {};
    const dash = start.find(({ type }) => type === 'seq-item-ind');
    const props = start.filter(isProp);
    const first = dash?.offset ?? props[0]?.offset ?? rangeOf(item)[0];
    const slot: Slot = {
      json: values[index] ?? null,
      place,
      parentIndent: indent,
      after: dash === undefined ? 'bracket' : 'dash',
      from: dash === undefined ? first : dash.offset + 1,
      props,
    };
    return { key: '', start: first, value: written(item, slot, text) };
  });
}

interface Container {
  readonly self: Placed;
  readonly token: CST.Token;
  readonly indent: number;
}

function mappingEntry(
  { key, value, srcToken }: Pair<Node, Node | null>,
  { self, token, indent }: Container,
  text: string,
): WrittenEntry | null {
  const start = firstOffset(srcToken);
  const name = keyName(key, self.json, srcToken);
  if (start === null || name === null || !isJsonObject(self.json)) return null;
  const { sep = [], key: keyToken } = srcToken ?? {};
  const colon = sep.findIndex(({ type }) => type === 'map-value-ind');
  const colonToken = sep[colon];
  const keyEnd = keyToken ? rangeOf(key)[1] : start;
  const slot: Slot = {
    json: self.json[name] ?? null,
    place: token.type === 'flow-collection' ? 'flow' : self.place,
    parentIndent: indent,
    after: colonToken === undefined ? 'none' : 'colon',
    from: colonToken === undefined ? keyEnd : colonToken.offset + 1,
    props: sep.slice(colon + 1).filter(isProp),
  };
  return { key: name, start, value: written(value, slot, text) };
}

/** The text of a key that is written out; a key that is an alias is not edited. */
function keyName(key: Node, json: Json, srcToken: CST.CollectionItem | undefined): string | null {
  if (!isScalar(key) || srcToken === undefined || !isJsonObject(json)) return null;
  return typeof key.value === 'string' ? key.value : null;
}

function firstOffset(item: CST.CollectionItem | undefined): number | null {
  const blank = ['space', 'comment', 'newline', 'comma'];
  const first = item?.start.find(({ type }) => !blank.includes(type));
  return first?.offset ?? item?.key?.offset ?? item?.sep?.[0]?.offset ?? null;
}

function isProp({ type }: CST.SourceToken): boolean {
  return type === 'anchor' || type === 'tag';
}
