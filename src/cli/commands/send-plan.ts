// The second half of `apply`: sends what the plan changes and records what it found besides.

import { oneShotBackoff } from '../../base/backoff.ts';
import type { Log } from '../../base/log.ts';
import type { Outcome, QueueObserver } from '../../model/outcome.ts';
import type { Plan } from '../../model/plan.ts';
import { narrateQueue } from '../../observe/log-changes.ts';
import { applyPlan } from '../../sync/loop/pass.ts';
import { ChangeQueue } from '../../sync/queue/change-queue.ts';
import { recordEach, type Unsaved } from '../../sync/queue/record-findings.ts';
import { limitPatienceMs } from '../../sync/rate/limit-patience.ts';
import { type Surroundings, stopDeadlineMs } from '../process-context.ts';
import type { WritingParts } from '../wiring/wire.ts';
import { type Progress, startProgress } from './progress.ts';

/** Attempts after which a change that might still succeed is given up: half a minute of back-off. */
const maxAttempts = 7;

export interface CarryOutDeps {
  readonly parts: WritingParts;
  readonly log: Log;
  /** Told of each change once it has ended. */
  readonly onOutcome: (outcome: Outcome) => void;
}

/**
 * Hands the plan over before anything is awaited, and waits until every change has ended. Resolves with
 * what was found without a request and could not be recorded.
 */
export async function carryOut(
  plan: Plan,
  deps: CarryOutDeps,
  world: Surroundings,
): Promise<readonly Unsaved[]> {
  const queued = sendAll(plan, deps, world);
  const { state } = deps.parts;
  const recorded = recordEach(plan, { state, isBusy: () => false }, world.clock.now());
  // Neither is left alone where the other throws: that is a bug, and the state is about to be closed.
  await Promise.allSettled([queued, recorded]);
  await queued;
  return await recorded;
}

async function sendAll(
  plan: Plan,
  { parts, log, onOutcome }: CarryOutDeps,
  world: Surroundings,
): Promise<void> {
  const { limiter, send } = parts;
  const { clock, random } = world;
  const progress = startProgress(plan.changes.length, () => limiter.wait, world);
  const narrator = narrateQueue(log, parts.directory, 'nothing more is sent');
  const bugs: unknown[] = [];
  const stop = () => void queue.stop({ deadlineMs: stopDeadlineMs });
  const queue = new ChangeQueue(
    { backoff: oneShotBackoff, maxAttempts, limitPatienceMs, onRefusedKey: 'give-up' },
    {
      limiter,
      send,
      clock,
      random,
      observer: observe(progress, narrator, onOutcome),
      onBug: (error) => {
        bugs.push(error);
        stop();
      },
    },
  );
  world.stop.addEventListener('abort', stop);
  applyPlan(plan, queue);
  // The signal may have come before there was anybody to hear it.
  if (world.stop.aborted) stop();
  await queue.idle();
  world.stop.removeEventListener('abort', stop);
  progress.stop();
  if (bugs.length > 0) throw bugs[0];
}

/** Outcomes are results and go to the report; what happens on the way goes to the log. */
function observe(
  progress: Progress,
  narrator: Omit<QueueObserver, 'outdated'>,
  onOutcome: CarryOutDeps['onOutcome'],
): QueueObserver {
  return {
    outcome(outcome) {
      progress.ended(outcome.status === 'applied' ? 'applied' : 'failed');
      progress.around(() => onOutcome(outcome));
    },
    retrying: (...facts) => progress.around(() => narrator.retrying(...facts)),
    halted: (error) => progress.around(() => narrator.halted(error)),
    resumed: () => narrator.resumed(),
    // Nothing edits the plan of a one-shot command while it runs.
    outdated: () => {},
  };
}
