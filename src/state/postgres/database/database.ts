// What is asked of the database: statements, each a transaction of its own that leaves nothing in its
// session, so that a pooler may give each to another connection.
import type { Clock } from '../../../base/clock.ts';
import { StateError } from '../../../base/errors.ts';
import type { Way } from './open-connection.ts';

export type MonotonicClock = Pick<Clock, 'monotonicMs'>;

/** How a statement is asked: `what` for the message where it fails, as `cannot read the history`. */
export interface Statement {
  readonly what: string;
  readonly sql: string;
  readonly values?: readonly unknown[];
}

/** A transaction may have been done, or be done yet. */
export class UncertainError extends StateError {}

export interface Database {
  /** The rows. Throws `StateError`; whether it was done is not known where no answer came in time. */
  ask<Row>(statement: Statement): Promise<Row[]>;
  /**
   * Statements that are done all or not at all, on one connection. Throws `UncertainError` where its end
   * got no answer; whatever else is thrown, nothing was done: `StateError`, or what `act` throws.
   */
  inTransaction<Done>(what: string, act: (ask: Database['ask']) => Promise<Done>): Promise<Done>;
  /** Throws `StateError` where there is no schema, or one of another version. Asks once. */
  requireSchema(): Promise<void>;
  /**
   * The database's own time, as known by this process's monotonic clock since it was asked for last, at most a quarter
   * of a minute ago: to be asked for each time anew. Steps of this machine's wall clock count nowhere. Throws
   * `StateError`.
   */
  time(clock: MonotonicClock): Promise<StoreTime>;
  /** From now on `time` asks the database again. */
  forgetTime(): void;
  /** What people know it by, without a user or a password: `postgres:db.internal:5432/widgets`. */
  readonly place: string;
  /** For a session. */
  readonly direct: Way;
  close(): Promise<void>;
}

/** In milliseconds since 1970, by the database. The journey of the answer lies between the two. */
export interface StoreTime {
  earliestMs(): number;
  latestMs(): number;
}
