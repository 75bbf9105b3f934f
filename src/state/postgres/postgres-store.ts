// The store on PostgreSQL: the state of an account is its rows, and who may write them is said by its
// lease.
import type { OpenOptions, StateBackend, StateStore } from '../state-store.ts';
import type { Tenure } from '../tenure.ts';
import { refuseStateOfAnother } from '../whose-state.ts';
import type { Database } from './database/database.ts';
import { HeldStore } from './held-store.ts';
import { Kept, readAllKept } from './kept.ts';
import { Notes } from './notes.ts';
import { accountOf, apiUrlsIn, PostgresView } from './postgres-view.ts';
import { readRecords } from './records.ts';
import { type Lease, takeLease } from './sessions/lease.ts';
import { keepUnfollowed, readUnfollowed } from './unfollowed.ts';

export interface PostgresState extends StateBackend {
  /** The names of the accounts that something is kept of, sorted. Throws `StateError`. */
  accounts(): Promise<readonly string[]>;
  /**
   * Opens the state of an account that this process holds already. `close` lets it go. Throws as `open`
   * does.
   */
  openHeld(options: OpenOptions, lease: Lease): Promise<StateStore>;
  /** As `NamedStates` has it. Throws `StateError`. */
  unfollowed(account: string): Promise<string | null>;
  /**
   * Of an account that this process holds and cannot follow; null once it can. Throws `TenureLostError` and
   * `StateError`.
   */
  keepUnfollowed(account: string, tenure: Tenure, says: string | null): Promise<void>;
}

/** Opens nothing yet; whoever has opened the database closes it. */
export function postgresState(database: Database): PostgresState {
  const notes = new Notes(database);
  let seq = 0;
  const nextSeq = () => {
    seq += 1;
    return seq;
  };
  const openHeld = async (options: OpenOptions, lease: Lease): Promise<StateStore> => {
    const name = accountOf(options);
    const held = {
      ...{ name, database, nextSeq, tenure: lease.tenure, mayLeaveMs: lease.mayLeaveMs ?? 0 },
      refused: (why: Parameters<Lease['refused']>[0]) => lease.refused(why),
    };
    try {
      const texts = await readAllKept(database, name);
      await refuseStateOfAnother(options, apiUrlsIn(database, name, texts.get('status') ?? null));
      const stored = await readRecords(database, name, options);
      const kept = new Kept(held, texts);
      return new HeldStore(stored, options, { held, kept, notes, release: () => lease.release() });
    } catch (error) {
      await lease.release();
      throw error;
    }
  };
  return {
    async open(options) {
      const { command, reader: version } = options;
      const request = { account: accountOf(options), command, version };
      return await openHeld(options, await takeLease(database, request));
    },
    openHeld,
    accounts: () => accountsIn(database),
    look: (options) => new PostgresView(database, options),
    unfollowed: (account) => readUnfollowed(database, account),
    keepUnfollowed: (name, tenure, says) =>
      keepUnfollowed({ name, tenure, database, nextSeq, refused: () => {} }, says),
  };
}

/** One that was only ever claimed has nothing. */
async function accountsIn(database: Database): Promise<readonly string[]> {
  await database.requireSchema();
  const rows = await database.ask<{ name: string }>({
    what: 'cannot list the accounts on PostgreSQL',
    sql: `select name from widget_sync.account a
          where exists (select from widget_sync.kept k where k.account = a.name)
            or exists (select from widget_sync.widget w where w.account = a.name)
          order by name`,
  });
  return rows.map(({ name }) => name);
}
