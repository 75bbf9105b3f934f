// One account of the file of accounts, as the commands meet it, and what a look at that file gives.
import type { Settings } from '../config/settings.ts';

/** Where a key is: in a file of its own, or in a variable of this process's environment. */
export type AccountKey =
  | { readonly kind: 'file' /** Absolute. */; readonly path: string }
  | { readonly kind: 'env'; readonly name: string };

export interface AccountEntry {
  /** Fits `accountName`: it is a folder of the state, and a label. */
  readonly name: string;
  /** Of its widget files; absolute. */
  readonly directory: string;
  readonly key: AccountKey;
  /**
   * As those of one process: what its entry and `defaults` say, else the option's default, beside the
   * process's own. `state` is `<state>/<name>`; `resync` is a moment of the account's own where `isSpread`.
   */
  readonly settings: Settings;
  /** Nothing of it is written; its widgets stand as suspended, for this reason. */
  readonly suspend: { readonly reason: string | null } | null;
  /**
   * Files without a revision are the same for all replicas at any moment; absent: each has its own, and their revision
   * says which are newer.
   */
  readonly files?: 'shared';
  /** Resynced `hourly` or `daily`: at a minute (and hour) that its name tells, so that not all ask at once. */
  readonly isSpread: boolean;
}

/** What is wrong with the file of accounts, or with what it leads to. */
export interface AccountsProblem {
  /** `accounts.yaml:7:3`, or the path alone where no line is to blame. */
  readonly place: string;
  /** What was found, what was expected, what to do; holds no key. */
  readonly message: string;
  /** The accounts that it holds, by name; none where it concerns the file, or a folder that is no account. */
  readonly holds: readonly string[];
}

/** An account that cannot be used now: nothing is sent for it, and its state stays. */
export interface HeldAccount {
  readonly name: string;
  /** All that holds it, a line each, with the places. */
  readonly message: string;
}

export interface AccountsLook {
  /** Sorted by name; none of them is held. The very value of the look before where nothing has changed. */
  readonly accounts: readonly AccountEntry[];
  /** Sorted by name. */
  readonly held: readonly HeldAccount[];
  /** What `defaults` says. */
  readonly files?: 'shared';
  /** The variables that `key_env` names, also those of accounts that are held. */
  readonly namedVariables: readonly string[];
  /** In the order of the file. */
  readonly problems: readonly AccountsProblem[];
}

/** The file of accounts, followed. */
export interface AccountsFile {
  /** As the user named it. */
  readonly path: string;
  /**
   * What it says now. Cheap where nothing has changed: then it is the very value of the look before. A file
   * that is gone, half written or no YAML keeps the accounts of the look before, and is a problem.
   */
  look(): AccountsLook;
  /** A key that it leads to has changed: the next look is at all keys, which may be the tenth from now else. */
  hint(): void;
}

/** What an account may be called: `<state>/<name>` must be no folder that a state has itself. */
export const accountName: RegExp = /^(?!(?:widgets|orders)$)[a-z0-9][a-z0-9-]{0,62}$/;
