// The parts that the loop is made of. Types only.
import type { ApiKey } from '../../api/api-key.ts';
import type { Clock } from '../../base/clock.ts';
import type { Ticker } from '../../base/ticker.ts';
import type { TreeWatch, WatchDeps } from '../../documents/watch/watch-tree.ts';
import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import type { Attempt } from '../../model/outcome.ts';
import type { Policy } from '../../model/plan.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { Emit, Work } from '../events.ts';
import type { LiveReader } from '../live/live-reader.ts';
import type { InheritedWrites } from '../queue/inherited-writes.ts';
import type { QueuePolicy, SendRequest } from '../queue/queue-deps.ts';
import type { RateLimiter } from '../rate/rate-limiter.ts';
import type { ChangeGateDeps } from './change-gate.ts';
import type { InOrder } from './look.ts';
import type { RescanPolicy } from './rescan.ts';

/** Something that was started. */
export interface Running {
  stop(): Promise<void>;
}

export interface LoopDeps {
  readonly directory: Pick<WidgetDirectory, 'look' | 'dir'>;
  readonly state: StateStore;
  readonly key: ApiKey;
  readonly live: Pick<LiveReader, 'read' | 'readable' | 'reset'>;
  /** Absent: no other process follows files of this account. */
  readonly inOrder?: InOrder;
  readonly limiter: RateLimiter;
  readonly send: (request: SendRequest) => Promise<Attempt>;
  /** What may still arrive of earlier processes. */
  readonly inherited: InheritedWrites;
  readonly queuePolicy: QueuePolicy;
  readonly changeGate: ChangeGateDeps;
  readonly policy: Pick<Policy, 'drift' | 'released'>;
  readonly emit: Emit;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onBug: (error: unknown) => void;
  /** Starts watching the files; resolves once nothing can be missed any more. */
  readonly watch: (told: Pick<WatchDeps, 'onHint' | 'onBlind'>) => Promise<TreeWatch>;
  readonly rescan: RescanPolicy;
  /** Starts the resync schedule. */
  readonly schedule: (onDue: () => void, ticker: Ticker) => Running;
  /** Of the process; default: one of its own. */
  readonly ticker?: Ticker;
  /** Resolves once that work may begin, or the signal aborts; default: at once. */
  readonly turn?: (work: Work, signal: AbortSignal) => Promise<void>;
}
