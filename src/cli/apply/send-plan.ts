// How `apply` sends a plan: it waits until every change has ended, and gives up what does not succeed.

import { oneShotBackoff } from '../../base/backoff.ts';
import { messageOf } from '../../base/errors.ts';
import type { Plan } from '../../model/plan.ts';
import type { SyncEvent } from '../../sync/events.ts';
import { handOver } from '../../sync/loop/run-pass.ts';
import { ChangeQueue } from '../../sync/queue/change-queue.ts';
import type { QueueDeps } from '../../sync/queue/queue-deps.ts';
import { limitPatienceMs } from '../../sync/rate/limit-patience.ts';
import { type ProcessContext, stopDeadlineMs } from '../process-context.ts';
import type { WritingParts } from '../wiring/wire.ts';
import { startProgress } from './progress.ts';

/** Attempts after which a change that might still succeed is given up: half a minute of back-off. */
const maxAttempts = 7;

export interface SendingParts extends Pick<QueueDeps, 'limiter' | 'send' | 'inherited'> {
  readonly events: Pick<WritingParts['events'], 'emit'>;
  readonly state: Pick<WritingParts['state'], 'tenure'>;
}

/** Hands the plan over before anything is awaited, and waits until every change has ended. */
export async function sendAndWait(
  plan: Plan,
  parts: SendingParts,
  context: Pick<ProcessContext, 'clock' | 'random' | 'env' | 'stderr' | 'stop'>,
): Promise<void> {
  const { events, limiter, send, inherited } = parts;
  const { clock, random } = context;
  const progress = startProgress(plan.changes.length, () => limiter.wait, context);
  const bugs: unknown[] = [];
  const stop = () => void queue.stop({ deadlineMs: stopDeadlineMs });
  const queue = new ChangeQueue(
    { backoff: oneShotBackoff, maxAttempts, limitPatienceMs, onRefusedKey: 'give-up' },
    {
      limiter,
      send,
      inherited,
      clock,
      random,
      emit(event: SyncEvent) {
        if (event.kind === 'change-ended') {
          progress.ended(event.outcome.status === 'applied' ? 'applied' : 'failed');
        }
        progress.around(() => events.emit(event));
      },
      onBug: (error) => {
        bugs.push(error);
        stop();
      },
    },
  );
  const { ended } = parts.state.tenure;
  const lose = () => queue.abandon(messageOf(ended.reason));
  ended.addEventListener('abort', lose);
  context.stop.addEventListener('abort', stop);
  handOver(plan, queue);
  // The signal may have come before there was anybody to hear it.
  if (context.stop.aborted) stop();
  if (ended.aborted) lose();
  await queue.idle();
  ended.removeEventListener('abort', lose);
  context.stop.removeEventListener('abort', stop);
  progress.stop();
  if (bugs.length > 0) throw bugs[0];
}
