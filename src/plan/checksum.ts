// The checksum of a plan: two plans that agree on all of it are the same plan.
import type { JsonObject } from '../base/json/json.ts';
import { canonicalJson } from '../base/json/json.ts';
import type { FieldChange, Plan, WidgetAt } from '../model/plan.ts';
import { sha256 } from '../model/widget.ts';

type Lists = Pick<Plan, 'changes' | 'held' | 'orphaned' | 'drifted' | 'ignored'>;

/**
 * Not over the revision, nor over when and at what cost live was read: a commit that changes nothing
 * and a second look leave a reviewed plan valid. Nor over what is adopted: a daemon that waits for a
 * person has recorded it meanwhile, and nothing is written for it.
 */
export function checksumOf(plan: Lists): string {
  return sha256(
    canonicalJson({
      changes: plan.changes.map((change) => ({
        ...place(change),
        reason: change.reason,
        hash: change.hash,
        fields: change.fields.map(fieldAsJson),
      })),
      held: plan.held.map(({ widgetId, file, code }) => ({ widget_id: widgetId, file, code })),
      orphaned: plan.orphaned.map(place),
      drifted: plan.drifted.map((drift) => ({
        ...place(drift),
        why: drift.why,
        fields: drift.fields.map(fieldAsJson),
      })),
      ignored: plan.ignored.map((entry) => ({ ...place(entry), paths: [...entry.paths] })),
    }),
  );
}

function place({ widgetId, file }: WidgetAt): JsonObject {
  return { widget_id: widgetId, file };
}

/** What becomes of the field, and not where its value stands: moving it to another file changes no plan. */
function fieldAsJson({ path, from, to, by, released, neverDeclared }: FieldChange): JsonObject {
  return {
    path,
    by,
    released,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(neverDeclared && { neverDeclared }),
  };
}
