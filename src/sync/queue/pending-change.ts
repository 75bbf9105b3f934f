// One widget's change in the queue: what is to be sent for it, and how far that is.
import type { Clock } from '../../base/clock.ts';
import type { Attempt, Outcome } from '../../model/outcome.ts';
import type { Change, LiveWidget } from '../../model/plan.ts';
import { type SendFailure, unreadStatusOf } from '../../model/send-failure.ts';
import { hurriedAttempts, priority, priorityByReason } from '../rate/priority.ts';

/** Waiting for its turn, in flight, or waiting out a back-off. */
type Phase = 'queued' | 'in-flight' | 'backing-off';

export interface PendingChange {
  change: Change;
  phase: Phase;
  attempts: number;
  /** How many of these the API turned away by its limit, which says nothing of the change. */
  turnedAway: number;
  /** The status of the success that the last attempt got and could not read; null otherwise. */
  unreadStatus: number | null;
  /** What an attempt has read, which is newer than what the change was planned upon. */
  lastRead: LiveWidget | null;
  readonly sinceMs: number;
  /** Identifies the queued run that may act on this change; older ones find it changed and leave. */
  ticket: symbol;
  /** Takes what waits for its turn out of the line. */
  leaveLine: () => void;
  /** What the file asks for since the request in flight was started. */
  next: Change | null;
  /** The newest plan no longer wants the request that is in flight. */
  outdated: boolean;
  /** Ends a back-off early. */
  wake: AbortController;
}

export function pendingSince(change: Change, nowMs: number): PendingChange {
  return {
    change,
    phase: 'queued',
    attempts: 0,
    turnedAway: 0,
    unreadStatus: null,
    lastRead: null,
    sinceMs: nowMs,
    ticket: Symbol(),
    leaveLine: () => {},
    next: null,
    outdated: false,
    wake: new AbortController(),
  };
}

/** Whether something newer has come meanwhile, which is what is to be sent from now on. */
export function takeNext(pending: PendingChange): boolean {
  if (pending.next === null) return false;
  pending.change = pending.next;
  pending.next = null;
  beginAnew(pending);
  return true;
}

/** What has come meanwhile is planned anew, once it is told that this is outdated. */
export function leaveNextToPass(pending: PendingChange): void {
  if (pending.next !== null) pending.outdated = true;
  pending.next = null;
}

/** What is to be sent is another content. */
export function beginAnew(pending: PendingChange): void {
  pending.attempts = 0;
  pending.turnedAway = 0;
  pending.unreadStatus = null;
}

/** Attempts that count against the change. */
export function triesOf({ attempts, turnedAway }: PendingChange): number {
  return attempts - turnedAway;
}

/** What the next attempt is about. */
export function nextAttempt(pending: PendingChange) {
  const { change, attempts, unreadStatus, lastRead } = pending;
  const onRead = (live: LiveWidget) => {
    pending.lastRead = live;
  };
  const known = { unreadStatus, lastRead, onRead };
  return { change, attempt: attempts + 1, ...known, priority: priorityUnderWay(pending) };
}

/** Every other time: reads may be what cannot be read. */
export function noteUnread(pending: PendingChange, error: SendFailure): void {
  pending.unreadStatus = pending.unreadStatus === null ? unreadStatusOf(error) : null;
}

/** Of the next attempt, before its first request. */
export function priorityOf(pending: PendingChange): number {
  return triesOf(pending) < hurriedAttempts ? priorityUnderWay(pending) : priority.failedTry;
}

/** Of what follows in an attempt: what its first request has read grows old. */
function priorityUnderWay(pending: PendingChange): number {
  return triesOf(pending) > 0 ? priority.retry : priorityByReason[pending.change.reason];
}

/** What is told of an attempt that was a change's last, or its confirmation. */
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
