// The order of revisions as one replica takes part in it: one follower for all its accounts and its file of accounts.
import { dirname, resolve } from 'node:path';
import type { AccountEntry, AccountsFile } from '../../accounts/account-entry.ts';
import type { Clock } from '../../base/clock.ts';
import { StateError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { Entrance } from '../../replicas/entrance.ts';
import type { LivingSession } from '../../replicas/replica-store.ts';
import { SourceFollower } from '../../replicas/source-follower.ts';
import type { SourceStore } from '../../replicas/source-store.ts';
import type { InOrder } from '../../sync/loop/look.ts';
import { homeOf, inOrderFor } from './in-order.ts';
import { type OrderedAccounts, orderedAccounts } from './ordered-accounts.ts';

export interface OrderOptions {
  /** As it stands, whatever its commit. */
  readonly file: AccountsFile;
  readonly store: SourceStore;
  /** As `Replica.sessions` tells. */
  readonly sessions: () => {
    readonly own: string;
    readonly living: readonly LivingSession[];
  } | null;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: Log;
  /** The file of accounts is to be looked at, though no second has passed. */
  readonly onPlaced: () => void;
  readonly onBug: (error: unknown) => void;
}

export interface ReplicaOrder {
  /** In place of the file itself: what it says counts once its commit is the newest. */
  readonly file: OrderedAccounts;
  /** To be asked once this process holds the account, by that token. */
  readonly inOrderFor: (entry: AccountEntry, token: string) => InOrder;
  /** Another session of this process has begun. */
  readonly begun: (session: string) => void;
}

export function openOrder(options: OrderOptions): ReplicaOrder {
  const { store, sessions, clock, log, onPlaced, onBug } = options;
  const living = () => {
    const all = sessions()?.living;
    return all === undefined ? null : new Map(all.map((one) => [one.number, one]));
  };
  const follower = new SourceFollower({
    ...{ store, clock, living, as: 'replica' },
    session: () => sessions()?.own ?? null,
    onForced: ({ source, revision }, { revision: before }) =>
      log.warn(
        { source, revision, before },
        'follows this revision, though nothing tells that it is newer: for two minutes no replica has had the one that was followed before',
      ),
  });
  const entrance = new Entrance(store);
  const file = orderedAccounts(options.file, { follower, onPlaced, onBug });
  const home = () => homeOf(dirname(resolve(file.path)));
  return {
    file,
    begun: (session) =>
      void follower.standAgain(session).catch((error: unknown) => {
        // It is said again with the next position, or the next account.
        if (!(error instanceof StateError)) onBug(error);
      }),
    inOrderFor: (entry, token) =>
      inOrderFor(
        { entry, token, entryLag: (sinceMs) => file.lag(sinceMs) },
        { follower, entrance, clock, home },
      ),
  };
}
