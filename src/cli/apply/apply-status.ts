// Keeps for `status` what the one pass of `apply` found and did. An `apply` that fails before its plan
// is made leaves what stands there.

import type { Change } from '../../model/plan.ts';
import type { StatusReporter } from '../../observe/status-reporter.ts';
import { type Listener, listenerOf, type SyncEvent } from '../../sync/events.ts';
import type { ProcessContext } from '../process-context.ts';
import { openStatusReporter } from '../wiring/open-status-reporter.ts';
import type { WritingJob } from '../wiring/wire.ts';

export interface ApplyStatus {
  readonly hear: Listener;
  stop(): Promise<void>;
}

export function openApplyStatus(job: WritingJob, context: ProcessContext): ApplyStatus {
  let loaded: SyncEvent | null = null;
  let reporter: StatusReporter | null = null;
  const pending = new Set<Change>();
  const count = countPending(pending);
  return {
    hear(event) {
      count(event);
      if (event.kind === 'files-loaded') loaded = event;
      if (event.kind === 'plan-made') {
        reporter = openStatusReporter('apply', { ...job, pending: () => pending.size }, context);
        if (loaded !== null) reporter.hear(loaded);
      }
      // A change that is tried again, or given up, tells of its own end, and nothing comes after that.
      if (event.kind === 'change-retried' || event.kind === 'sending-halted') return;
      reporter?.hear(event);
    },
    stop: async () => await reporter?.stop(),
  };
}

/** A change that was not sent is still to be made, and `status` says so. */
function countPending(pending: Set<Change>): Listener {
  return listenerOf({
    'plan-made': ({ plan }) => {
      for (const change of plan.changes) pending.add(change);
    },
    'change-ended': ({ outcome }) => {
      if (outcome.status !== 'unsent') pending.delete(outcome.change);
    },
  });
}
