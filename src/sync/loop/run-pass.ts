// The road, from files to the account: look, plan, check the limit, send, record. The daemon, `apply`
// and `plan` all take it, with other ports: a sender that does nothing makes a dry run of it.

import type { Clock } from '../../base/clock.ts';
import type { LoadedTree, Unsettled } from '../../model/document.ts';
import type { LiveView, Plan, Policy } from '../../model/plan.ts';
import { makePlan } from '../../plan/make-plan.ts';
import type { AppliedState } from '../../state/state-store.ts';
import type { Emit, Refusal, Trigger } from '../events.ts';
import type { ChangeQueue } from '../queue/change-queue.ts';
import type { Unsaved } from '../queue/record-findings.ts';

/** The request for a pass. */
export interface Ask {
  readonly trigger: Trigger;
  /** Send every valid widget, whatever is recorded. */
  readonly force: boolean;
}

/**
 * Whose live state is read: of the widgets that will probably be written, as far as it is not known; or
 * of all that are declared, and what is known stands in where one cannot be read.
 */
export type Scope = 'pending' | 'all';

/** The files and, of what is live, as much as a pass needs. */
export interface Sight {
  readonly tree: LoadedTree;
  readonly live: LiveView;
}

/** Why nothing was seen: the files cannot be believed now, or the process was told to stop (null). */
export interface NoSight {
  readonly unsettled: Unsettled | null;
}

export interface PassPorts {
  /** The files and the account, and whatever else has to be waited for before a plan is made. */
  readonly look: (scope: Scope) => Promise<Sight | NoSight>;
  readonly plan: (sight: Sight, send: Policy['send']) => Plan;
  /** Why the plan may not be sent. `look at all`: a person is to be asked, who has to see all of it. */
  readonly check: (plan: Plan, scope: Scope) => Refusal | 'look at all' | null;
  /** Resolves when as much of it has ended as the caller waits for. */
  readonly send: (plan: Plan) => Promise<void>;
  /**
   * Saves what the plan lets through and what it found without a request. Resolves with the findings that
   * could not be saved.
   */
  readonly record: (judged: Judged) => Promise<readonly Unsaved[]>;
  readonly emit: Emit;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/** A plan, what it was made from, and whether it is sent. */
export interface Judged extends Sight {
  readonly plan: Plan;
  readonly refusal: Refusal | null;
}

export interface PassReport extends Judged {
  readonly unsaved: readonly Unsaved[];
}

/**
 * One pass. What is thrown on the way (`ApiError`, `StateError`, `UsageError`) is thrown on, once nothing
 * of the pass is under way any more.
 */
export async function runPass(
  ports: PassPorts,
  ask: Ask,
  scope: Scope = 'pending',
  startedMs = ports.clock.monotonicMs(),
): Promise<PassReport | NoSight> {
  const sight = await ports.look(scope);
  if ('unsettled' in sight) return sight;
  // From here until it is sent nothing is awaited: what a queue confirms meanwhile would make the plan old.
  const changed = ports.plan(sight, 'changed');
  const refusal = ports.check(changed, scope);
  if (refusal === 'look at all') return await runPass(ports, ask, 'all', startedMs);
  // A re-send that alters nothing needs no approval, and `widget-sync plan` does not show it.
  const plan = ask.force && refusal === null ? ports.plan(sight, 'all') : changed;
  const durationMs = ports.clock.monotonicMs() - startedMs;
  const { trigger } = ask;
  ports.emit({ kind: 'plan-made', tree: sight.tree, plan, refusal, trigger, durationMs });
  const judged = { ...sight, plan, refusal };
  const sent = refusal === null ? ports.send(plan) : Promise.resolve();
  const unsaved = await afterBoth(sent, ports.record(judged));
  for (const { error, ...widget } of unsaved) {
    ports.emit({ kind: 'finding-unsaved', widget, error });
  }
  return { ...judged, unsaved };
}

/** Leaves neither alone where the other fails. */
async function afterBoth<Result>(sent: Promise<void>, recorded: Promise<Result>): Promise<Result> {
  await Promise.allSettled([sent, recorded]);
  await sent;
  return await recorded;
}

/** Decides from what was seen and from the records as they are at this moment. Pure but for them. */
export function planFrom(
  { tree, live }: Sight,
  policy: Policy,
  { records }: Pick<AppliedState, 'records'>,
): Plan {
  return makePlan(
    {
      desired: tree.documents,
      held: tree.held,
      fragments: tree.fragments,
      applied: records,
      live,
      revision: tree.revision,
      committedAtMs: tree.committedAt?.getTime() ?? null,
      ...(tree.commit !== undefined && { commit: tree.commit }),
      ...(tree.isEdited !== undefined && { isEdited: tree.isEdited }),
    },
    policy,
  );
}

/** Hands the plan over in the same moment: see `runPass`. */
export function handOver(plan: Plan, queue: Pick<ChangeQueue, 'retain' | 'submit'>): void {
  // An unchanged widget may still have a write on its way that an earlier pass asked for, such as a
  // resync's: the same content is still wanted. Widgets that were found as declared need none.
  queue.retain([...plan.changes, ...plan.unchanged]);
  for (const change of plan.changes) queue.submit(change);
}
