// The common part of `plan` and `apply`: they look once, at all of it, and say what is wrong with it.

import type { Log } from '../../base/log.ts';
import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import type { Plan, Policy } from '../../model/plan.ts';
import { logBug } from '../../observe/log-changes.ts';
import type { AllowedChanges, StateView } from '../../state/state-store.ts';
import { type Listener, listenerOf, type Refusal } from '../../sync/events.ts';
import { findExcess } from '../../sync/loop/change-gate.ts';
import type { InOrder } from '../../sync/loop/look.ts';
import { lookOnce } from '../../sync/loop/look-once.ts';
import { type PassPorts, planFrom, type Sight } from '../../sync/loop/run-pass.ts';
import type { ProcessContext } from '../process-context.ts';
import type { Request } from '../wiring/account.ts';
import { otherRootOf, sayShared } from '../wiring/state-directory-checks.ts';
import type { ReadingParts } from '../wiring/wire.ts';
import { printProblems } from './print-problems.ts';

interface OnePass {
  readonly request: Request;
  readonly parts: Pick<ReadingParts, 'directory' | 'state' | 'live' | 'events'>;
  readonly log: Log;
  /** Where replicas follow files of their own: for who writes. */
  readonly inOrder?: InOrder | undefined;
}

interface Wanted {
  readonly send: Policy['send'];
  /** The plan of this checksum, however much it changes, and no other; null: any within the limit. */
  readonly checksum: string | null;
}

/** The ports of a pass that looks, decides, and does nothing about it. */
export function dryPass(
  {
    request,
    parts,
    log,
    memory,
    inOrder,
  }: OnePass & { readonly memory: Pick<StateView, 'allowedChanges'> },
  { send, checksum }: Wanted,
  context: ProcessContext,
): PassPorts {
  const { drift, released, maxChanges } = request.settings;
  const { clock } = context;
  const { directory, state, live } = parts;
  const { emit } = parts.events;
  let allowed: AllowedChanges = new Map();
  return {
    emit,
    clock,
    async look() {
      const onWait = (why: string) => log.info({ detail: why }, 'waiting for the files');
      const onLoaded = (tree: Sight['tree']) => emit({ kind: 'files-loaded', tree });
      const seen = await lookOnce(onLoaded, context.stop, {
        directory,
        state,
        live,
        clock,
        onWait,
        ...(inOrder !== undefined && { inOrder }),
      });
      if (seen === null) return { unsettled: null };
      if (maxChanges !== null) allowed = await memory.allowedChanges();
      return seen;
    },
    plan(seen) {
      const nowMs = clock.now().getTime();
      return planFrom(seen, { send, drift, released, nowMs }, state);
    },
    check(plan) {
      if (checksum === null) return findExcess(plan, maxChanges, allowed);
      return checksum === plan.checksum ? null : otherPlan(plan);
    },
    send: async () => {},
    record: async () => [],
  };
}

function otherPlan({ checksum, changes }: Plan): Refusal {
  return { code: 'other-plan', checksum, changes: changes.length };
}

/** Before anything is read of the account, and also if nothing can be. */
export function showProblems(
  directory: WidgetDirectory,
  { stderr, env }: Pick<ProcessContext, 'stderr' | 'env'>,
): Listener {
  return listenerOf({
    'files-loaded': ({ tree }) => printProblems(tree.problems, { directory, output: stderr, env }),
  });
}

/** The lines that have to be said beside the plan itself. */
export function logBesidePlan({ request, parts, log }: OnePass): Listener {
  const shared = sayShared(log, otherRootOf(parts.state, request.directory));
  return listenerOf({
    'plan-made': ({ plan }) => {
      shared(plan);
      for (const { error, ...widget } of plan.bugs) logBug(log, widget, error);
    },
  });
}
