// Keeps for `status` what the one pass of `apply` found and did. An `apply` that fails before its plan
// is made leaves what stands there.

import type { Change } from '../../model/plan.ts';
import { type Listener, listenerOf, type SyncEvent } from '../../sync/events.ts';
import type { QueuedChange } from '../../sync/queue/queued-changes.ts';
import type { ProcessContext } from '../process-context.ts';
import { openStatusReporter } from '../wiring/open-status-reporter.ts';
import type { WritingJob } from '../wiring/wire.ts';

export interface ApplyStatus {
  readonly hear: Listener;
  stop(): Promise<void>;
}

/** What the pass looks at before it is known that a plan comes of it. */
const sights: readonly SyncEvent['kind'][] = ['files-loaded', 'widget-read'];

/** The state is read once, before the plan is made. */
export async function openApplyStatus(
  job: WritingJob,
  context: ProcessContext,
): Promise<ApplyStatus> {
  const { clock } = context;
  const seen: SyncEvent[] = [];
  let isPlanned = false;
  const pending = new Map<Change, Date>();
  const liveness = { isAlive: true };
  const queued = () => [...pending].map(([change, since]) => toSend(change, since));
  const reporter = openStatusReporter('apply', { ...job, queued, liveness }, context);
  await reporter.recall();
  const count = countPending(pending, clock);
  return {
    hear(event) {
      count(event);
      if (event.kind === 'plan-made') {
        isPlanned = true;
        for (const one of seen.splice(0)) reporter.hear(one);
      }
      if (!isPlanned && sights.includes(event.kind)) seen.push(event);
      // A change that is tried again, or given up, tells of its own end, and nothing comes after that.
      if (event.kind === 'change-retried' || event.kind === 'sending-halted') return;
      if (isPlanned) reporter.hear(event);
    },
    stop: () => reporter.stop(),
  };
}

/** The queue of `apply` ends with it, in which a change may have no place any more. */
function toSend(change: Change, since: Date): QueuedChange {
  const nothing = { place: null, attempts: 0, failure: null, nextTry: null };
  return { change, phase: 'queued', ...nothing, since };
}

/** A change that was not sent is still to be made, and `status` says so. */
function countPending(
  pending: Map<Change, Date>,
  clock: Pick<ProcessContext['clock'], 'now'>,
): Listener {
  return listenerOf({
    'plan-made': ({ plan }) => {
      for (const change of plan.changes) pending.set(change, clock.now());
    },
    'change-ended': ({ outcome }) => {
      if (outcome.status !== 'unsent') pending.delete(outcome.change);
    },
  });
}
