// One state directory for two widget directories: the widgets of the other one look orphaned, and the
// plan would name their files as if they had stood in this one.
import { resolve } from 'node:path';
import { UsageError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { printable } from '../../base/text.ts';
import type { Plan } from '../../model/plan.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { AppliedState } from '../../state/state-store.ts';

/** The directory that a widget was applied from, absolute, where that is another one than this. */
export function otherRootOf(state: Pick<AppliedState, 'rootOf'>, directory: string) {
  const root = resolve(directory);
  return (widgetId: WidgetId): string | null => {
    const recorded = state.rootOf(widgetId) ?? root;
    return recorded === root ? null : recorded;
  };
}

/** Refuses a state that would stand among the widget files, and be committed with them. */
export function refuseSamePlace(directory: string, state: string): void {
  if (resolve(directory) !== resolve(state)) return;
  throw new UsageError(
    `--state: ${printable(state)} is the widget directory itself; give it a directory of its own`,
  );
}

/** Says it once, whatever plans follow. */
export function sayShared(log: Log, otherRoot: (widgetId: WidgetId) => string | null) {
  let isSaid = false;
  return ({ orphaned }: Plan): void => {
    const roots = orphaned.flatMap(({ widgetId }) => otherRoot(widgetId) ?? []);
    if (isSaid || roots.length === 0) return;
    isSaid = true;
    log.warn(
      { orphaned: roots.length, directories: [...new Set(roots)] },
      'orphans came from another widget directory: each directory needs a --state of its own',
    );
  };
}
