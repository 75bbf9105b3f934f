// The body that a widget is to have → the least that its file has to say over what it inherits: a leaf,
// a whole list, and in `omit` a pointer to what the widget is not to have. Pure.
import {
  equalJson,
  isJsonObject,
  type Json,
  type JsonObject,
  toPointer,
} from '../../base/json/json.ts';
import { ownValue } from '../../model/value-at.ts';

export interface Overlay {
  /** The fields that the file declares itself. */
  readonly own: JsonObject;
  /** JSON Pointers. */
  readonly omit: readonly string[];
}

/**
 * What the file has to say, that says `overlay` now. `inherited` is the body of its fragments, before anything is
 * omitted; a field that `wanted` lacks stays as it is. What the file repeats of its fragments stays, where it is
 * still wanted: nobody asked for it to go.
 */
export function overlayFor(inherited: JsonObject, overlay: Overlay, wanted: JsonObject): Overlay {
  const omitted = new Set(overlay.omit);
  const body: Place = { path: [], inherited, own: overlay.own, wanted };
  const fields = Object.keys(wanted).map(
    (name) => [name, saidAt(placeWithin(body, name), omitted)] as const,
  );
  const said = new Map(fields);
  const { added, restored } = joined(said.values());
  return {
    own: fromMembers(overlay.own, new Map([...asSaid(overlay.own), ...said])),
    omit: [...overlay.omit.filter((pointer) => !restored.includes(pointer)), ...added],
  };
}

/** Values of one place; undefined where there is none. */
interface Place {
  readonly path: readonly string[];
  readonly inherited: Json | undefined;
  readonly own: Json | undefined;
  readonly wanted: Json | undefined;
}

/** What the file has to say of a place. */
interface Said {
  readonly own: Json | undefined;
  /** Pointers that are to be omitted from now on. */
  readonly added: readonly string[];
  /** Pointers that need not be omitted any longer. */
  readonly restored: readonly string[];
}

function placeWithin({ path, inherited, own, wanted }: Place, key: string): Place {
  return {
    path: [...path, key],
    inherited: ownValue(inherited, key),
    own: ownValue(own, key),
    wanted: ownValue(wanted, key),
  };
}

/** An omission goes where the file has less to say without it. */
function saidAt(place: Place, omitted: ReadonlySet<string>): Said {
  const pointer = toPointer(place.path);
  if (!omitted.has(pointer)) return saidOver(place, omitted);
  const apart = saidOver({ ...place, inherited: undefined }, omitted);
  if (place.wanted === undefined || place.inherited === undefined) return apart;
  const over = saidOver(place, omitted);
  const isLess = over.added.length === 0 && countLeaves(over.own) < countLeaves(apart.own);
  return isLess ? { ...over, restored: [...over.restored, pointer] } : apart;
}

/** An object without members counts as one: it has a line, too. */
function countLeaves(value: Json | undefined): number {
  if (value === undefined) return 0;
  if (!isJsonObject(value)) return 1;
  const counts = Object.values(value).map(countLeaves);
  return Math.max(
    1,
    counts.reduce((sum, one) => sum + one, 0),
  );
}

/** Of a place that is not omitted. */
function saidOver(place: Place, omitted: ReadonlySet<string>): Said {
  const { path, inherited, own, wanted } = place;
  if (wanted === undefined) {
    return { ...nothing, added: inherited === undefined ? [] : [toPointer(path)] };
  }
  if (isJsonObject(wanted) && isJsonObject(inherited)) {
    return saidOfMembers({ ...place, inherited, wanted }, omitted);
  }
  if (own !== undefined && equalJson(own, wanted)) return { ...nothing, own };
  return inherited !== undefined && equalJson(inherited, wanted)
    ? nothing
    : { ...nothing, own: wanted };
}

const nothing: Said = { own: undefined, added: [], restored: [] };

/** Objects are laid over each other, member by member; any other value of the file's is no more wanted. */
function saidOfMembers(
  place: Place & { readonly inherited: JsonObject; readonly wanted: JsonObject },
  omitted: ReadonlySet<string>,
): Said {
  const { path, inherited, wanted } = place;
  const own = isJsonObject(place.own) ? place.own : {};
  const keys = new Set([own, inherited, wanted].flatMap((one) => Object.keys(one)));
  const members = new Map(
    [...keys].map((key) => [key, saidAt(placeWithin({ ...place, own }, key), omitted)] as const),
  );
  const { added, restored } = joined(members.values());
  const left = fromMembers(own, members);
  // Where nothing of it is wanted, that is said once.
  if (added.length > 1 && equalJson(left, wanted)) {
    return { own: wanted, added: [toPointer(path)], restored: [] };
  }
  const isSilent = Object.keys(left).length === 0 && !equalJson(place.own ?? null, {});
  return { own: isSilent ? undefined : left, added, restored };
}

/** In the order of the file. */
function fromMembers(order: JsonObject, members: ReadonlyMap<string, Said>): JsonObject {
  const keys = new Set([...Object.keys(order), ...members.keys()]);
  const entries = [...keys].flatMap((key) => {
    const { own } = members.get(key) ?? nothing;
    return own === undefined ? [] : [[key, own] as const];
  });
  // fromEntries defines, where assigning would take `__proto__` for the prototype.
  return Object.fromEntries(entries);
}

function asSaid(own: JsonObject): [string, Said][] {
  return Object.entries(own).map(([name, value]) => [name, { ...nothing, own: value }]);
}

function joined(all: Iterable<Said>): Pick<Said, 'added' | 'restored'> {
  const list = [...all];
  return {
    added: list.flatMap(({ added }) => added),
    restored: list.flatMap(({ restored }) => restored),
  };
}
