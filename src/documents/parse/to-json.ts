// A YAML document → the JSON value that it declares, with every value that JSON cannot carry as a
// finding. Refuses to guess: what has a finding is left out and named in `unreadable`.
import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Scalar } from 'yaml';
import { type Json, toPointer } from '../../base/json/json.ts';
import type { Finding } from '../../model/document.ts';
import type { ProblemCode } from '../../model/problem-codes.ts';
import { deepestLevel, tooDeep } from './compose-yaml.ts';
import { errorAt, quoted, type Said, shownField } from './finding.ts';
import type { SourceText } from './source-text.ts';

export type Node = NonNullable<Document.Parsed['contents']>;
type Path = readonly (string | number)[];

export interface Converted {
  readonly value: Json;
  readonly findings: readonly Finding[];
  /** JSON Pointers of the values that have a finding; their place in `value` means nothing. */
  readonly unreadable: ReadonlySet<string>;
  /** The node that each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
}

/** A value, how many characters and nodes it is written out, and how many levels it has. */
interface Reading {
  readonly value: Json;
  readonly size: number;
  readonly height: number;
  readonly isSound: boolean;
}

interface Context {
  readonly source: SourceText;
  readonly findings: Finding[];
  readonly unreadable: Set<string>;
  readonly targets: Map<Alias, Node>;
  /** The value of each anchor at this point of the text; a null reading is still being made. */
  readonly anchors: Map<string, { node: Node; reading: Reading | null }>;
  expandedSize: number;
}

/** The same limit as for a file: aliases may not say more than a file could. */
const largestExpansion = 1024 * 1024;

export function toJson(document: Document.Parsed, source: SourceText): Converted {
  const context: Context = {
    source,
    findings: [],
    unreadable: new Set(),
    targets: new Map(),
    anchors: new Map(),
    expandedSize: 0,
  };
  const { value } = readNode(document.contents, [], context);
  const { findings, unreadable, targets } = context;
  return { value, findings, unreadable, targets };
}

function readNode(node: Node | null, path: Path, context: Context): Reading {
  if (node === null) return sound(null, 1);
  if (isAlias(node)) return readAlias(node, path, context);
  const named = node.anchor === undefined ? null : { node, reading: null as Reading | null };
  if (named !== null && node.anchor !== undefined) context.anchors.set(node.anchor, named);
  const reading = readUnnamed(node, path, context);
  if (named !== null) named.reading = reading;
  return reading;
}

function readUnnamed(node: Exclude<Node, Alias>, path: Path, context: Context): Reading {
  // The tag itself was reported where the document was composed.
  if (!isPlainTag(node.tag)) return unreadable(path, context);
  if (isMap(node)) return readMapping(node.items as Pair[], path, context);
  if (isSeq(node)) return readList(node.items as Node[], path, context);
  return isScalar(node) ? readScalar(node, path, context) : unreadable(path, context);
}

/** Whether a tag, if any, says no more of a value than its form does. */
export function isPlainTag(tag: string | undefined): boolean {
  return tag === undefined || tag === '!' || /^tag:yaml\.org,2002:(str|map|seq)$/.test(tag);
}

type Pair = { readonly key: Node | null; readonly value: Node | null };

function readMapping(pairs: readonly Pair[], path: Path, context: Context): Reading {
  const entries = new Map<string, Reading>();
  const keyStarts = new Map<string, number>();
  let isSound = true;
  for (const pair of pairs) {
    const key = readKey(pair, path, context);
    const isRepeated = key !== null && keyStarts.has(key);
    // Also the value of a refused key is read, for the problems and the anchors in it.
    const value = readNode(pair.value, [...path, key ?? '?'], context);
    if (key === null || isRepeated) isSound = false;
    if (key === null) continue;
    const [start, end] = rangeOf(pair.key);
    if (isRepeated) {
      const said = duplicateKey(key, keyStarts, context);
      refuse({ path: [...path, key], range: [start, end] }, context, 'duplicate-key', said);
    } else {
      keyStarts.set(key, start);
      entries.set(key, value);
    }
  }
  const members = [...entries].map(([key, { value }]) => [key, value] as const);
  // fromEntries defines, where assigning would take `__proto__` for the prototype.
  return joined(Object.fromEntries(members), [...entries.values()], isSound);
}

function duplicateKey(key: string, keyStarts: ReadonlyMap<string, number>, context: Context): Said {
  const first = context.source.range(keyStarts.get(key) ?? 0, 0).start;
  return {
    summary: `${quoted(key)} stands twice`,
    detail: `It stands on line ${first.line} already. Keep one of the two.`,
  };
}

/** The key's text, or null where it cannot be a JSON key (which is then reported). */
function readKey(pair: Pair, path: Path, context: Context): string | null {
  const { key } = pair;
  const reading = readNode(isMap(key) || isSeq(key) ? null : key, [...path, '?'], context);
  if (isScalar(key) && key.value === '<<' && key.type === 'PLAIN') {
    refuse({ path: [...path, '<<'], range: rangeOf(key) }, context, 'unknown-field', {
      summary: 'merge keys (<<) are not supported',
      detail:
        'Put what several files share into a fragment, a file such as _brand.yaml, and name it under extends. Within one file, use an alias (*name) for the whole value of a field.',
    });
    return null;
  }
  if (typeof reading.value === 'string') return reading.isSound ? reading.value : null;
  if (!reading.isSound) return null;
  const range = key === null ? rangeOf(pair.value) : rangeOf(key);
  const text = quoted(context.source.text.slice(...range).trim());
  refuse({ path: [...path, '?'], range }, context, 'not-a-mapping', {
    summary: 'a key is not a text',
    detail: `Expected a text as the key, found ${text === '' ? 'nothing' : text}. Put the key in quotes: "${text}".`,
  });
  return null;
}

function readList(items: readonly Node[], path: Path, context: Context): Reading {
  const readings = items.map((item, index) => readNode(item, [...path, index], context));
  return joined(
    readings.map(({ value }) => value),
    readings,
    true,
  );
}

function joined(value: Json, parts: readonly Reading[], isSound: boolean): Reading {
  return {
    value,
    size: parts.reduce((sum, { size }) => sum + size, 1),
    height: parts.reduce((highest, { height }) => Math.max(highest, height), 0) + 1,
    isSound: isSound && parts.every((part) => part.isSound),
  };
}

function readScalar(node: Scalar, path: Path, context: Context): Reading {
  const { value } = node;
  if (typeof value === 'string' && !/\p{Surrogate}/u.test(value))
    return sound(value, 1 + value.length);
  const at = { path, range: rangeOf(node) };
  const text = context.source.text.slice(...at.range);
  if (typeof value === 'string') {
    return refuse(at, context, 'invalid-unicode', {
      summary: `${shownField(path)} holds half a character`,
      detail: `Found ${quoted(text)}, where half of a surrogate pair stands alone. Write the character itself, or both halves.`,
    });
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return refuse(at, context, 'not-finite-number', {
      summary: `${shownField(path)} is not a finite number`,
      detail: `Found ${quoted(text)}, which JSON cannot carry. Write a smaller number, or quote it if it is a text.`,
    });
  }
  if (typeof value === 'number' && isInteger(text) && !Number.isSafeInteger(value)) {
    return refuse(at, context, 'unsafe-integer', {
      summary: `${shownField(path)} may be rounded`,
      detail: `Found ${quoted(text)}, beyond 2^53, where integers are not exact. Quote it if it is a text, such as an id.`,
    });
  }
  const isJson = value === null || typeof value === 'boolean' || typeof value === 'number';
  return isJson ? sound(value, 1) : unreadable(path, context);
}

function isInteger(text: string): boolean {
  return /^(?:[-+]?\d+|0x[\da-f]+|0o[0-7]+)$/i.test(text);
}

function readAlias(alias: Alias, path: Path, context: Context): Reading {
  const range = rangeOf(alias);
  const anchor = context.anchors.get(alias.source);
  if (anchor === undefined || anchor.reading === null) {
    const name = quoted(alias.source);
    return refuse({ path, range }, context, 'undefined-alias', {
      summary: `the alias *${name} stands for nothing`,
      detail:
        anchor === undefined
          ? `No anchor &${name} stands before it. Define the anchor above, or quote the value if it is a text: "*${name}".`
          : `It stands inside the very value that &${name} names. Write the value out.`,
    });
  }
  const { node, reading } = anchor;
  context.targets.set(alias, node);
  if (path.length + reading.height > deepestLevel) {
    context.findings.push(tooDeep(context.source, range[0]));
    return unreadable(path, context);
  }
  const before = context.expandedSize;
  context.expandedSize += reading.size;
  if (context.expandedSize > largestExpansion) {
    // Reported where the limit is passed; the aliases after it would say the same.
    if (before <= largestExpansion) context.findings.push(aliasBomb(range, context));
    return unreadable(path, context);
  }
  return reading.isSound ? reading : unreadable(path, context);
}

function aliasBomb(range: readonly [number, number], context: Context): Finding {
  return errorAt(context.source.range(...range), 'alias-bomb', {
    summary: 'the aliases stand for more than 1 MiB',
    detail:
      'Written out, the file would be far larger than what is read of one. Use fewer aliases.',
  });
}

function sound(value: Json, size: number): Reading {
  return { value, size, height: 0, isSound: true };
}

function unreadable(path: Path, context: Context): Reading {
  context.unreadable.add(toPointer(path));
  return { value: null, size: 1, height: 0, isSound: false };
}

interface At {
  readonly path: Path;
  readonly range: readonly [number, number];
}

function refuse(at: At, context: Context, code: ProblemCode, said: Said): Reading {
  context.findings.push(errorAt(context.source.range(...at.range), code, said));
  return unreadable(at.path, context);
}

/** Start and end of a node's own text; [0, 0] for one that has none. */
export function rangeOf(
  node: { readonly range?: readonly number[] | null | undefined } | null,
): [number, number] {
  const [start = 0, end = start] = node?.range ?? [];
  return [start, end];
}
