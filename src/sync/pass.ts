// A pass: look at everything, plan, hand the plan to the queue. `plan` and `apply` share it; only
// the second hands anything over.

import type { LoadedTree } from '../documents/types.ts';
import type { WidgetDirectory } from '../documents/widget-directory.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { Plan, Policy } from '../plan/types.ts';
import type { AppliedState, StateStore } from '../state/store.ts';
import type { ChangeQueue } from './change-queue.ts';

export interface Look {
  readonly tree: LoadedTree;
  readonly plan: Plan;
}

export interface LookDeps {
  readonly directory: Pick<WidgetDirectory, 'load'>;
  readonly state: Pick<AppliedState, 'records'>;
}

/** Load and plan. Writes nothing; throws `UsageError` when the directory cannot be read at all. */
export function look(policy: Policy, { directory, state }: LookDeps): Look {
  const tree = directory.load();
  const plan = makePlan(
    {
      desired: tree.documents,
      held: tree.held,
      applied: state.records,
      live: { kind: 'unknown' },
      revision: null,
    },
    policy,
  );
  return { tree, plan };
}

/**
 * Hands the plan over. Has to follow `look` without anything awaited in between: what the queue
 * confirms meanwhile would make the plan old.
 */
export function applyPlan(plan: Plan, queue: ChangeQueue): void {
  queue.retain(new Set(plan.changes.map((change) => change.widgetId)));
  for (const change of plan.changes) queue.submit(change);
}

/**
 * Brings the records of unchanged widgets up to date with files that were renamed or rewritten
 * without a change of content, so that the next start need not parse them again.
 */
export async function refreshRecords(plan: Plan, state: StateStore): Promise<void> {
  for (const { widgetId, file, digest } of plan.unchanged) {
    const record = state.records.get(widgetId);
    if (record === undefined || record.unconfirmedHash !== null) continue;
    if (record.file === file && state.knownContent(digest) !== undefined) continue;
    await state.save({ ...record, file, digest });
  }
}
