// Which fields of a body change, by JSON Pointer. Refuses to look into arrays: their entries have no
// identity, so an array that differs is one change.
import type { Json, JsonObject } from '../json.ts';
import { equalJson, isJsonObject, toPointer } from '../json.ts';
import type { FieldChange } from './types.ts';

/**
 * Sorted by path. `from` null means that nothing is known of the body before. An object that appears
 * or goes as a whole is one change; `null` is a value, absence is an absent key.
 */
export function diffFields(from: JsonObject | null, to: JsonObject): FieldChange[] {
  const changes: FieldChange[] = [];
  collect(changes, [], { from: from ?? {}, to });
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface Pair {
  readonly from: JsonObject;
  readonly to: JsonObject;
}

function collect(changes: FieldChange[], parents: readonly string[], { from, to }: Pair): void {
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const segments = [...parents, key];
    const path = toPointer(segments);
    const before = ownValue(from, key);
    const after = ownValue(to, key);
    if (before === undefined) {
      if (after !== undefined) changes.push({ path, to: after });
    } else if (after === undefined) {
      changes.push({ path, from: before });
    } else if (isJsonObject(before) && isJsonObject(after)) {
      collect(changes, segments, { from: before, to: after });
    } else if (!equalJson(before, after)) {
      changes.push({ path, from: before, to: after });
    }
  }
}

/** Own keys only: a body may well have a field called `constructor` or `__proto__`. */
function ownValue(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
