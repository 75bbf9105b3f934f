// The port: in which order the revisions of a source were followed first, and where replicas and accounts stand
// in it. A source is a tree of files, mostly a repository, that accounts come from. What is said here holds of any
// store. Types only.
//
// Each method is one statement: it is done whole or not at all, and one after the other with those of other
// processes. Each throws `StateError` where the store cannot be asked; then it is not known whether it was done.
import type { ClaimedTenure } from './replica-store.ts';

/** One place in the order of a source. */
export interface Place {
  /** From 1; each is one more than the newest before. */
  readonly position: number;
  /** The commit's hash in full. The same may have several positions, where a branch was pushed back. */
  readonly revision: string;
  /** The committer's date; null where the commit could not be read. */
  readonly committedAt: Date | null;
}

export interface SourceLook {
  /** Null: nothing was followed yet. */
  readonly newest: Place | null;
  /** The latest position of the revision that was asked for; null: it was never followed, as far as is known. */
  readonly known: number | null;
}

export interface SourceStore {
  /** As all that was appended before it was asked has left it: no replica of the database that lags is asked. */
  look(source: string, revision: string): Promise<SourceLook>;
  /**
   * Compare and set: gives the revision the next position where the newest is still `after` (0: none yet). Null
   * where it is another by now, and nothing was changed. Positions more than `keptPositions` before may be
   * forgotten with it.
   */
  append(source: string, after: number, next: Omit<Place, 'position'>): Promise<Place | null>;
  /**
   * Says where this session's files of the source are, which is never before what it said last; forgotten with the
   * session. A session that is gone by now changes nothing.
   */
  stand(session: string, source: string, position: number): Promise<void>;
  /** Where sessions stand, those that are gone among them. */
  stands(): Promise<readonly Stand[]>;
  /**
   * To be asked before the first request of an account starts at a position. Sets the account's source and
   * position, where its token is still this one and its position in that very source is no later; in another
   * source it begins anew. `not-mine`, `older`: it is not so, and nothing was changed for that account. No request of
   * an account may start unless the last answer was `entered`, for its token and the position that it is sent at.
   * Answers for each in the same order; no account is named twice.
   */
  enter(accounts: readonly ClaimedTenure[], at: Standpoint): Promise<readonly Entered[]>;
}

export type Entered = 'entered' | 'not-mine' | 'older';

export interface Standpoint {
  readonly source: string;
  readonly position: number;
}

export interface Stand {
  readonly session: string;
  readonly at: Standpoint;
}

/** So many of a source are kept at least: whoever lags by more is judged by commits and their dates. */
export const keptPositions = 1000;
