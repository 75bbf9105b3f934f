// The differences of two bodies, by JSON Pointer. Refuses to look into arrays: their entries have no
// identity, so an array that differs is one difference.
import type { Json, JsonObject } from '../base/json/json.ts';
import { equalJson, isJsonObject, toPointer } from '../base/json/json.ts';
import { ownValue } from './value-at.ts';

/** `from` is absent when unknown or not set before, `to` when no longer there. */
export interface FieldDifference {
  /** JSON Pointer into the body. */
  readonly path: string;
  readonly from?: Json;
  readonly to?: Json;
}

/**
 * Sorted by path. `from` null means that nothing is known of the body before. An object that appears
 * or goes as a whole is one difference; `null` is a value, absence is an absent key.
 */
export function diffFields(from: JsonObject | null, to: JsonObject): FieldDifference[] {
  const differences: FieldDifference[] = [];
  collect(differences, [], { from: from ?? {}, to });
  return differences.sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface Pair {
  readonly from: JsonObject;
  readonly to: JsonObject;
}

function collect(
  differences: FieldDifference[],
  parents: readonly string[],
  { from, to }: Pair,
): void {
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const segments = [...parents, key];
    const path = toPointer(segments);
    const before = ownValue(from, key);
    const after = ownValue(to, key);
    if (before === undefined) {
      if (after !== undefined) differences.push({ path, to: after });
    } else if (after === undefined) {
      differences.push({ path, from: before });
    } else if (isJsonObject(before) && isJsonObject(after)) {
      collect(differences, segments, { from: before, to: after });
    } else if (!equalJson(before, after)) {
      differences.push({ path, from: before, to: after });
    }
  }
}

/** An object that appears or goes as a whole, or takes another value's place, as one difference for each member. */
export function leafDifferences(difference: FieldDifference): FieldDifference[] {
  const { path, from, to } = difference;
  const members = diffFields(isJsonObject(from) ? from : {}, isJsonObject(to) ? to : {});
  if (members.length === 0) return [difference];
  return members.flatMap((member) => leafDifferences({ ...member, path: path + member.path }));
}

/** A value that is no object with members, by its JSON Pointer. */
export interface Leaf {
  readonly path: string;
  readonly value: Json;
}

/** In the order of the object's keys. Lists are leaves. */
export function leavesOf(body: JsonObject, parents: readonly string[] = []): Leaf[] {
  return Object.entries(body).flatMap(([key, value]) => {
    const path = [...parents, key];
    const hasMembers = isJsonObject(value) && Object.keys(value).length > 0;
    return hasMembers ? leavesOf(value, path) : [{ path: toPointer(path), value }];
  });
}
