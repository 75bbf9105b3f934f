// The queue of changes as people ask for it: what waits, in which order, and what came of it so far.
import type { Clock } from '../../base/clock.ts';
import type { Change } from '../../model/plan.ts';
import type { SendFailure } from '../../model/send-failure.ts';
import type { PendingChange } from './pending-change.ts';

export interface QueuedChange {
  readonly change: Change;
  readonly phase: PendingChange['phase'];
  /** 1 for the next one; null for those that are not in the line. */
  readonly place: number | null;
  readonly attempts: number;
  /** The failure of the last attempt; null where none has failed. */
  readonly failure: SendFailure | null;
  /** When it lines up again; null where it does not back off. */
  readonly nextTry: Date | null;
  /** When it came. */
  readonly since: Date;
}

/** Those in flight first, then the line, then those that wait out a back-off, the next one first. */
export function listQueued(
  all: Iterable<PendingChange>,
  clock: Pick<Clock, 'now' | 'monotonicMs'>,
): QueuedChange[] {
  const pending = [...all].sort(byTurn);
  const wallMs = clock.now().getTime() - clock.monotonicMs();
  let place = 0;
  return pending.map(({ change, phase, attempts, failure, retryAtMs, sinceMs }) => {
    if (phase === 'queued') place += 1;
    const nextTry = phase === 'backing-off' ? new Date(wallMs + retryAtMs) : null;
    const since = new Date(wallMs + sinceMs);
    const inLine = phase === 'queued' ? place : null;
    return { change, phase, place: inLine, attempts, failure, nextTry, since };
  });
}

const phases: readonly PendingChange['phase'][] = ['in-flight', 'queued', 'backing-off'];

function byTurn(a: PendingChange, b: PendingChange): number {
  if (a.phase !== b.phase) return phases.indexOf(a.phase) - phases.indexOf(b.phase);
  if (a.phase === 'backing-off') return a.retryAtMs - b.retryAtMs;
  return b.turn.priority - a.turn.priority || a.turn.number - b.turn.number;
}
