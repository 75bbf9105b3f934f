// A widget as an abbreviated list has it: a server may give less there than for a widget by itself.
import type { Json, JsonObject } from '../base/json/json.ts';

/** How much the list gives of each widget: all of it, or no objects and lists, and of texts the beginning. */
export type ListMode = 'whole' | 'brief';

const longestText = 40;

export function briefItem(widget: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(widget)
      .filter(([, value]) => value === null || typeof value !== 'object')
      .map(([name, value]) => [name, beginning(value)]),
  );
}

function beginning(value: Json): Json {
  if (typeof value !== 'string' || value.length <= longestText) return value;
  return `${value.slice(0, longestText)}…`;
}
