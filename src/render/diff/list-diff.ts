// Two lists as what became of their entries: removed, added, moved, changed. Equal ones are counted.
import { canonicalJson, isJsonObject, type Json } from '../../base/json/json.ts';
import { hideRegistered } from '../../base/secrets.ts';
import { diffSequence, type Stretch } from './diff-sequence.ts';
import { jsonText } from './json-lines.ts';
import { pairSimilar } from './pair-similar.ts';
import { equalText, leftOut, type Row, renderRows } from './rows.ts';
import { tokensOf } from './text-tokens.ts';
import type { Paints } from './value-swatch.ts';

/** One entry; an index is null where the list has no such entry. */
export interface Entry {
  readonly fate: 'removed' | 'added' | 'moved' | 'changed';
  readonly from: number | null;
  readonly to: number | null;
}

export interface Lists {
  readonly from: readonly Json[];
  readonly to: readonly Json[];
}

/** `renderPair` gives what stands beside the name of a value, with either of the two absent. */
export type RenderPair = (pair: { readonly from?: Json; readonly to?: Json }) => string[];

export function compareLists(lists: Lists, renderPair: RenderPair, colours: Paints): string[] {
  const rows = listEntries(lists).map((one) =>
    typeof one === 'number'
      ? leftOut(one, 'entry', colours)
      : rowOf(one, lists, { renderPair, colours }),
  );
  return renderRows(rows);
}

/** In the order of the list after; a number stands for so many equal entries. */
export function listEntries(lists: Lists): (Entry | number)[] {
  const keys = { from: lists.from.map(canonicalJson), to: lists.to.map(canonicalJson) };
  const stretches = diffSequence(keys.from, keys.to);
  const moves = findMoves(stretches, keys);
  const told: (Entry | number)[] = [];
  let equal = 0;
  const tellEqual = () => {
    if (equal > 0) told.push(equal);
    equal = 0;
  };
  for (const stretch of stretches) {
    if (stretch.kind === 'equal') equal += stretch.from.end - stretch.from.start;
    for (const entry of stretch.kind === 'equal' ? [] : entriesOf(stretch, moves, lists)) {
      if (entry.fate === 'moved' && entry.from === entry.to) equal += 1;
      else {
        tellEqual();
        told.push(entry);
      }
    }
  }
  tellEqual();
  return told;
}

interface Moves {
  /** By the index in the list after, that in the list before. */
  readonly origins: ReadonlyMap<number, number>;
  /** Indices in the list before. */
  readonly gone: ReadonlySet<number>;
}

/** What is removed in one place and added in another, the first for the first. */
function findMoves(stretches: readonly Stretch[], keys: Keys): Moves {
  const changed = stretches.filter(({ kind }) => kind === 'changed');
  // The last first, so that the first is at hand.
  const removed = new Map<string, number[]>();
  for (const at of changed.flatMap(({ from }) => indicesOf(from)).reverse()) {
    const key = keys.from[at] ?? '';
    const others = removed.get(key);
    if (others === undefined) removed.set(key, [at]);
    else others.push(at);
  }
  const origins = new Map<number, number>();
  for (const at of changed.flatMap(({ to }) => indicesOf(to))) {
    const before = removed.get(keys.to[at] ?? '')?.pop();
    if (before !== undefined) origins.set(at, before);
  }
  return { origins, gone: new Set(origins.values()) };
}

interface Keys {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

function indicesOf({ start, end }: Stretch['from']): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}

/** Of one stretch, as they stand in the list after; what is removed comes where it stood. */
function entriesOf(stretch: Stretch, { origins, gone }: Moves, lists: Lists): Entry[] {
  const removed = indicesOf(stretch.from).filter((at) => !gone.has(at));
  const added = indicesOf(stretch.to).filter((at) => !origins.has(at));
  const steps = pairSimilar(
    removed.map((at) => partsOf(lists.from[at])),
    added.map((at) => partsOf(lists.to[at])),
    0,
  );
  const entries = steps.map((step): Entry => {
    const from = step.from === null ? null : (removed[step.from] ?? null);
    const to = step.to === null ? null : (added[step.to] ?? null);
    if (from === null) return { fate: 'added', from, to };
    return to === null ? { fate: 'removed', from, to } : { fate: 'changed', from, to };
  });
  const moved = indicesOf(stretch.to).flatMap((at): Entry[] => {
    const from = origins.get(at);
    return from === undefined ? [] : [{ fate: 'moved', from, to: at }];
  });
  return inPlace(entries, moved);
}

/** Both are in the order of the list after, where they stand in it. */
function inPlace(entries: readonly Entry[], moved: readonly Entry[]): Entry[] {
  const all: Entry[] = [];
  let next = 0;
  const movedBefore = (place: number) => {
    for (let one = moved[next]; one !== undefined && (one.to ?? 0) < place; one = moved[++next]) {
      all.push(one);
    }
  };
  for (const entry of entries) {
    if (entry.to !== null) movedBefore(entry.to);
    all.push(entry);
  }
  movedBefore(Number.POSITIVE_INFINITY);
  return all;
}

/** Whether an entry is another one's successor: of an object its members count, of a text its words. */
function partsOf(value: Json | undefined): string[] {
  if (typeof value === 'string') return tokensOf(value).filter((token) => token.trim() !== '');
  if (Array.isArray(value)) return value.map(canonicalJson);
  if (!isJsonObject(value)) return [canonicalJson(value ?? null)];
  return Object.entries(value).flatMap(([key, member]) => [key, canonicalJson([key, member])]);
}

function rowOf(
  { fate, from, to }: Entry,
  lists: Lists,
  { renderPair, colours }: { readonly renderPair: RenderPair; readonly colours: Paints },
): Row {
  const before = from === null ? undefined : lists.from[from];
  const after = to === null ? undefined : lists.to[to];
  const pair = {
    ...(before !== undefined && { from: before }),
    ...(after !== undefined && { to: after }),
  };
  switch (fate) {
    case 'removed':
      return { mark: colours.red('-'), name: `[${from}]`, values: renderPair(pair), note: '' };
    case 'added':
      return { mark: colours.green('+'), name: `[${to}]`, values: renderPair(pair), note: '' };
    case 'changed': {
      const name = from === to ? `[${to}]` : `[${from} → ${to}]`;
      return { mark: colours.yellow('~'), name, values: renderPair(pair), note: '' };
    }
    case 'moved': {
      const text = equalText(hideRegistered(jsonText(after ?? null)), colours);
      const note = colours.dim('(moved)');
      return { mark: colours.cyan('↕'), name: `[${from} → ${to}]`, values: [text], note };
    }
  }
}
