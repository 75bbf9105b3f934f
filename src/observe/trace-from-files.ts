// The origins of a plan, from the files that it was made of: made again each time it is printed, and never kept.
import type { WidgetDirectory } from '../documents/widget-directory.ts';
import type { Change, Plan } from '../model/plan.ts';
import { type FindOrigin, traceChange, tracePlan } from '../plan/trace/trace-plan.ts';

type Composes = Pick<WidgetDirectory, 'compose'>;

/** The plan as it is to be printed. Reads the files of the widgets that extend fragments and change. */
export function traceFromFiles(plan: Plan, directory: Composes): Plan {
  return tracePlan(plan, (change) => originsOf(change, directory));
}

/** One change, as it is to be shown. */
export function traceChangeFromFiles(change: Change, directory: Composes): Change {
  return traceChange(change, (traced) => originsOf(traced, directory));
}

/** Null where the file, or a fragment that it extends, has changed since. */
function originsOf(
  { file, digest }: Pick<Change, 'file' | 'digest'>,
  directory: Composes,
): FindOrigin | null {
  const composed = directory.compose(file, digest);
  return composed === null ? null : (pointer) => composed.origin(pointer);
}
