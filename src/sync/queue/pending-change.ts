// One widget's change in the queue: what is to be sent for it, and how far that is.
import { backoffMs } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { ApiError } from '../../base/errors.ts';
import type { Attempt, Outcome } from '../../model/outcome.ts';
import type { Change, LiveWidget } from '../../model/plan.ts';
import { type SendFailure, unreadStatusOf } from '../../model/send-failure.ts';
import { hurriedAttempts, priority, priorityByReason } from '../rate/priority.ts';
import { isLimit } from '../rate/request-outcome.ts';
import type { QueueDeps, QueuePolicy } from './queue-deps.ts';

/** Waiting for its turn, in flight, or waiting out a back-off. */
type Phase = 'queued' | 'in-flight' | 'backing-off';

/** A place among those that line up: by priority, then first come. */
interface Turn {
  readonly priority: number;
  /** Counts those that have lined up so far. */
  readonly number: number;
}

export interface PendingChange {
  change: Change;
  phase: Phase;
  attempts: number;
  /** How many of these the API turned away by its limit, which says nothing of the change. */
  turnedAway: number;
  /** The status of the success that the last attempt got and could not read; null otherwise. */
  unreadStatus: number | null;
  /** The widget as an attempt has read it, which is newer than what the change was planned upon. */
  lastRead: LiveWidget | null;
  readonly sinceMs: number;
  /** The failure of the last attempt; null: none has failed since the content is this one. */
  failure: SendFailure | null;
  /** When it lines up again, on the monotonic clock, while it backs off. */
  retryAtMs: number;
  turn: Turn;
  /** Ends what it waits for: a slot, or the end of a back-off. */
  wait: AbortController;
  /** The change that the file asks for since the request in flight was started. */
  next: Change | null;
  /** The newest plan no longer wants the request that is in flight. */
  outdated: boolean;
}

export function pendingSince(nowMs: number, change: Change): PendingChange {
  return {
    change,
    phase: 'queued',
    attempts: 0,
    turnedAway: 0,
    unreadStatus: null,
    lastRead: null,
    sinceMs: nowMs,
    failure: null,
    retryAtMs: nowMs,
    turn: { priority: 0, number: 0 },
    wait: new AbortController(),
    next: null,
    outdated: false,
  };
}

/** It waits for a time; aborted where it no longer does. */
export function backOff(
  pending: PendingChange,
  waiting: Pick<PendingChange, 'failure' | 'retryAtMs'>,
): AbortSignal {
  Object.assign(pending, waiting);
  pending.wait.abort();
  pending.wait = new AbortController();
  pending.phase = 'backing-off';
  return pending.wait.signal;
}

/** Whether something newer has come meanwhile, which is what is to be sent from now on. */
export function takeNext(pending: PendingChange): boolean {
  if (pending.next === null) return false;
  pending.change = pending.next;
  pending.next = null;
  beginAnew(pending);
  return true;
}

/** Leaves the change that has come meanwhile to a new plan, which an outdated change leads to. */
export function leaveNextToPass(pending: PendingChange): void {
  if (pending.next !== null) pending.outdated = true;
  pending.next = null;
}

/** The change has another content now: earlier attempts do not count. */
export function beginAnew(pending: PendingChange): void {
  pending.attempts = 0;
  pending.turnedAway = 0;
  pending.unreadStatus = null;
  pending.failure = null;
}

/** Attempts that count against the change. */
export function triesOf({ attempts, turnedAway }: PendingChange): number {
  return attempts - turnedAway;
}

/** The facts that the next attempt starts with. */
export function nextAttempt(pending: PendingChange) {
  const { change, attempts, unreadStatus, lastRead } = pending;
  const onRead = (live: LiveWidget) => {
    pending.lastRead = live;
  };
  return { change, attempt: attempts + 1, unreadStatus, lastRead, onRead };
}

/** Every other time: reads may be what cannot be read. */
export function noteUnread(pending: PendingChange, error: SendFailure): void {
  pending.unreadStatus = pending.unreadStatus === null ? unreadStatusOf(error) : null;
}

/** The priority of the next attempt. While the service is down, others try before what has failed. */
export function priorityOf(
  pending: PendingChange,
  { outage }: Pick<QueueDeps['limiter'], 'outage'>,
): number {
  const tries = triesOf(pending);
  if (tries === 0) return priorityByReason[pending.change.reason];
  return tries < hurriedAttempts && outage === null ? priority.retry : priority.failedTry;
}

/**
 * The wait until the change lines up again after a failure. It is 0 where all changes fail: the limiter then
 * knows when a request may try again, and with a longer wait of its own a change would come late.
 */
export function backoffOf(
  pending: PendingChange,
  error: SendFailure,
  {
    limiter,
    random,
    backoff,
  }: Pick<QueueDeps, 'limiter' | 'random'> & Pick<QueuePolicy, 'backoff'>,
): number {
  const isOutage = error instanceof ApiError && limiter.outage !== null;
  return isOutage || isLimit(error) ? 0 : backoffMs(triesOf(pending), backoff, random);
}

/** The outcome of a change whose attempt was the last, or its confirmation. */
export function outcomeOf(
  { change, attempts, sinceMs }: PendingChange,
  attempt: Exclude<Attempt, { status: 'withdrawn' }>,
  clock: Clock,
): Outcome {
  const durationMs = clock.monotonicMs() - sinceMs;
  const { committedAtMs } = change;
  if (attempt.status === 'failed' || committedAtMs === null) {
    return { ...attempt, change, attempts, durationMs };
  }
  const sinceCommitMs = clock.now().getTime() - committedAtMs;
  // The committer's clock may be ahead of this one.
  const age = sinceCommitMs < 0 ? {} : { sinceCommitMs };
  return { ...attempt, change, attempts, durationMs, ...age };
}
