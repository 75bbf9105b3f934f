// Widgets that extend fragments, in few words and without files: each value stands on a line of its own, in the
// order in which its layer has it.
import type { JsonObject } from '../../src/base/json/json.ts';
import { canonicalJson, isJsonObject, toPointer } from '../../src/base/json/json.ts';
import type { Layer } from '../../src/documents/compose/compose-layers.ts';
import { type ComposedFile, composedFile } from '../../src/documents/compose/composed-file.ts';
import type { Range, ReachedFragment, WidgetDocument } from '../../src/model/document.ts';
import type { Change, Plan } from '../../src/model/plan.ts';
import { sha256 } from '../../src/model/widget.ts';
import { type FindOrigin, tracePlan } from '../../src/plan/trace/trace-plan.ts';
import { documentOf } from '../plan/fixtures.ts';

export interface WidgetOver {
  readonly own?: JsonObject;
  /** The weakest first, all of them. */
  readonly over: readonly string[];
  readonly omit?: readonly string[];
}

export interface Composed {
  readonly documents: readonly WidgetDocument[];
  readonly fragments: readonly ReachedFragment[];
  readonly files: ReadonlyMap<string, ComposedFile>;
  /** The plan with its origins. */
  readonly trace: (plan: Plan) => Plan;
}

/** The n-th widget of `widgets` has the n-th id, and the file `prod/w<n>.yaml`. */
export function composed(
  fragments: Readonly<Record<string, JsonObject>>,
  widgets: readonly WidgetOver[],
): Composed {
  const layer = (file: string): Layer => ({ file, value: fragments[file] ?? {} });
  const made = widgets.map(({ own = {}, over, omit = [] }, n) => {
    const file = `prod/w${n}.yaml`;
    const parts = { fragments: over.map(layer), omit, own: { file, value: own } };
    return { file, over, n, made: composedFile(parts, placeIn) };
  });
  const files = new Map(made.map((one) => [one.file, one.made]));
  return {
    documents: made.map(({ file, over, n, made: { value, own, omit, fragments: layers } }) => {
      // Of the file's own bytes and of the meanings beneath it, as the digest is made.
      const digest = sha256(
        canonicalJson([own.value, [...omit], layers.map((layer) => layer.value)]),
      );
      const document = { ...documentOf(n, value, file), digest };
      return over.length === 0 ? document : { ...document, extends: over };
    }),
    fragments: Object.keys(fragments)
      .sort()
      .map((file) => ({
        file,
        widgets: made.filter(({ over }) => over.includes(file)).map((one) => one.file),
      }))
      .filter((one) => one.widgets.length > 0),
    files,
    trace: (plan) => tracePlan(plan, (change) => findIn(files, change)),
  };
}

function findIn(files: ReadonlyMap<string, ComposedFile>, { file }: Change): FindOrigin | null {
  const found = files.get(file);
  return found === undefined ? null : (pointer) => found.origin(pointer);
}

/** Line 1 is that of the first value. */
function placeIn({ value }: Layer, pointer: string): Range {
  const line = pointersIn(value).indexOf(pointer) + 1;
  return { start: { line, column: 1 }, end: { line, column: 2 } };
}

export function pointersIn(value: JsonObject, parents: readonly string[] = []): string[] {
  return Object.entries(value).flatMap(([name, member]) => {
    const path = [...parents, name];
    return [toPointer(path), ...(isJsonObject(member) ? pointersIn(member, path) : [])];
  });
}
