// What the loop is made of and whom it tells. Types only.
import type { ApiKey } from '../../api/api-key.ts';
import type { Clock } from '../../base/clock.ts';
import type { ApiError, StateError, UsageError } from '../../base/errors.ts';
import type { TreeWatch, WatchDeps } from '../../documents/watch/watch-tree.ts';
import type { WidgetDirectory } from '../../documents/widget-directory.ts';
import type { LoadedTree, Unsettled } from '../../model/document.ts';
import type { Attempt, QueueObserver } from '../../model/outcome.ts';
import type { Plan, Policy, WidgetAt } from '../../model/plan.ts';
import type { UnexpectedError } from '../../model/send-failure.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { LiveReader } from '../live/live-reader.ts';
import type { QueuePolicy, SendRequest } from '../queue/queue-deps.ts';
import type { RateLimiter } from '../rate/rate-limiter.ts';
import type { ChangeGuardDeps, TooManyChanges } from './change-gate.ts';
import type { Sight } from './pass.ts';
import type { RescanPolicy } from './rescan.ts';

/** Why everything is looked at: at the start, by schedule, by SIGHUP, or (`resend`) by SIGUSR2. */
export type SweepTrigger = 'start' | 'resync' | 'signal' | 'resend';

export type Trigger =
  | SweepTrigger
  | 'files'
  | 'key'
  | 'approved'
  | 'unsettled'
  | 'outdated'
  | 'until'
  | 'retry';

/** A request for a pass. */
export interface Ask {
  readonly trigger: Trigger;
  /** Send every valid widget, whatever is recorded. */
  readonly force: boolean;
}

export type PassFailure = UsageError | StateError | ApiError;

export interface PassTrouble {
  readonly work: 'pass' | 'sweep';
  readonly trigger: Trigger;
  readonly retryInMs: number;
}

export interface LoopObserver extends Omit<QueueObserver, 'outdated'> {
  /** The files were read; what is live may still have to be. */
  loaded(tree: LoadedTree): void;
  passed(seen: Sight, plan: Plan, facts: { trigger: Trigger; durationMs: number }): void;
  /** The directory, the state or the API could not be used; looked at again in `retryInMs`. */
  passFailed(error: PassFailure, facts: PassTrouble): void;
  /** A plan would change too much and was not applied; null: none is refused any longer. */
  refused(excess: TooManyChanges | null, plan: Plan, trigger: Trigger): void;
  /** The files cannot be believed, for so long by now: nothing is decided, they are looked at again. */
  postponed(unsettled: Unsettled, facts: { sinceMs: number }): void;
  /** Events cannot be relied on, so that the files are looked at this often; null: they can again. */
  polling(why: string | null, intervalMs: number): void;
  /** A sweep has read what is live. */
  swept(): void;
  /** What a pass found of the widget could not be recorded, because of a bug. */
  unrecorded(widget: WidgetAt, error: UnexpectedError): void;
  /** Another key is in force. */
  keyChanged(): void;
  /** The key file changed and cannot be used; the earlier key stays in force. */
  keyProblem(problem: string): void;
}

/** Something that was started. */
export interface Running {
  stop(): Promise<void>;
}

export interface LoopDeps {
  readonly directory: Pick<WidgetDirectory, 'look' | 'dir'>;
  readonly state: StateStore;
  readonly key: ApiKey;
  readonly live: Pick<LiveReader, 'read' | 'readable' | 'forgive'>;
  readonly limiter: RateLimiter;
  readonly send: (request: SendRequest) => Promise<Attempt>;
  readonly queuePolicy: QueuePolicy;
  readonly guard: ChangeGuardDeps;
  readonly policy: Pick<Policy, 'drift' | 'released'>;
  readonly observer: LoopObserver;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onBug: (error: unknown) => void;
  /** Starts watching the files; resolves once nothing can be missed any more. */
  readonly watch: (told: Pick<WatchDeps, 'onHint' | 'onBlind'>) => Promise<TreeWatch>;
  readonly rescan: RescanPolicy;
  /** Starts the resync schedule. */
  readonly schedule: (onDue: () => void) => Running;
}
