// What `plan --since` went by, for programs.
import type { LoadedTree } from '../../model/document.ts';
import type { WidgetId } from '../../model/widget.ts';
import type { AppliedState } from '../../state/state-store.ts';
import type { Assumed } from './assume-since.ts';

/** How many of the widgets that files declare are recorded, count as the commit had them, or neither. */
export function sinceJson(
  { documents, held }: Pick<LoadedTree, 'documents' | 'held'>,
  { records }: Pick<AppliedState, 'records'>,
  { commit, records: assumed }: Assumed,
): object {
  const ids = new Set(
    [...documents, ...held].flatMap(({ widgetId }) => (widgetId === null ? [] : [widgetId])),
  );
  const known = [...ids].filter((id) => records.has(id));
  const isAssumed = (id: WidgetId) => records.get(id) === assumed.get(id);
  const count = known.filter(isAssumed).length;
  const counts = {
    recorded: known.length - count,
    assumed: count,
    unknown: ids.size - known.length,
  };
  return { since: commit?.id ?? null, known: counts };
}
