// A small YAML text (JSON too) → plain places that know where they stand. Refuses what a file of
// settings has no need of: tags, aliases, several documents, keys that are no text or stand twice.
import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  parseDocument,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

/** A value, and where it is written. */
export interface Place {
  /** The value, as JSON has it. */
  readonly value: unknown;
  /** A scalar's own text; null for anything else. 1e99 and 1e+99 are told apart by it only. */
  readonly spelling: string | null;
  readonly offset: number;
  /** In a mapping. */
  readonly entries: readonly Entry[] | null;
  /** In a list. */
  readonly items: readonly Place[] | null;
}

export interface Entry {
  readonly name: string;
  readonly offset: number;
  readonly place: Place;
}

export interface Mistake {
  readonly offset: number;
  readonly message: string;
}

export interface WrittenYaml {
  /** Null where there is a mistake. */
  readonly root: Place | null;
  /** What can be read beside the mistakes; null where they leave open what is meant. */
  readonly readable: Place | null;
  readonly mistakes: readonly Mistake[];
  /** `line:column` of an offset, both from 1. */
  lineOf(offset: number): string;
}

export function readYaml(text: string): WrittenYaml {
  const lineCounter = new LineCounter();
  const lineOf = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return `${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const tooDeep = tooDeepAt(text);
  if (tooDeep !== null) {
    for (const { index } of text.matchAll(/^/gm)) lineCounter.addNewLine(index);
    const message = 'expected nothing that nests so deeply';
    const mistakes = [{ offset: tooDeep, message }];
    return { root: null, readable: null, mistakes, lineOf };
  }
  // Not silent: that would also pass over a second document.
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'error' });
  const mistakes: Mistake[] = [...document.errors, ...document.warnings].map((error) => ({
    offset: error.pos[0],
    message: error.message,
  }));
  const isYaml12 = document.directives?.yaml.version === '1.2';
  if (!isYaml12) {
    mistakes.push({ offset: 0, message: 'expected YAML 1.2: remove the %YAML line' });
  }
  visit(document, {
    Alias: (_, alias) => {
      const message = `expected the value itself, found the alias *${alias.source}`;
      mistakes.push({ offset: startOf(alias), message });
    },
    Pair: (_, { key }) => {
      if (isScalar(key) && typeof key.value === 'string') return;
      mistakes.push({ offset: startOf(key), message: 'expected a text as the key' });
    },
  });
  const isReadable = document.errors.every(({ code }) => code === 'DUPLICATE_KEY') && isYaml12;
  const readable = isReadable ? placeOf(document.contents, 0) : null;
  return { root: mistakes.length > 0 ? null : readable, readable, mistakes, lineOf };
}

/** A rule of a fault file is at depth 3, and a range in it at 4. */
const deepestLevel = 16;

/** Looked for among the tokens: making a document of 100,000 levels aborts the whole process. */
function tooDeepAt(text: string): number | null {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    Array.from(parser.next(lexeme));
    if (parser.stack.length > deepestLevel) return parser.offset;
  }
  return null;
}

/** `fallback`: where a value would stand that is not written at all. */
function placeOf(node: unknown, fallback: number): Place {
  const offset = isNode(node) ? startOf(node) : fallback;
  const common = { spelling: null, offset, entries: null, items: null };
  if (isScalar(node)) return { ...common, value: node.value, spelling: node.source ?? null };
  if (isMap(node)) return mappingOf(node, common);
  if (isSeq(node)) return listOf(node, common);
  return { ...common, value: null };
}

function mappingOf(node: YAMLMap, common: Omit<Place, 'value'>): Place {
  const entries = node.items.map(({ key, value }) => {
    const offset = startOf(key);
    const name = isScalar(key) ? String(key.value) : '';
    return { name, offset, place: placeOf(value, offset) };
  });
  const members = entries.map(({ name, place }) => [name, place.value] as const);
  return { ...common, entries, value: Object.fromEntries(members) };
}

function listOf(node: YAMLSeq, common: Omit<Place, 'value'>): Place {
  const items = node.items.map((item) => placeOf(item, common.offset));
  return { ...common, items, value: items.map(({ value }) => value) };
}

function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}
