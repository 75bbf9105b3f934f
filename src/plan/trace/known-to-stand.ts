// What a fragment is known to have said before: a widget that it reaches, and that is as it was applied, has the value.
import { canonicalJson, fromPointer, type Json } from '../../base/json/json.ts';
import type { LastApplied, Plan } from '../../model/plan.ts';
import { sameValue, valueAt } from '../../model/value-at.ts';
import { asJson, type WidgetSpec } from '../../model/widget.ts';

/** What stands in a fragment, at a JSON Pointer into the body. */
export interface Said {
  readonly path: string;
  readonly value: Json | undefined;
}

/**
 * Whether a fragment said so already when the widget of a file was applied last. That it is as it was, of its own
 * bytes and of all that it extends, tells of the widget itself; another one tells the same if it was applied no later,
 * or of the same commit. `specs` are those of the plan, by widget file.
 */
export function knownToStand(
  { fragments, lastApplied = new Map() }: Pick<Plan, 'fragments' | 'lastApplied'>,
  specs: ReadonlyMap<string, WidgetSpec>,
): (fragment: string, said: Said, widget: string) => boolean {
  const reached = new Map(fragments.map(({ file, widgets }) => [file, widgets]));
  const known = new Map<string, Witnesses>();

  function witnessesOf(fragment: string, { path, value }: Said): Witnesses {
    const segments = fromPointer(path);
    const has = (file: string) => {
      const spec = specs.get(file);
      return spec !== undefined && sameValue(valueAt(asJson(spec), segments), value);
    };
    const same = (reached.get(fragment) ?? []).flatMap((file) => {
      const one = lastApplied.get(file);
      return one?.isSame && has(file) ? [one] : [];
    });
    return witnesses(same);
  }

  return (fragment, said, widget) => {
    const own = lastApplied.get(widget);
    if (own?.isSame) return true;
    const key = canonicalJson([fragment, said.path, said.value === undefined ? [] : [said.value]]);
    const found = known.get(key) ?? witnessesOf(fragment, said);
    known.set(key, found);
    return found.tellOf(own);
  };
}

interface Witnesses {
  tellOf(widget: LastApplied | undefined): boolean;
}

function witnesses(same: readonly LastApplied[]): Witnesses {
  const firstMs = same.reduce((first, { at }) => Math.min(first, at.getTime()), Infinity);
  const revisions = new Set(same.map(({ revision }) => revision));
  return {
    tellOf: (widget) =>
      // To a widget that was never applied, whatever the fragment gives is new, and not the fragment.
      widget === undefined
        ? same.length > 0
        : firstMs <= widget.at.getTime() ||
          (widget.revision !== null && revisions.has(widget.revision)),
  };
}
