// A written value and the one that is wanted → the smallest splices between them: leaf by leaf,
// entry by entry. Pure. What cannot be done in one go is done in the next: the text is read again.
import { type Alias, isAlias as isAliasNode } from 'yaml';
import { equalJson, isJsonObject, type Json, type JsonObject } from '../../base/json/json.ts';
import { type Node, rangeOf } from '../parse/to-json.ts';
import type { Splice } from '../write/splice.ts';
import { alignLists } from './align-lists.ts';
import { addEntries, type NewEntry, removeEntry } from './edit-entries.ts';
import { type Moves, moveEntries, movesOf } from './move-entries.ts';
import { type Manner, replaceScalar, replaceValue } from './replace-value.ts';
import type { WrittenCollection, WrittenValue } from './source-map.ts';

interface Step extends Splice {
  /** The nodes that the splice takes away, whose anchors may be missed. */
  readonly takes: WrittenValue | null;
  /** `all`: its own anchor too, and not only those within it. */
  readonly taken: 'all' | 'within';
  readonly isAlias: boolean;
}

interface Tools extends Manner {
  /** All aliases of the file, with the place of what each stands for. */
  readonly references: readonly Reference[];
}

interface Reference {
  readonly alias: WrittenValue;
  readonly target: number;
}

export interface EditContext extends Omit<Manner, 'isReferred'> {
  readonly root: WrittenCollection;
  /** The node that each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
}

/** None when they are equal already. */
export function editValue(value: WrittenValue, wanted: Json, context: EditContext): Splice[] {
  const aliases = aliasesIn(context.root);
  const manner: Tools = {
    ...context,
    isReferred: (one) => referrers(one, aliases, context).some((alias) => !contains(one, alias)),
    references: aliases.flatMap((alias) => {
      const target = targetOf(alias, context.targets);
      return target === null ? [] : [{ alias, target: rangeOf(target)[0] }];
    }),
  };
  const steps = difference(value, wanted, manner);
  // Aliases get what they must not lose written out first.
  const orphans = steps.flatMap((step) => losing(step, aliases, context));
  if (orphans.length > 0) return orphans.map((alias) => replaceValue(alias, alias.json, manner));
  // An alias may well follow its anchor to the wanted value.
  const others = steps.filter(({ isAlias }) => !isAlias);
  return others.length > 0 ? others : steps;
}

function difference(value: WrittenValue, wanted: Json, manner: Tools): Step[] {
  if (equalJson(value.json, wanted)) return [];
  if (value.kind === 'mapping' && isJsonObject(wanted)) {
    const keeps = value.entries.some(({ key }) => Object.hasOwn(wanted, key));
    if (keeps) return mappingDifference(value, wanted, manner);
  }
  if (value.kind === 'list' && Array.isArray(wanted) && wanted.length > 0) {
    if (value.entries.length > 0) return listDifference(value, wanted, manner);
  }
  if (value.kind === 'scalar') {
    return [{ ...replaceScalar(value, wanted, manner), ...takesNothing }];
  }
  const isAlias = value.kind === 'alias';
  return [{ ...replaceValue(value, wanted, manner), takes: value, taken: 'within', isAlias }];
}

const takesNothing = { takes: null, taken: 'within', isAlias: false } as const;

function mappingDifference(value: WrittenCollection, wanted: JsonObject, manner: Tools): Step[] {
  const steps = value.entries.flatMap((entry, index) =>
    Object.hasOwn(wanted, entry.key)
      ? difference(entry.value, wanted[entry.key] as Json, manner)
      : removal(value, index, manner),
  );
  const present = new Set(value.entries.map(({ key }) => key));
  const added = Object.entries(wanted)
    .filter(([key]) => !present.has(key))
    .map(([key, one]) => ({ key, value: one }));
  // If the last entry goes, the place to add at goes with it: entries are added once it is gone.
  const isShrinking = value.entries.some(({ key }) => !Object.hasOwn(wanted, key));
  if (added.length === 0 || isShrinking) return steps;
  return [...steps, addition(addEntries(value, value.entries.length - 1, added, manner))];
}

/** The common entries of the lists stay as they are; between them, entries take over from each other. */
function listDifference(value: WrittenCollection, wanted: readonly Json[], manner: Tools): Step[] {
  const written = value.entries.map((entry) => entry.value.json);
  const successors = alignLists(written, wanted);
  const moves = movesOf(successors, written.length);
  // New and changed entries follow once all that stays is in order.
  if (moves !== null) return moveSteps(value, moves, manner);
  const steps: Step[] = [];
  // The last written entry that stays, in the order of the wanted ones: new ones come after it.
  let last = -1;
  let added: NewEntry[] = [];
  const addHere = () => {
    if (added.length > 0) steps.push(addition(addEntries(value, last, added, manner)));
    added = [];
  };
  const kept = new Set(successors);
  wanted.forEach((one, index) => {
    const at = successors[index] ?? null;
    const entry = at === null ? undefined : value.entries[at];
    if (at === null || entry === undefined) {
      added.push({ key: null, value: one });
      return;
    }
    addHere();
    steps.push(...difference(entry.value, one, manner));
    last = at;
  });
  addHere();
  const gone = written.flatMap((_, index) => (kept.has(index) ? [] : [index]));
  return [...steps, ...gone.flatMap((index) => removal(value, index, manner))];
}

/** An alias that would come to stand before what it stands for is written out first. */
function moveSteps(value: WrittenCollection, moves: Moves, manner: Tools): Step[] {
  const ordered = moves.order.flatMap((index) => value.entries[index]?.value ?? []);
  const placeOf = (at: number) => ordered.findIndex((entry) => isWithin(entry, at));
  const early = manner.references.filter(({ alias, target }) => {
    const place = placeOf(alias.bare);
    return place !== -1 && place < placeOf(target);
  });
  return early.length > 0
    ? early.map(({ alias }) => addition(replaceValue(alias, alias.json, manner)))
    : moveEntries(value, moves, manner).map(addition);
}

function removal(value: WrittenCollection, index: number, manner: Manner): Step[] {
  const takes = value.entries[index]?.value ?? null;
  return [{ ...removeEntry(value, index, manner), takes, taken: 'all', isAlias: false }];
}

function addition(splice: Splice): Step {
  return { ...splice, ...takesNothing };
}

/** The aliases elsewhere that stand for something whose anchor would go. */
function losing(
  { takes, taken }: Step,
  aliases: readonly WrittenValue[],
  { targets }: EditContext,
): WrittenValue[] {
  if (takes === null) return [];
  return aliases.filter((alias) => {
    const target = targetOf(alias, targets);
    if (target === null || (taken === 'within' && target === takes.node)) return false;
    return isWithin(takes, rangeOf(target)[0]) && !contains(takes, alias);
  });
}

function referrers(
  value: WrittenValue,
  aliases: readonly WrittenValue[],
  { targets }: Pick<EditContext, 'targets'>,
): WrittenValue[] {
  return aliases.filter((alias) => value.node !== null && targetOf(alias, targets) === value.node);
}

function targetOf({ node }: WrittenValue, targets: EditContext['targets']): Node | null {
  return isAliasNode(node) ? (targets.get(node) ?? null) : null;
}

function contains(outer: WrittenValue, inner: WrittenValue): boolean {
  return isWithin(outer, inner.bare);
}

function isWithin({ start, end }: WrittenValue, at: number): boolean {
  return start <= at && at <= end;
}

function aliasesIn(value: WrittenValue): WrittenValue[] {
  if (value.kind === 'alias') return [value];
  if (value.kind !== 'mapping' && value.kind !== 'list') return [];
  return value.entries.flatMap((entry) => aliasesIn(entry.value));
}
