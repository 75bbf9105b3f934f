// Replicas as people and replicas see them: sessions, and who holds what.
import type {
  ReplicaInfo,
  ReplicaSession,
  ReplicaStore,
  ReplicasLook,
} from '../../../replicas/replica-store.ts';
import type { Database } from '../database/database.ts';
import { aliveSessions } from './alive.ts';
import { livingIn, type SessionRow } from './claims.ts';
import { beginSession } from './session.ts';
import { tokenText } from './token.ts';

export class PostgresReplicas implements ReplicaStore {
  readonly #database: Database;
  readonly #command: string;
  #hasBegun = false;

  /** `command`: as which people are told of who holds an account. */
  constructor(database: Database, command: string) {
    this.#database = database;
    this.#command = command;
  }

  async begin(info: ReplicaInfo): Promise<ReplicaSession> {
    await this.#database.requireSchema();
    // Since the last session the server may have become another one.
    if (this.#hasBegun) this.#database.forgetTime();
    this.#hasBegun = true;
    const by = { pid: process.pid, command: this.#command };
    return await beginSession(this.#database.direct, info, by);
  }

  async look(): Promise<ReplicasLook> {
    await this.#database.requireSchema();
    const what = 'cannot see the replicas on PostgreSQL';
    const sessions = await this.#database.ask<SeenRow>({
      what,
      sql: `with alive as materialized (${aliveSessions})
            select s.number, s.replica, s.content, s.begun_at, l.pid is null as is_gone, c.state_change
            from widget_sync.session s left join alive l on l.number = s.number
            left join pg_stat_activity c on c.pid = l.pid order by s.number`,
    });
    const accounts = await this.#database.ask<AccountRow>({
      what,
      sql: `select name, holder, ${tokenText} as token from widget_sync.account order by name`,
    });
    return {
      sessions: sessions.map((row) => ({
        ...livingIn(row),
        isGone: row.is_gone,
        since: row.begun_at,
        lastBeat: row.is_gone ? null : row.state_change,
      })),
      accounts: accounts.map(({ name, holder, token }) => {
        return { name, holder: holder === null ? null : `${holder}`, token };
      }),
    };
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}

interface SeenRow extends SessionRow {
  readonly begun_at: Date;
  readonly is_gone: boolean;
  readonly state_change: Date | null;
}

interface AccountRow {
  readonly name: string;
  readonly holder: number | null;
  readonly token: string;
}
