// Counters and histograms, from the events of accounts. What a plan names is counted when it is new: each pass
// names again what the one before has found.
import type { Registry } from 'prom-client';
import type { SentRequest } from '../../api/exchange.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Plan, Reason } from '../../model/plan.ts';
import type { UnappliedField } from '../../model/unapplied-fields.ts';
import type { WidgetId } from '../../model/widget.ts';
import { type Listener, listenerOf, type Trigger } from '../../sync/events.ts';
import { openCounter, openHistogram } from './series.ts';

export function countEvents(registry: Registry): Listener {
  return openCounting(registry)();
}

/** Each listener counts the events of one account, all of them into the same series. */
export function openCounting(registry: Registry): () => Listener {
  const openers = [
    countPasses(registry),
    countFindings(registry),
    countWrites(registry),
    countRequests(registry),
    countRest(registry),
  ];
  return () => {
    const listeners = openers.map((open) => open());
    return (event) => {
      for (const hear of listeners) hear(event);
    };
  };
}

const triggerLabels = ['start', 'files', 'resync', 'signal', 'key', 'other'] as const;

const triggerLabel: { readonly [trigger in Trigger]: (typeof triggerLabels)[number] } = {
  start: 'start',
  files: 'files',
  resync: 'resync',
  signal: 'signal',
  resend: 'signal',
  key: 'key',
  approved: 'other',
  forgotten: 'other',
  suspect: 'other',
  unsettled: 'other',
  outdated: 'other',
  until: 'other',
  retry: 'other',
};

type PassResult = 'ok' | 'failed' | 'postponed' | 'refused';

function countPasses(registry: Registry): () => Listener {
  const passes = openCounter(registry, {
    name: 'widget_sync_passes_total',
    help: 'Passes by what asked for them, and how they ended.',
    labels: { trigger: triggerLabels, result: ['ok', 'failed', 'postponed', 'refused'] },
  });
  const durations = openHistogram(registry, {
    name: 'widget_sync_pass_duration_seconds',
    help: 'From the look at the files to the plan.',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300],
  });
  return () => passListener(passes, durations);
}

type Passes = ReturnType<typeof openCounter<'trigger' | 'result'>>;

function passListener(passes: Passes, durations: ReturnType<typeof openHistogram>): Listener {
  let isWaiting = false;
  const count = (trigger: Trigger, result: PassResult) => {
    // While files cannot be believed they are looked at every few moments: that is one pass that waits.
    const isSame = isWaiting && result === 'postponed';
    isWaiting = result === 'postponed';
    if (!isSame) passes.inc({ trigger: triggerLabel[trigger], result });
  };
  return listenerOf({
    'plan-made': ({ trigger, refusal, durationMs }) => {
      count(trigger, refusal === null ? 'ok' : 'refused');
      durations.observe(durationMs / 1000);
    },
    'work-failed': ({ work, trigger }) => {
      if (work === 'pass') count(trigger, 'failed');
    },
    'work-halted': ({ work, trigger }) => {
      if (work === 'pass') count(trigger, 'failed');
    },
    'files-unsettled': ({ trigger }) => count(trigger, 'postponed'),
  });
}

function countFindings(registry: Registry): () => Listener {
  const adopted = openCounter(registry, {
    name: 'widget_sync_adopted_total',
    help: 'Widgets that were found as their files declare them, and recorded without a write.',
  });
  const drifts = openCounter(registry, {
    name: 'widget_sync_drift_found_total',
    help: 'Widgets that were found changed in the dashboard.',
  });
  const notStuck = openCounter(registry, {
    name: 'widget_sync_not_stuck_total',
    help: 'Writes of which the API kept something otherwise than it was sent.',
  });
  return () => findingListener({ adopted, drifts, notStuck });
}

type Plain = ReturnType<typeof openCounter>;

interface FindingCounters {
  readonly adopted: Plain;
  readonly drifts: Plain;
  readonly notStuck: Plain;
}

function findingListener({ adopted, drifts, notStuck }: FindingCounters): Listener {
  const adoptions = new News();
  const drifting = new News();
  const learned = new News();
  return listenerOf({
    'plan-made': ({ plan }) => {
      adopted.inc(adoptions.count(plan.adopted));
      drifts.inc(drifting.count(driftOf(plan)));
      notStuck.inc(learned.count(plan.learned.filter(({ kept }) => hasNotStuck(kept))));
    },
    'change-ended': ({ outcome }) => {
      if (outcome.status !== 'applied') return;
      drifting.forget(outcome.change.widgetId);
      if (hasNotStuck(outcome.kept)) notStuck.inc();
    },
  });
}

/** Corrected or only reported. */
function driftOf({ changes, drifted }: Plan): { readonly widgetId: WidgetId }[] {
  return [...drifted, ...changes.filter(({ reason }) => reason === 'drifted')];
}

function hasNotStuck(kept: readonly UnappliedField[]): boolean {
  return kept.some(({ spelling }) => !spelling);
}

/** What was not there the time before. */
class News {
  #before: Set<WidgetId> = new Set();

  count(found: readonly { readonly widgetId: WidgetId }[]): number {
    const before = this.#before;
    this.#before = new Set(found.map(({ widgetId }) => widgetId));
    return [...this.#before].filter((widgetId) => !before.has(widgetId)).length;
  }

  forget(widgetId: WidgetId): void {
    this.#before.delete(widgetId);
  }
}

const reasons: readonly Reason[] = ['new', 'edited', 'drifted', 'forced'];

function countWrites(registry: Registry): () => Listener {
  const writes = openCounter(registry, {
    name: 'widget_sync_writes_total',
    help: 'Changes that the API confirmed (applied), or that are not tried again (failed).',
    labels: { reason: reasons, result: ['applied', 'failed'] },
  });
  const ages = openHistogram(registry, {
    name: 'widget_sync_commit_to_live_seconds',
    help: 'From a commit to the confirmation of what it brought.',
    buckets: [1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
  });
  const count = (outcome: Outcome) => {
    const { status, change } = outcome;
    if (status === 'unsent') return;
    writes.inc({ reason: change.reason, result: status });
    if (status === 'applied' && outcome.sinceCommitMs !== undefined) {
      ages.observe(outcome.sinceCommitMs / 1000);
    }
  };
  return () => listenerOf({ 'change-ended': ({ outcome }) => count(outcome) });
}

const methods = ['GET', 'PUT'] as const;

function countRequests(registry: Registry): () => Listener {
  const requests = openCounter(registry, {
    name: 'widget_sync_requests_total',
    help: 'Requests to the API by method and answer (none: no answer came, or not all of it).',
    labels: { method: methods, answer: ['2xx', '3xx', '4xx', '429', '5xx', 'none'] },
  });
  const durations = openHistogram(registry, {
    name: 'widget_sync_request_duration_seconds',
    help: 'How long a request to the API took, connecting included, however it ended.',
    labels: { method: methods },
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  });
  const waits = openHistogram(registry, {
    name: 'widget_sync_rate_wait_seconds',
    help: 'How long a request waited for its turn, before it was sent.',
    buckets: [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600],
  });
  return () =>
    listenerOf({
      'slot-taken': ({ waitedMs }) => waits.observe(waitedMs / 1000),
      'request-ended': ({ method, status, durationMs }) => {
        requests.inc({ method, answer: answerOf(status) });
        durations.observe({ method }, durationMs / 1000);
      },
    });
}

function answerOf(status: SentRequest['status']): string {
  if (status === null) return 'none';
  if (status === 429) return '429';
  if (status < 300) return '2xx';
  if (status < 400) return '3xx';
  return status < 500 ? '4xx' : '5xx';
}

function countRest(registry: Registry): () => Listener {
  const outages = openCounter(registry, {
    name: 'widget_sync_outages_total',
    help: 'How often the service was found to be down.',
  });
  const notifications = openCounter(registry, {
    name: 'widget_sync_notifications_total',
    help: 'Messages for people by what became of them.',
    labels: { result: ['sent', 'failed', 'dropped'] },
  });
  return () =>
    listenerOf({
      'outage-began': () => outages.inc(),
      'notification-ended': ({ result }) => notifications.inc({ result }),
    });
}
