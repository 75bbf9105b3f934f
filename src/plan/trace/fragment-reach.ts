// How far each fragment reaches, and what of that a plan changes.
import type { Json } from '../../base/json/json.ts';
import { fromPointer } from '../../base/json/json.ts';
import type { ReachedFragment } from '../../model/document.ts';
import type { Plan } from '../../model/plan.ts';
import { sameValue, valueAt } from '../../model/value-at.ts';
import { asJson, type WidgetSpec } from '../../model/widget.ts';
import { isSharedByMany, sharesOf } from './shared-fields.ts';

/** Each number counts widgets. */
export interface FragmentReach {
  readonly file: string;
  readonly widgets: number;
  /** Those that change in what the fragment says, or in what it says no more. */
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

/** What a fragment says, by JSON Pointer, where that changes widgets; undefined for what it says no more. */
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
  for (const { file: widget, fields } of plan.changes) {
    for (const { origin, path, to } of fields) {
      const at = origin === undefined ? undefined : told.get(origin.file);
      at?.values.set(path, to);
      at?.files.add(widget);
    }
  }
  for (const [path, widgets] of releasedByMany(plan)) {
    for (const { file } of nearest(plan.fragments, widgets)) {
      told.get(file)?.values.set(path, undefined);
      for (const widget of widgets) told.get(file)?.files.add(widget);
    }
  }
  return told;
}

/** The fields that so many widgets release at once that a fragment has dropped them: path → widget files. */
export function releasedByMany({
  changes,
  fragments,
}: Plan): ReadonlyMap<string, readonly string[]> {
  if (fragments.length === 0) return new Map();
  const released = sharesOf(changes, ({ file, extends: extended, fields }) =>
    extended === undefined
      ? []
      : fields.filter((field) => field.released).map(({ path }) => [path, file] as const),
  );
  return new Map([...released].filter(([, files]) => isSharedByMany(files)));
}

/** Of the fragments that reach all of the widgets, those that reach the fewest others. */
function nearest(
  fragments: readonly ReachedFragment[],
  widgets: readonly string[],
): readonly ReachedFragment[] {
  const reaching = fragments.filter((fragment) => {
    const reached = new Set(fragment.widgets);
    return widgets.every((widget) => reached.has(widget));
  });
  const fewest = Math.min(...reaching.map((fragment) => fragment.widgets.length));
  return reaching.filter((fragment) => fragment.widgets.length === fewest);
}

function specsOf({ changes, unchanged, adopted }: Plan): ReadonlyMap<string, WidgetSpec> {
  const documents = [...changes, ...unchanged, ...adopted.map(({ document }) => document)];
  return new Map(documents.map(({ file, spec }) => [file, spec]));
}

function saysOtherwise(spec: WidgetSpec, values: Told['values']): boolean {
  const body = asJson(spec);
  return [...values].some(([path, value]) => !sameValue(valueAt(body, fromPointer(path)), value));
}
