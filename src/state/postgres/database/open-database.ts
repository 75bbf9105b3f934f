// The connections to the database. Refuses to try again: who asked decides that.
import pg, { type Client } from 'pg';
import { silenceMs } from '../../../replicas/replica-store.ts';
import { readConnections, type Ways } from './connection.ts';
import {
  type Database,
  type MonotonicClock,
  type Statement,
  type StoreTime,
  UncertainError,
} from './database.ts';
import { openConnection, type Way, watch } from './open-connection.ts';
import { requireSchema } from './schema.ts';
import { SharedConnections } from './shared-connections.ts';
import { storeFailure } from './store-failure.ts';

export interface DatabaseOptions {
  readonly env: NodeJS.ProcessEnv;
  /** `host:port`; null: statements on what is kept go to the server itself, too. */
  readonly pooler: string | null;
  /** The most connections at once for such statements. */
  readonly most?: number;
  /** No statement is waited for longer; one that is given up may still be carried out. */
  readonly longestMs?: number;
  /** A process that stands still for so long amid a transaction has its locks taken away. */
  readonly standstillMs?: number;
}

/** Opens nothing yet. Throws `UsageError` where the environment says what cannot be used. */
export function openDatabase({ env, pooler, ...limits }: DatabaseOptions): Database {
  return new PooledDatabase(readConnections(env, pooler), limits);
}

type Limits = Pick<DatabaseOptions, 'most' | 'longestMs' | 'standstillMs'>;

class PooledDatabase implements Database {
  readonly direct: Way;
  readonly place: string;
  readonly #connections: SharedConnections;
  readonly #begin: string;
  #schema: Promise<void> | null = null;
  #times = new WeakMap<MonotonicClock, Promise<StoreTime>>();

  constructor(
    { direct, data }: Ways,
    { most = 4, longestMs = 10_000, standstillMs = silenceMs }: Limits,
  ) {
    this.direct = direct;
    // Of the transaction alone: they pass a pooler, and leave nothing in its connection.
    this.#begin = `
      begin;
      set local idle_in_transaction_session_timeout = ${standstillMs};
      set local lock_timeout = ${Math.floor(0.9 * longestMs)}`;
    this.place = `postgres:${direct.host}:${direct.port}/${direct.database}`;
    // Behind a pooler this would be of its connections, and those are its own matter.
    const isWatched = data === direct;
    this.#connections = new SharedConnections({
      async open() {
        const client = await openConnection({ ...data, query_timeout: longestMs });
        if (isWatched) await client.query(watch);
        return client;
      },
      most,
    });
  }

  async ask<Row>(statement: Statement): Promise<Row[]> {
    try {
      return await this.#connections.use((client) => askOn<Row>(client, statement));
    } catch (error) {
      throw storeFailure(statement.what, error);
    }
  }

  async inTransaction<Done>(
    what: string,
    act: (ask: Database['ask']) => Promise<Done>,
  ): Promise<Done> {
    try {
      return await this.#connections.use(async (client) => {
        await client.query(this.#begin);
        const done = await act(async (statement) => {
          try {
            return await askOn(client, statement);
          } catch (error) {
            throw storeFailure(statement.what, error);
          }
        });
        await commit(client, what);
        return done;
      });
    } catch (error) {
      // The connection is gone, and with it all that was not committed.
      throw storeFailure(what, error);
    }
  }

  requireSchema(): Promise<void> {
    this.#schema ??= requireSchema(this).catch((error: unknown) => {
      this.#schema = null;
      throw error;
    });
    return this.#schema;
  }

  time(clock: MonotonicClock): Promise<StoreTime> {
    const known = this.#times.get(clock);
    if (known !== undefined) return known;
    const asked = askTime(this, clock).catch((error: unknown) => {
      this.#times.delete(clock);
      throw error;
    });
    this.#times.set(clock, asked);
    return asked;
  }

  forgetTime(): void {
    this.#times = new WeakMap();
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }
}

async function commit(client: Client, what: string): Promise<void> {
  try {
    await client.query('commit');
  } catch (error) {
    // The server has refused it, and lives.
    if (error instanceof pg.DatabaseError && error.severity === 'ERROR') throw error;
    const { message } = storeFailure(what, error);
    throw new UncertainError(message, { cause: error });
  }
}

async function askOn<Row>(
  on: Pick<Client, 'query'>,
  { sql, values = [] }: Statement,
): Promise<Row[]> {
  const { rows } = await on.query(sql, [...values]);
  return rows as Row[];
}

async function askTime(database: Database, clock: MonotonicClock): Promise<StoreTime> {
  const sentMs = clock.monotonicMs();
  const [row] = await database.ask<{ ms: number }>({
    what: 'cannot ask PostgreSQL for the time',
    sql: 'select floor(extract(epoch from clock_timestamp()) * 1000)::float8 as ms',
  });
  const answeredMs = clock.monotonicMs();
  const ms = row?.ms ?? 0;
  return {
    earliestMs: () => ms + clock.monotonicMs() - answeredMs,
    latestMs: () => ms + clock.monotonicMs() - sentMs,
  };
}
