// How far each fragment reaches, and what of that a plan changes. Nothing remembers what a fragment said: that one
// was edited is told from the widgets that it reaches, and only what these leave open is put down to it.
import type { Json } from '../../base/json/json.ts';
import { fromPointer } from '../../base/json/json.ts';
import type { Plan } from '../../model/plan.ts';
import { sameValue, valueAt } from '../../model/value-at.ts';
import { asJson, type WidgetSpec } from '../../model/widget.ts';
import { knownToStand } from './known-to-stand.ts';

/** Each number counts widgets. */
export interface FragmentReach {
  readonly file: string;
  readonly widgets: number;
  /**
   * Those that get a new value from the fragment. What it said when they were applied is no new value, nor is what
   * was changed in the dashboard; what nobody says any more is told by `releasedTogether`.
   */
  readonly changes: number;
  /** Of the others, those that say something else where it changes some. */
  readonly otherwise: number;
  /** Of the others, those that cannot be used now. */
  readonly held: number;
}

/** Of a traced plan, in the order of its fragments. */
export function reachOf(plan: Plan): FragmentReach[] {
  const told = whatIsTold(plan);
  const specs = specsOf(plan);
  const held = new Set(plan.held.map(({ file }) => file));
  return plan.fragments.map(({ file, widgets }) => {
    const { values, files } = told.get(file) ?? nothingTold;
    const others = widgets.filter((widget) => !files.has(widget));
    const isOtherwise = (widget: string) => {
      const spec = specs.get(widget);
      return spec !== undefined && saysOtherwise(spec, values);
    };
    return {
      file,
      widgets: widgets.length,
      changes: widgets.length - others.length,
      otherwise: others.filter(isOtherwise).length,
      held: others.filter((widget) => held.has(widget)).length,
    };
  });
}

/** What a fragment says, by JSON Pointer, where that changes widgets. */
interface Told {
  readonly values: Map<string, Json | undefined>;
  /** The files of the widgets that it changes. */
  readonly files: Set<string>;
}

const nothingTold: Told = { values: new Map(), files: new Set() };

function whatIsTold(plan: Plan): ReadonlyMap<string, Told> {
  const told = new Map<string, Told>(
    plan.fragments.map(({ file }) => [file, { values: new Map(), files: new Set() }]),
  );
  const stands = knownToStand(plan, specsOf(plan));
  for (const { file: widget, fields } of plan.changes) {
    for (const { origin, path, to, by } of fields) {
      const at = origin === undefined ? undefined : told.get(origin.file);
      if (origin === undefined || at === undefined || by === 'dashboard') continue;
      if (stands(origin.file, { path, value: to }, widget)) continue;
      at.values.set(path, to);
      at.files.add(widget);
    }
  }
  return told;
}

/** By widget file. */
export function specsOf({ changes, unchanged, adopted }: Plan): ReadonlyMap<string, WidgetSpec> {
  const documents = [...changes, ...unchanged, ...adopted.map(({ document }) => document)];
  return new Map(documents.map(({ file, spec }) => [file, spec]));
}

function saysOtherwise(spec: WidgetSpec, values: Told['values']): boolean {
  const body = asJson(spec);
  return [...values].some(([path, value]) => !sameValue(valueAt(body, fromPointer(path)), value));
}
