// The accounts of one process as whoever shows them meets them: a list, and the moments at which it is
// another one. Types only.
import type { AccountEntry, AccountsProblem } from '../../accounts/account-entry.ts';
import type { Log } from '../../base/log.ts';
import type { Settings } from '../../config/settings.ts';
import type { Liveness } from '../../observe/status/liveness.ts';
import type { StatusReporter } from '../../observe/status/status-reporter.ts';
import type { WritingParts } from '../wiring/wire.ts';

/**
 * `opening`: it waits for its turn, or its state is being read. `running`: it is followed. `waiting`: it
 * cannot be followed now, and is tried again. `held`: its entry cannot be used. `stopping`: requests in flight
 * may end. `elsewhere`: it is another replica's, and in no list of this one.
 */
export type RunState = 'opening' | 'running' | 'waiting' | 'held' | 'stopping' | 'elsewhere';

export interface RunningAccount {
  readonly name: string;
  readonly state: RunState;
  /** While it waits or is held: why, and what to do. */
  readonly message: string | null;
  /** While it waits: when it is tried again by itself. */
  readonly retryAt: Date | null;
  /** Null only where its entry could never be used. */
  readonly entry: AccountEntry | null;
  /** While it is followed, until it has stopped. */
  readonly followed: FollowedAccount | null;
}

/** An account that is followed, with what there is to show of it. */
export interface FollowedAccount {
  readonly name: string;
  readonly settings: Settings;
  readonly parts: WritingParts;
  readonly reporter: StatusReporter;
  readonly liveness: Liveness;
  /** Names the account in each line. */
  readonly log: Log;
}

export interface RunningAccounts {
  /** Sorted by name. An account that was taken out is in it until it has stopped. */
  list(): readonly RunningAccount[];
  /** Those of the file that are another replica's, or nobody's. */
  elsewhere(): readonly AccountEntry[];
  /** Of the file of accounts, as it was looked at last. */
  problems(): readonly AccountsProblem[];
  /** Among replicas: whether this one could go on with accounts that others follow. */
  standsBy(): boolean;
  /** Tells the listener of everything from now on; returns the way out. */
  listen(listener: AccountsListener): () => void;
}

export interface AccountsListener {
  /** An account is followed once this resolves: nothing has happened in it yet that could be missed. */
  onFollow?(account: FollowedAccount): void | Promise<void>;
  /** It has stopped, and its state is closed once this resolves. */
  onLeave?(account: FollowedAccount): void | Promise<void>;
  /** The list, or the problems, are others. `account`: the only one of which something is; null: of any. */
  onChange?(account: RunningAccount | null): void;
}
