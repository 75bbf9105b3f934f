// What the process that holds the state leaves there for whoever asks: the findings of its last pass, and
// what has come of them since. Types only.
import type { Commit } from '../model/commit.ts';
import type { Reason } from '../model/plan.ts';
import type { UnappliedField } from '../model/unapplied-fields.ts';

export interface StatusRecord {
  /** When the last pass succeeded; null before the first. */
  readonly time: Date | null;
  /** The command that made the pass. */
  readonly command: string;
  /** The widget directory as the user named it. */
  readonly directory: string;
  readonly revision: string | null;
  /** The commit of `revision`; null where its object cannot be read. */
  readonly commit: Commit | null;
  /** What the looks at the files came to; null where an earlier version wrote this. */
  readonly files: FilesStatus | null;
  /** The origin of the files; null where no tree was read, or an earlier version wrote this. */
  readonly source: 'checkout' | 'published' | 'plain' | null;
  /** What keeps anything from being looked at or sent, the worst first; empty when all goes its way. */
  readonly obstacles: readonly Obstacle[];
  /** Nothing is sent until then; null when that is in the next moment. */
  readonly waiting: {
    readonly why: string;
    readonly until: Date;
    /** The same for programs; null where an earlier version wrote this. */
    readonly reason: WaitingReason | null;
  } | null;
  /** The API's own limit, where it is less than the rate allows, such as `3/s`. */
  readonly apiRate: string | null;
  /** Nothing was read of what is live: decisions rested on hashes. */
  readonly isBlind: boolean;
  /** The checksum of a plan that waits for a person's approval. */
  readonly refusedChecksum: string | null;
  readonly lifetime: Lifetime;
  /** Changes that wait or are in flight, in the order in which they go; of a refused plan, all of them. */
  readonly queue: readonly QueuedStatus[];
  /** Changes that an earlier version counted and did not name; only of such a one. */
  readonly unnamed?: number;
  readonly held: readonly HeldStatus[];
  readonly failed: readonly FailedStatus[];
  readonly drifted: readonly DriftedStatus[];
  readonly orphaned: readonly OrphanedStatus[];
  readonly kept: readonly UnappliedStatus[];
  /** The ids of widgets whose last write no read has shown yet. */
  readonly unseen: readonly string[];
}

export interface FilesStatus {
  /** When they could be believed last; null: never yet. */
  readonly lookedAt: Date | null;
  /** Files of widgets that were found then, whether they can be used or not. */
  readonly found: number;
  /** Why they cannot be believed since, as they are looked at again; null where they can. */
  readonly unsettled: {
    readonly code: string;
    readonly says: string;
    readonly since: Date;
  } | null;
}

/** The code of files that are waited for, since another process has followed newer ones. */
export const behindCode = 'behind';

/** Why nothing may start for a while: see `WaitReason` of the rate. */
export const waitingReasons = [
  'retry-after',
  'outage',
  'refused',
  'pace',
  'rate',
  'earlier-runs',
] as const;

export type WaitingReason = (typeof waitingReasons)[number];

/** The process that wrote this, when it began, and what it last did; null: not yet, or not known. */
export interface Lifetime {
  readonly pid: number | null;
  readonly host: string | null;
  readonly startedAt: Date | null;
  /** When it was seen to work last: see `Liveness`. */
  readonly heartbeat: Date | null;
  /** When it ended in good order. */
  readonly endedAt: Date | null;
  /** When everything that is live was read last. */
  readonly lastResync: Date | null;
  readonly nextResync: Date | null;
  /** When the API confirmed a write last. */
  readonly lastWrite: Date | null;
}

/** The things that can stand in the way, worst first; each goes away by itself only. */
export const obstacleKinds = [
  'key',
  'service',
  'limit',
  'pass',
  'changes',
  'sweep',
  'key-file',
] as const;

export type ObstacleKind = (typeof obstacleKinds)[number];

export interface Obstacle {
  /**
   * `key`: the API refuses it. `service`: it is down. `limit`: it refuses everything by its own limit.
   * `pass`: the files, the state or the API cannot be used. `changes`: a plan changes more than
   * `--max-changes` allows. `sweep`: what is live cannot be read.
   * `key-file`: the earlier key stays in force, and a process that begins anew would have none.
   */
  readonly by: ObstacleKind;
  /** For people. */
  readonly says: string;
  readonly since: Date;
}

export interface WidgetFileStatus {
  readonly widgetId: string;
  readonly file: string;
}

/** How people know a widget whose record does not tell, as that of a new one. */
export interface Named {
  readonly name: string | null;
  readonly widgetType: string | null;
}

export interface QueuedStatus extends WidgetFileStatus, Named {
  readonly reason: Reason;
  /** JSON Pointers of the fields that the write changes. */
  readonly fields: readonly string[];
  readonly revision: string | null;
  /**
   * `refused`: the plan is not sent, see `refusedChecksum`. `unsent`: the process gave up before it was its
   * turn.
   */
  readonly phase: 'queued' | 'in-flight' | 'backing-off' | 'refused' | 'unsent' | 'unplanned';
  /** 1: the next one. Null where it is not in the line. */
  readonly place: number | null;
  readonly attempts: number;
  /** What came of the last attempt; null where none has failed. */
  readonly answered: string | null;
  readonly httpStatus: number | null;
  /** When it lines up again; null where it does not wait for that. */
  readonly nextTry: Date | null;
  readonly since: Date;
}

export interface HeldStatus {
  readonly widgetId: string | null;
  readonly file: string;
  /** `suspended` is meant so; every other code is something to mend. */
  readonly code: string;
  readonly message: string;
  /** Of the first problem, counted from 1; null where no place in the file is to blame. */
  readonly line: number | null;
  /** When a suspension ends by itself. */
  readonly until: Date | null;
  readonly since: Date;
}

export interface FailedStatus extends WidgetFileStatus, Named {
  readonly error: string;
  readonly httpStatus: number | null;
  readonly attempts: number;
  /** Of the last attempt. */
  readonly time: Date;
  readonly line: number | null;
  readonly since: Date;
}

export interface DriftedStatus extends WidgetFileStatus {
  readonly why: 'policy' | 'fought-over';
  /** When it may be corrected; null for never by itself. */
  readonly until: Date | null;
  /** JSON Pointers. */
  readonly fields: readonly string[];
  readonly since: Date;
}

export interface OrphanedStatus extends WidgetFileStatus {
  readonly since: Date;
}

/** A widget of which the API keeps something otherwise than it was sent. */
export interface UnappliedStatus extends WidgetFileStatus {
  /** When it confirmed this content so first. */
  readonly since: Date;
  readonly fields: readonly UnappliedField[];
}
