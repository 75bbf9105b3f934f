// The parts of the queue of changes, and its policy. Types only.
import type { Backoff } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import type { Attempt } from '../../model/outcome.ts';
import type { Change, LiveWidget } from '../../model/plan.ts';
import type { Emit } from '../events.ts';
import type { RateLimiter, Slot } from '../rate/rate-limiter.ts';
import type { InheritedWrites } from './inherited-writes.ts';

export interface QueueDeps {
  /** Paused while the key is refused. */
  readonly limiter: Pick<
    RateLimiter,
    'take' | 'outage' | 'wait' | 'refusedForMs' | 'pause' | 'start'
  >;
  readonly send: (request: SendRequest) => Promise<Attempt>;
  /** What may still arrive of earlier processes. */
  readonly inherited: Pick<InheritedWrites, 'heldUntilMs'>;
  readonly emit: Emit;
  readonly clock: Clock;
  readonly random: () => number;
  /** Called with anything thrown that is not part of the game. */
  readonly onBug: (error: unknown) => void;
}

export interface SendRequest {
  readonly change: Change;
  /** For the first request. */
  readonly slot: Slot;
  /** For another one, soon: releases the slot before. Null: nothing more is to be sent for now. */
  readonly nextSlot: () => Promise<Slot | null>;
  /** This attempt's number, from 1. */
  readonly attempt: number;
  /** The attempt before was answered with this success, and nothing that could be read; null: it was not. */
  readonly unreadStatus: number | null;
  /** The widget as an earlier attempt has read it; null: none has. */
  readonly lastRead: LiveWidget | null;
  /** Told of what this one reads: whatever is sent later stands upon no older one. */
  readonly onRead: (live: LiveWidget) => void;
  /** Aborts the read that a write may need first, and the wait for a slot to write. */
  readonly waiting: AbortSignal;
  /** Aborts the request itself. */
  readonly inFlight: AbortSignal;
}

export interface QueuePolicy {
  readonly backoff: Backoff;
  /** Attempts after which a change that might still succeed is given up; Infinity for a daemon. */
  readonly maxAttempts: number;
  /** For so long the API may refuse everything by its limit before all is given up; default: for ever. */
  readonly limitPatienceMs?: number;
  /** When the API refuses the key: `wait` until `retryRejected`, or `give-up` everything not yet sent. */
  readonly onRefusedKey: 'wait' | 'give-up';
}
