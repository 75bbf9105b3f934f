// The port: what replicas keep in one place so that each account has one holder. What is said here holds of
// any store; the protocol above it is replica.ts. Types, and the one number that both sides count on.
//
// A session is alive as long as the store holds a lock in its name, which no process can keep but by
// beating: a store ends a session that was silent for `silenceMs`, and a session's end, however it comes, frees
// the lock. Whether a session is gone is seen by the lock alone: somebody else could get it. No clock of a
// replica is asked, and no row says so.

/** A session that was silent for so long is ended by the store. No sooner: replicas count on it. */
export const silenceMs = 4000;

/** One process that holds accounts. */
export interface ReplicaInfo {
  /** Of this process, whatever sessions it begins one after the other; drawn by it, and never drawn again. */
  readonly replica: string;
  readonly host: string;
  /** The version of widget-sync. */
  readonly version: string;
}

export interface ReplicaStore {
  /**
   * Begins a session of a number that no session ever had. Its lock is held before anybody can see the
   * session. Throws `StateError`, whose message says what to do: the store cannot be reached, has no or
   * another schema, or keeps no lock for whoever connects (as behind a pooler that shares its connections). Gives
   * up by itself after a few seconds.
   */
  begin(info: ReplicaInfo): Promise<ReplicaSession>;
  /** For people: takes no lock, and writes nothing. Throws `StateError`. */
  look(): Promise<ReplicasLook>;
  /** Closes what the store itself keeps open; sessions are ended by their own. */
  close(): Promise<void>;
}

/**
 * A session, begun. Its statements run one after the other on the connection that its lock lives on, so that
 * what succeeded was done by a session that was alive. Each rejects once the session is over; where one
 * rejects for whatever other reason, it is not known whether it was done, and the session is to be given up.
 */
export interface ReplicaSession {
  readonly number: string;
  /** Aborted as soon as this process can know that the session is over; a stalled one learns it later. */
  readonly ended: AbortSignal;
  /**
   * Keeps the session alive for `silenceMs` from the moment at which the store gets it, and looks around: one
   * transaction that waits for no row, whose cost does not grow with the accounts that have a holder.
   */
  beat(): Promise<Beat>;
  /**
   * Makes this session the holder of those that are without one: they were never claimed (the row is made
   * then), were released, or their holder is gone at this very moment. One statement for all of them: `token`
   * grows by one with each account's new holder, and neither that nor a write with an earlier token can come
   * between seeing that the holder is gone and taking the account. It waits for no other claim: an account
   * that another session is claiming counts as held. Answers for each name, in any order.
   */
  claim(names: readonly string[]): Promise<readonly ClaimAnswer[]>;
  /**
   * Leaves accounts without a holder, each only while it still has this token, which is raised by one as by a
   * claim: a write that was given up, and arrives only now, is refused. Tells other sessions (`onFreed`).
   */
  release(tenures: readonly ClaimedTenure[]): Promise<void>;
  /**
   * Calls back when accounts were released by another session, as far as the store can say so: a hint, which
   * may come late, twice or never.
   */
  onFreed(listener: () => void): void;
  /**
   * Ends the session and forgets it; what it still holds is free from then on, which other sessions are told
   * (`onFreed`). Never rejects, also where the session is over, and waits at most a second for the store: then
   * the connection is cut, and the session ends with it.
   */
  end(): Promise<void>;
}

/** What a session sees when it beats. */
export interface Beat {
  /** Those that are alive, this one included. */
  readonly sessions: readonly LivingSession[];
  /** The accounts that have a row and no living holder. */
  readonly unheld: readonly UnheldAccount[];
}

export interface LivingSession extends ReplicaInfo {
  readonly number: string;
  readonly pid: number;
  /** Which command it is: `run` shares all accounts with the others; any other holds what it was asked for. */
  readonly command: string;
}

export interface UnheldAccount {
  readonly name: string;
  /** Null: it was released, or never claimed. */
  readonly last: LostHolder | null;
}

/** A session that is gone and had not released the account. */
export interface LostHolder {
  readonly session: string;
  /** The process it was of. */
  readonly replica: string;
  /**
   * Whether the store itself was restarted, or another one was promoted, since the session began: that ends all
   * sessions at once, also those of processes that are well and about to begin a new one.
   */
  readonly byRestart: boolean;
}

export interface ClaimedTenure {
  readonly name: string;
  /**
   * What each write of the account carries. Its number grows with each holder, by one or more. Where a failover loses writes,
   * a number may be given again: a random part keeps two tokens from being the same.
   */
  readonly token: string;
}

export type ClaimAnswer =
  | ({ readonly kind: 'claimed' } & ClaimedTenure & Pick<UnheldAccount, 'last'>)
  /** It has a living holder, which may be this session itself, or somebody is about to claim it. */
  | { readonly kind: 'held'; readonly name: string };

/** All that is known of replicas, for people. */
export interface ReplicasLook {
  /** Also those that are gone and still hold accounts. */
  readonly sessions: readonly SeenSession[];
  /** All accounts that have a row, sorted by name. */
  readonly accounts: readonly SeenAccount[];
}

export interface SeenSession extends LivingSession {
  readonly isGone: boolean;
  readonly since: Date;
  /** By the store's clock: when it was last heard of; null where it is gone, or who asks may not see that. */
  readonly lastBeat: Date | null;
}

export interface SeenAccount {
  readonly name: string;
  /** The number of its session, alive or gone; null: it was released, or never claimed. */
  readonly holder: string | null;
  readonly token: string;
}
