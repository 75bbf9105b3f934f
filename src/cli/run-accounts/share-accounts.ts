// What makes `run --accounts` a replica: the store that it shares with others, and its part of the protocol.
// Loaded only with `--store postgres`.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { AccountsFile } from '../../accounts/account-entry.ts';
import { systemBootMs } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { version } from '../../base/version.ts';
import type { Settings } from '../../config/settings.ts';
import { Replica, type ReplicaEvent, replicaRules } from '../../replicas/replica.ts';
import type { HeldTenure } from '../../replicas/session-tenure.ts';
import type { StateBackend } from '../../state/state-store.ts';
import type { Tenure } from '../../state/tenure.ts';
import { openOrder, type ReplicaOrder } from '../order/open-order.ts';
import type { ProcessContext } from '../process-context.ts';
import {
  openStore,
  PostgresReplicas,
  type PostgresState,
  postgresSources,
  withStore,
} from '../wiring/open-store.ts';
import type { KeepUnfollowed } from './record-unfollowed.ts';
import type { Sharing, Supervisor } from './supervisor.ts';

export interface SharedAccounts {
  /** Of the process; the states of accounts lie in the store. */
  readonly settings: Settings;
  /** Opens the state of an account that this process holds under the tenure. */
  openHeld(tenure: HeldTenure): StateBackend['open'];
  start(deps: SharingDeps): SharingReplica;
  close(): Promise<void>;
}

export interface SharingDeps {
  readonly log: Log;
  readonly fail: () => void;
  readonly file: AccountsFile;
  /** The file of accounts says something else now. */
  readonly onPlaced: () => void;
}

export interface SharingReplica extends Sharing {
  readonly order: ReplicaOrder;
  /** Says in the store why an account that is held here cannot be followed. */
  readonly keepUnfollowed: KeepUnfollowed;
  /** To be called in the same turn as `start`. */
  follow(supervisor: Pick<Supervisor, 'claimed' | 'giveBack'>): void;
  /** Once nothing runs that writes. */
  stop(): Promise<void>;
}

/** Asks nothing yet. Throws `UsageError` where the environment says what cannot be used. */
export function openSharedAccounts(settings: Settings, context: ProcessContext): SharedAccounts {
  const stored = withStore(settings, context);
  const { database, state } = openStore(settings, context.env);
  const store = new PostgresReplicas(database, 'run');
  const clock = { ...context.clock, bootMs: systemBootMs };
  return {
    settings: stored,
    openHeld: (tenure) => (options) =>
      state.openHeld(options, {
        tenure,
        mayLeaveMs: replicaRules.holdMs,
        refused: (why) => tenure.refused(why),
        // It may be opened again under the same tenure; the supervisor knows when nothing is to run any more.
        release: async () => {},
      }),
    start({ log, fail, file, onPlaced }) {
      let supervisor: Pick<Supervisor, 'claimed' | 'giveBack'> | null = null;
      const told = logReplica(log, fail);
      const replica: Replica = new Replica({
        ...{ store, clock },
        info: { replica: randomUUID(), host: hostname(), version },
        onClaimed: (account, tenure) => supervisor?.claimed(account, tenure),
        onGiveBack: (account) => supervisor?.giveBack(account),
        onEvent(event) {
          if (event.kind === 'begun') order.begun(event.session);
          told(event);
        },
      });
      const onBug = (error: unknown) => {
        fail();
        log.fatal({ err: error }, 'unexpected error; this is a bug');
      };
      const order = openOrder({
        ...{ file, log, clock, onPlaced, onBug },
        store: postgresSources(database),
        sessions: () => replica.sessions(),
      });
      return {
        order,
        keepUnfollowed: keepUnfollowedOf(replica, state),
        want: (accounts) => replica.want(accounts),
        release: (account, tenure) => replica.release(account, tenure),
        follow(followed) {
          supervisor = followed;
        },
        stop: () => replica.stop(),
      };
    },
    close: () => store.close(),
  };
}

function keepUnfollowedOf(replica: Replica, state: PostgresState): KeepUnfollowed {
  /** Under which something was said of each; what a former holder has said is over with its tenure. */
  const said = new Map<string, Tenure>();
  return async ({ name }, says) => {
    const tenure = replica.tenureOf(name);
    if (tenure === null || (says === null && said.get(name) !== tenure)) return;
    if (says === null) said.delete(name);
    else said.set(name, tenure);
    await state.keepUnfollowed(name, tenure, says);
  };
}

/** Says once what lasts. */
function logReplica(log: Log, fail: () => void): (event: ReplicaEvent) => void {
  let said: string | null = null;
  return (event) => {
    switch (event.kind) {
      case 'begun':
        said = null;
        return log.info({ session: event.session }, 'shares accounts with the other replicas');
      case 'lost': {
        const { session, why, held } = event;
        return log.warn(
          { session, error: why, accounts: held },
          'its session is over: nothing more is sent or written under it, and another one is begun',
        );
      }
      case 'unreachable':
        if (said !== event.message) log.error({ error: event.message }, unreachableWords);
        said = event.message;
        return;
      case 'bug':
        fail();
        return log.fatal({ err: event.error }, 'unexpected error; this is a bug');
    }
  };
}

const unreachableWords =
  'cannot share accounts with other replicas now, and follows none: it is tried again and again';
