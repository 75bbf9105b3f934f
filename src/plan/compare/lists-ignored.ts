// Pointers that lead into lists. A list's entries have no identity, so that nothing within one can be
// left to the dashboard: such a pointer ignores nothing that git declares, and a write that would go
// over it is not made.
import type { JsonObject } from '../../base/json/json.ts';
import { fromPointer, toPointer } from '../../base/json/json.ts';
import type { FieldChange } from '../../model/plan.ts';
import { sameValue, valueAt } from '../../model/value-at.ts';
import { asJson, type WidgetSpec } from '../../model/widget.ts';

export interface IgnoredInList {
  /** The pointer of `sync.ignore`. */
  readonly pointer: string;
  /** JSON Pointer of the list that it leads into. */
  readonly list: string;
}

interface Declaration {
  readonly spec: WidgetSpec;
  readonly sync: { readonly ignore: readonly string[] };
}

/**
 * Those that lead into a list of the file or of the live widget, where the file declares that list or
 * something in its place; `live` null: not known.
 */
function ignoredInLists({ spec, sync }: Declaration, live: JsonObject | null): IgnoredInList[] {
  const declared = asJson(spec);
  return sync.ignore.flatMap((pointer) => {
    const segments = fromPointer(pointer);
    const around = segments.map((_, length) => segments.slice(0, length));
    const list = around.find((place) =>
      [declared, live ?? {}].some((body) => Array.isArray(valueAt(body, place))),
    );
    if (list === undefined || valueAt(declared, list) === undefined) return [];
    return [{ pointer, list: toPointer(list) }];
  });
}

/** Those whose list a write changes, as far as that can be told. */
export function changedInLists(
  declaration: Declaration,
  live: JsonObject | null,
  fields: readonly FieldChange[],
): IgnoredInList[] {
  return ignoredInLists(declaration, live).filter(
    ({ list }) =>
      live === null || fields.some(({ path }) => isWithin(path, list) || isWithin(list, path)),
  );
}

/** The same of a body that is about to be sent upon a read which the plan did not have. */
export function overwrittenInLists(declaration: Declaration, base: JsonObject): IgnoredInList[] {
  const declared = asJson(declaration.spec);
  return ignoredInLists(declaration, base).filter(({ list }) => {
    const place = fromPointer(list);
    const isDeclaredList = Array.isArray(valueAt(declared, place));
    // How an API spells a declared list is for the plan to know.
    return !isDeclaredList && !sameValue(valueAt(declared, place), valueAt(base, place));
  });
}

/** One line for people. */
export function explainInLists(found: readonly IgnoredInList[]): string {
  const pointers = found.map(({ pointer }) => pointer).join(', ');
  const lists = [...new Set(found.map(({ list }) => list))].join(', ');
  return (
    `sync.ignore leaves ${pointers} to the dashboard, which is within a list, and a write could not keep ` +
    `a part of a list: ignore it whole (${lists}), or remove the entry of sync.ignore`
  );
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}/`);
}
