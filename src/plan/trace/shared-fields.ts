// What many changes of a plan have in common, such as a line of a fragment: to be shown once.
import { canonicalJson } from '../../base/json/json.ts';
import type { Change, FieldChange } from '../../model/plan.ts';

export interface SharedFields {
  /** In the order of their paths. */
  readonly fields: readonly FieldChange[];
  /** All that change each of these fields alike, in the order of the plan. */
  readonly changes: readonly Change[];
}

/** A change with what it has in common with others set apart. */
export interface Shared {
  readonly groups: readonly SharedFields[];
  /** The fields that stand in no group, and the places of the groups that the others stand in. */
  readonly partsOf: (change: Change) => {
    readonly own: readonly FieldChange[];
    readonly groups: readonly number[];
  };
}

/** So few changes are read as fast one by one. */
const mostAlone = 2;

export function isSharedByMany(sharing: readonly unknown[]): boolean {
  return sharing.length > mostAlone;
}

/**
 * Of a traced plan: what more than two changes have from one line of a fragment, or have lost together. The
 * group that most changes share comes first.
 */
export function shareFields(changes: readonly Change[]): Shared {
  const keys = new Map<FieldChange, string>();
  const byKey = sharesOf(changes, (change) =>
    change.fields
      .filter((field) => isInherited(field, change))
      .map((field) => {
        const key = keyOf(field);
        keys.set(field, key);
        return [key, { change, field }] as const;
      }),
  );
  const groupAt = new Map<string, number>();
  const groups = group([...byKey].filter(([, uses]) => isSharedByMany(uses)));
  for (const [at, { sharedKeys }] of groups.entries()) {
    for (const key of sharedKeys) groupAt.set(key, at);
  }
  return {
    groups,
    partsOf({ fields }) {
      const places = fields.map((field) => groupAt.get(keys.get(field) ?? ''));
      return {
        own: fields.filter((_, index) => places[index] === undefined),
        groups: [...new Set(places.filter((at) => at !== undefined))].sort((a, b) => a - b),
      };
    },
  };
}

/** The values that each key was given, in the order in which they came. */
export function sharesOf<Item, Value>(
  items: readonly Item[],
  pairsOf: (item: Item) => readonly (readonly [string, Value])[],
): Map<string, Value[]> {
  const shares = new Map<string, Value[]>();
  for (const [key, value] of items.flatMap(pairsOf)) {
    const known = shares.get(key);
    if (known === undefined) shares.set(key, [value]);
    else known.push(value);
  }
  return shares;
}

/** A value that stands in a fragment, or one that none of its files declares any more. */
function isInherited({ origin, to, released }: FieldChange, change: Change): boolean {
  if (origin !== undefined) return origin.file !== change.file;
  return change.extends !== undefined && (released || to === undefined);
}

/** Equal for fields that are shown alike. */
function keyOf({ origin, from, to, ...field }: FieldChange): string {
  const place = origin === undefined ? null : [origin.file, origin.range.start.line];
  const values = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  return canonicalJson([{ ...field }, values, place]);
}

interface Use {
  readonly change: Change;
  readonly field: FieldChange;
}

interface Group extends SharedFields {
  readonly sharedKeys: readonly string[];
}

/** Fields that the very same changes share are one group. */
function group(shared: readonly (readonly [string, readonly Use[]])[]): readonly Group[] {
  const bySharers = sharesOf(shared, ([key, uses]) => [
    [uses.map(({ change }) => change.widgetId).join(), { key, uses }] as const,
  ]);
  return [...bySharers.values()]
    .map(
      (alike): Group => ({
        fields: alike.flatMap(({ uses }) => uses[0]?.field ?? []).sort(byPath),
        changes: alike[0]?.uses.map(({ change }) => change) ?? [],
        sharedKeys: alike.map(({ key }) => key),
      }),
    )
    .sort((a, b) => b.changes.length - a.changes.length);
}

function byPath(a: FieldChange, b: FieldChange): number {
  return a.path < b.path ? -1 : 1;
}
