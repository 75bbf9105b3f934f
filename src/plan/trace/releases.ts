// The fields that several widgets lose at once, and what these have in common.
import { fromPointer } from '../../base/json/json.ts';
import type { ReachedFragment } from '../../model/document.ts';
import type { Plan } from '../../model/plan.ts';
import { valueAt } from '../../model/value-at.ts';
import { asJson, type WidgetSpec } from '../../model/widget.ts';
import { specsOf } from './fragment-reach.ts';
import { isSharedByMany, sharesOf } from './shared-fields.ts';

/** A field that several widgets, which extend fragments, no longer declare and set back to empty. */
export interface Release {
  /** JSON Pointer into the body. */
  readonly path: string;
  /** Their files, in the order of the plan. */
  readonly files: readonly string[];
  /**
   * The fragments that reach all of these, and otherwise only widgets that declare the field all the same, or are held:
   * one of them may have dropped it. Of several the ones that reach fewest widgets.
   */
  readonly fragments: readonly Releasing[];
}

export interface Releasing {
  readonly file: string;
  /** Whether it reaches no other widget. */
  readonly isAll: boolean;
}

/** Those of more than two widgets, and those of two that are all that a fragment reaches. */
export function releasesOf(plan: Plan): Release[] {
  if (plan.fragments.length === 0) return [];
  const shares = sharesOf(plan.changes, ({ file, extends: extended, fields }) =>
    extended === undefined
      ? []
      : fields.filter((field) => field.released).map(({ path }) => [path, file] as const),
  );
  const specs = specsOf(plan);
  const held = new Set(plan.held.map(({ file }) => file));
  return [...shares]
    .filter(([, files]) => files.length > 1)
    .map(([path, files]) => ({
      path,
      files,
      fragments: findReleasing(plan, { path, files }, { specs, held }),
    }))
    .filter(({ files, fragments }) => isSharedByMany(files) || fragments.length > 0);
}

interface Known {
  readonly specs: ReadonlyMap<string, WidgetSpec>;
  readonly held: ReadonlySet<string>;
}

function findReleasing(
  { fragments }: Plan,
  { path, files }: Pick<Release, 'path' | 'files'>,
  { specs, held }: Known,
): readonly Releasing[] {
  const segments = fromPointer(path);
  const releasing = new Set(files);
  const declares = (file: string) => {
    const spec = specs.get(file);
    return spec !== undefined && valueAt(asJson(spec), segments) !== undefined;
  };
  const mayRelease = ({ widgets }: ReachedFragment) => {
    const others = widgets.filter((file) => !releasing.has(file));
    return (
      widgets.length - others.length === files.length &&
      others.every((file) => held.has(file) || declares(file))
    );
  };
  const found = fragments.filter(mayRelease);
  const fewest = Math.min(...found.map(({ widgets }) => widgets.length));
  return found
    .filter(({ widgets }) => widgets.length === fewest)
    .map(({ file, widgets }) => ({ file, isAll: widgets.length === files.length }));
}
