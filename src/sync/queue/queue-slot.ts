// One widget's place in the queue: what is to be sent for it, and how far that is.
import type { Clock } from '../../base/clock.ts';
import type { Attempt, Outcome } from '../../model/outcome.ts';
import type { Change, LiveWidget } from '../../model/plan.ts';
import { type SendFailure, unreadStatusOf } from '../../model/send-failure.ts';
import { hurriedAttempts, priority, priorityByReason } from '../rate/priority.ts';

/** Waiting for its turn, in flight, or waiting out a back-off. */
type Phase = 'queued' | 'in-flight' | 'backing-off';

export interface Slot {
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
  /** Identifies the queued run that may act on this slot; older ones find it changed and leave. */
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

export function openSlot(change: Change, nowMs: number): Slot {
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

/** Whether something newer has come meanwhile, which is what the slot is about from now on. */
export function takeNext(slot: Slot): boolean {
  if (slot.next === null) return false;
  slot.change = slot.next;
  slot.next = null;
  beginAnew(slot);
  return true;
}

/** What has come meanwhile is planned anew, once it is told that the slot is outdated. */
export function leaveNextToPass(slot: Slot): void {
  if (slot.next !== null) slot.outdated = true;
  slot.next = null;
}

/** What is to be sent is another content. */
export function beginAnew(slot: Slot): void {
  slot.attempts = 0;
  slot.turnedAway = 0;
  slot.unreadStatus = null;
}

/** Attempts that count against the change. */
export function triesOf({ attempts, turnedAway }: Slot): number {
  return attempts - turnedAway;
}

/** What the next attempt is about. */
export function nextAttempt(slot: Slot) {
  const { change, attempts, unreadStatus, lastRead } = slot;
  const onRead = (live: LiveWidget) => {
    slot.lastRead = live;
  };
  const known = { unreadStatus, lastRead, onRead };
  return { change, attempt: attempts + 1, ...known, priority: priorityUnderWay(slot) };
}

/** Every other time: reads may be what cannot be read. */
export function noteUnread(slot: Slot, error: SendFailure): void {
  slot.unreadStatus = slot.unreadStatus === null ? unreadStatusOf(error) : null;
}

/** Of the next attempt, before its first request. */
export function priorityOf(slot: Slot): number {
  return triesOf(slot) < hurriedAttempts ? priorityUnderWay(slot) : priority.failedTry;
}

/** Of what follows in an attempt: what its first request has read grows old. */
function priorityUnderWay(slot: Slot): number {
  return triesOf(slot) > 0 ? priority.retry : priorityByReason[slot.change.reason];
}

/** What is told of an attempt that was a change's last, or its confirmation. */
export function outcomeOf(
  { change, attempts, sinceMs }: Slot,
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
