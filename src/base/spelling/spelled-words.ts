// Words that begin alike, found in a text in any of their spellings: the beginning by one pattern, and what
// follows by walking down a tree of all words. What a text costs hardly depends on how many there are.
import { endsOfBackslashes, folded, isPlain, spelledAt } from './read-spelling.ts';
import { patternOfSpellings } from './spellings.ts';

/** `end` is exclusive, and as far as the longest spelling of the word there goes. */
export interface FoundWord<Word> {
  readonly word: Word;
  readonly start: number;
  readonly end: number;
}

interface Leaf<Word> {
  readonly text: string;
  readonly word: Word;
}

/** Where words part. A word of which no other is the beginning hangs in it whole. */
interface Branch<Word> {
  /** The word that ends here. */
  leaf: Leaf<Word> | null;
  /** By what comes next: a character, or a run of backslashes. */
  readonly next: Map<string, Branch<Word> | Leaf<Word>>;
}

/** A way down the tree, and the places in the text up to which it may have led. */
interface Way<Word> {
  readonly to: Branch<Word> | Leaf<Word>;
  /** So much of the word was read. */
  readonly depth: number;
  readonly ends: readonly number[];
}

/** Words of printable ASCII, in lower case, that all have one beginning. */
export class SpelledWords<Word> {
  readonly #beginning: RegExp;
  readonly #root: Branch<Word> = { leaf: null, next: new Map() };

  /** Words that are added begin with this. */
  constructor(beginning: string) {
    this.#beginning = patternOfSpellings(beginning);
  }

  /** Takes the place of a word with the same text. */
  add(text: string, word: Word): void {
    const leaf = { text, word };
    let branch = this.#root;
    let depth = 0;
    while (depth < text.length) {
      const step = stepAt(text, depth);
      const child = branch.next.get(step);
      depth += step.length;
      if (child === undefined || (!isBranch(child) && child.text === text)) {
        branch.next.set(step, leaf);
        return;
      }
      const inner = isBranch(child) ? child : branchAbove(child, depth);
      branch.next.set(step, inner);
      branch = inner;
    }
    branch.leaf = leaf;
  }

  remove(text: string): void {
    const passed: [Branch<Word>, string][] = [];
    let at: Branch<Word> | Leaf<Word> | undefined = this.#root;
    let depth = 0;
    while (at !== undefined && isBranch(at) && depth < text.length) {
      const step = stepAt(text, depth);
      passed.push([at, step]);
      depth += step.length;
      at = at.next.get(step);
    }
    if (at === undefined || (isBranch(at) ? at.leaf : at)?.text !== text) return;
    if (isBranch(at)) at.leaf = null;
    if (isBranch(at) && at.next.size > 0) return;
    for (const [branch, step] of passed.reverse()) {
      branch.next.delete(step);
      if (branch.next.size > 0 || branch.leaf !== null) return;
    }
  }

  /** Each word at each place where it stands, also where one overlaps another. */
  find(text: string): FoundWord<Word>[] {
    const found: FoundWord<Word>[] = [];
    if (this.#root.next.size === 0) return found;
    const beginning = this.#beginning;
    beginning.lastIndex = 0;
    for (let at = beginning.exec(text); at !== null; at = beginning.exec(text)) {
      this.#findFrom(text, at.index, found);
      beginning.lastIndex = at.index + 1;
    }
    return found;
  }

  #findFrom(text: string, start: number, found: FoundWord<Word>[]): void {
    const ways: Way<Word>[] = [{ to: this.#root, depth: 0, ends: [start] }];
    for (let way = ways.pop(); way !== undefined; way = ways.pop()) {
      const { to, depth, ends } = way;
      const leaf = isBranch(to) ? to.leaf : to;
      const last = isBranch(to) ? ends : endsOfRest(to.text.slice(depth), text, ends);
      if (leaf !== null && last.length > 0) {
        found.push({ word: leaf.word, start, end: Math.max(...last) });
      }
      if (isBranch(to)) ways.push(...waysOn(to, way, text));
    }
  }
}

function isBranch<Word>(node: Branch<Word> | Leaf<Word>): node is Branch<Word> {
  return 'next' in node;
}

function branchAbove<Word>(leaf: Leaf<Word>, depth: number): Branch<Word> {
  if (leaf.text.length === depth) return { leaf, next: new Map() };
  return { leaf: null, next: new Map([[stepAt(leaf.text, depth), leaf]]) };
}

/** A run of backslashes is one step: it is doubled as a whole. */
function stepAt(text: string, depth: number): string {
  if (text[depth] !== '\\') return text.charAt(depth);
  let end = depth + 1;
  while (text[end] === '\\') end += 1;
  return text.slice(depth, end);
}

function waysOn<Word>(branch: Branch<Word>, { depth, ends }: Way<Word>, text: string): Way<Word>[] {
  const [place = 0] = ends;
  if (ends.length === 1 && isPlain(text.charCodeAt(place))) {
    const to = branch.next.get(folded(text.charCodeAt(place)));
    return to === undefined ? [] : [{ to, depth: depth + 1, ends: [place + 1] }];
  }
  return [...branch.next].flatMap(([step, to]) => {
    const reached = endsOfStep(step, text, ends);
    return reached.length === 0 ? [] : [{ to, depth: depth + step.length, ends: reached }];
  });
}

/** Where the rest of a word may end that begins at any of the places. */
function endsOfRest(rest: string, text: string, places: readonly number[]): readonly number[] {
  let ends = places;
  for (let depth = 0; depth < rest.length && ends.length > 0; ) {
    const step = stepAt(rest, depth);
    ends = endsOfStep(step, text, ends);
    depth += step.length;
  }
  return ends;
}

function endsOfStep(step: string, text: string, places: readonly number[]): readonly number[] {
  const [place = 0] = places;
  const code = text.charCodeAt(place);
  if (places.length === 1 && isPlain(code)) return folded(code) === step ? [place + 1] : [];
  const ends = places.flatMap((at) => {
    if (step.startsWith('\\')) return endsOfBackslashes(text, at, step.length);
    const spelled = spelledAt(text, at).filter(({ character }) => character === step);
    return spelled.map(({ end }) => end);
  });
  return [...new Set(ends)];
}
