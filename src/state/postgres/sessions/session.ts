// A session: a direct connection with a lock on it, that the server ends once it falls silent. Its
// statements go one after another on that connection.
import { setTimeout as sleep } from 'node:timers/promises';
import pg, { type ClientConfig } from 'pg';
import { sharedController } from '../../../base/abort.ts';
import { codeOf, StateError } from '../../../base/errors.ts';
import {
  type Beat,
  type ClaimAnswer,
  type ClaimedTenure,
  type ReplicaInfo,
  type ReplicaSession,
  silenceMs,
} from '../../../replicas/replica-store.ts';
import type { Statement } from '../database/database.ts';
import { lockClass } from '../database/schema.ts';
import { storeFailure } from '../database/store-failure.ts';
import { isGone, type SessionContent } from './alive.ts';
import {
  type BeatRow,
  beatStatement,
  type ClaimRow,
  claimStatement,
  readBeat,
  readClaim,
} from './claims.ts';
import { readToken } from './token.ts';

/** Heard by all sessions when accounts were released; what it carries is the number of who did. */
const freedChannel = 'widget_sync_freed';
/** A goodbye that takes longer is left to the end of the connection. */
const goodbyeMs = 1000;

const cannotBegin = 'cannot begin a session on PostgreSQL';

/** Throws `StateError`. The schema was looked at before. */
export async function beginSession(
  direct: ClientConfig,
  { replica, host, version }: ReplicaInfo,
  by: Pick<SessionContent, 'pid' | 'command'>,
): Promise<ReplicaSession> {
  // An answer that is later than the silence comes from a session that is over.
  const client = new pg.Client({ ...direct, query_timeout: silenceMs });
  const over = sharedController();
  const end = (error?: Error) =>
    over.abort(storeFailure('the session on PostgreSQL is over', error));
  client.on('error', end);
  client.on('end', () => end(new Error('the connection has ended')));
  try {
    await client.connect();
    await refusePooler(client, settings);
    await refusePooler(client, `listen ${freedChannel}`);
    const session = new PostgresSession(client, over.signal);
    await session.begin(replica, JSON.stringify({ ...by, host, version } satisfies SessionContent));
    return session;
  } catch (error) {
    client.end().catch(() => undefined);
    if (codeOf(error) === '42704')
      throw new StateError(`${cannotBegin}: it has to be PostgreSQL 14 or newer`);
    throw storeFailure(cannotBegin, error);
  }
}

/** The server's own watch over this connection, and over a network that is gone. */
const settings = `
  set idle_session_timeout = ${silenceMs};
  set tcp_keepalives_idle = 1;
  set tcp_keepalives_interval = 1;
  set tcp_keepalives_count = 2`;

/**
 * A pooler would leave the lock with a connection of its own that outlives this process. It has numbers of
 * its own for connections, and may give one statement to another connection than the next: so it is asked
 * twice.
 */
async function refusePooler(client: pg.Client, also: string): Promise<void> {
  const { processID } = client as pg.Client & { readonly processID: number | null };
  const results = await client.query(
    `${also}; select pg_backend_pid() as pid, current_setting('idle_session_timeout') as silence`,
  );
  const [row]: { pid: number; silence: string }[] = [results].flat().at(-1)?.rows ?? [];
  if (row?.pid === processID && row.silence === `${silenceMs / 1000}s`) return;
  throw new StateError(
    `${cannotBegin}: PGHOST and PGPORT lead to a pooler, and a session needs PostgreSQL itself; ` +
      'name that there, and the pooler, where there has to be one, with --pooler <host:port>',
  );
}

class PostgresSession implements ReplicaSession {
  readonly ended: AbortSignal;
  readonly #client: pg.Client;
  #number = 0;
  #ending: Promise<void> | null = null;

  constructor(client: pg.Client, ended: AbortSignal) {
    this.#client = client;
    this.ended = ended;
  }

  get number(): string {
    return `${this.#number}`;
  }

  /**
   * The row and its lock are seen by others at the same moment. Those that are gone and hold nothing are
   * forgotten.
   */
  async begin(replica: string, content: string): Promise<void> {
    const [row] = await this.#ask<{ number: number; is_locked: boolean }>({
      what: cannotBegin,
      sql: `with gone as (
              delete from widget_sync.session s where ${isGone('s.number')}
              and not exists (select from widget_sync.account a where a.holder = s.number)
            ), begun as (
              insert into widget_sync.session (replica, content) values ($1, $2) returning number
            )
            select number, pg_try_advisory_lock(${lockClass}, number) as is_locked from begun`,
      values: [replica, content],
    });
    if (!row?.is_locked) throw new StateError(`${cannotBegin}: its lock is taken`);
    this.#number = row.number;
  }

  async beat(): Promise<Beat> {
    const what = 'cannot keep the session on PostgreSQL alive';
    const [row] = await this.#ask<BeatRow>({ what, sql: beatStatement });
    if (row === undefined) throw new StateError(`${what}: PostgreSQL answered nothing`);
    return readBeat(row);
  }

  async claim(names: readonly string[]): Promise<readonly ClaimAnswer[]> {
    const rows = await this.#ask<ClaimRow>({
      what: 'cannot claim accounts on PostgreSQL',
      sql: claimStatement,
      values: [[...names], this.#number],
    });
    return readClaim(names, rows);
  }

  async release(tenures: readonly ClaimedTenure[]): Promise<void> {
    const tokens = tenures.map(({ token }) => readToken(token));
    await this.#ask({
      what: 'cannot release accounts on PostgreSQL',
      sql: `with given(name, token, token_part) as (
              select * from unnest($1::text[], $2::bigint[], $3::text[])
            ), freed as (
              update widget_sync.account a set holder = null, token = a.token + 1 from given g
              where a.name = g.name and a.token = g.token and a.token_part = g.token_part and a.holder = $4
              returning 1
            )
            select pg_notify('${freedChannel}', $4::int::text) where exists (select from freed)`,
      values: [
        tenures.map(({ name }) => name),
        tokens.map(({ number }) => number),
        tokens.map(({ part }) => part),
        this.#number,
      ],
    });
  }

  onFreed(listener: () => void): void {
    this.#client.on('notification', ({ channel, payload }) => {
      if (channel === freedChannel && payload !== this.number) listener();
    });
  }

  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  /** What it does not come to do, the end of the connection does. */
  async #end(): Promise<void> {
    const timer = new AbortController();
    const late = sleep(goodbyeMs, undefined, { signal: timer.signal, ref: false }).catch(
      () => undefined,
    );
    await Promise.race([this.#sayGoodbye().catch(() => undefined), late]);
    timer.abort();
    this.#client.connection.stream.destroy();
  }

  async #sayGoodbye(): Promise<void> {
    if (this.ended.aborted) return;
    await this.#ask({
      what: 'cannot end the session on PostgreSQL',
      sql: `with freed as (
              update widget_sync.account set holder = null, token = token + 1 where holder = $1 returning 1
            ), gone as (
              delete from widget_sync.session where number = $1
            )
            select pg_notify('${freedChannel}', $1::int::text) where exists (select from freed)`,
      values: [this.#number],
    });
    await this.#client.end();
  }

  async #ask<Row>({ what, sql, values = [] }: Statement): Promise<Row[]> {
    try {
      const { rows } = await this.#client.query(sql, [...values]);
      return rows as Row[];
    } catch (error) {
      throw storeFailure(what, error);
    }
  }
}
