// The connections to the database. Refuses to try again: who asked decides that.
import pg, { type Client } from 'pg';
import { systemClock } from '../../../base/clock.ts';
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
  /**
   * The database is asked for its time again after so long: its clock may be set meanwhile, or run otherwise, by a
   * millisecond in this time at most.
   */
  readonly timeValidMs?: number;
  /** A process that stands still for so long amid a transaction has its locks taken away. */
  readonly standstillMs?: number;
}

/** Opens nothing yet. Throws `UsageError` where the environment says what cannot be used. */
export function openDatabase({ env, pooler, ...limits }: DatabaseOptions): Database {
  return new PooledDatabase(readConnections(env, pooler), limits);
}

type Limits = Omit<DatabaseOptions, 'env' | 'pooler'>;

interface AskedTime {
  /** By the clock of the machine: that of who asks may be any. */
  readonly askedMs: number;
  readonly time: Promise<StoreTime>;
}

class PooledDatabase implements Database {
  readonly direct: Way;
  readonly place: string;
  readonly #connections: SharedConnections;
  readonly #begin: string;
  readonly #timeValidMs: number;
  #schema: Promise<void> | null = null;
  #times = new WeakMap<MonotonicClock, AskedTime>();

  constructor(
    { direct, data }: Ways,
    { most = 4, longestMs = 10_000, standstillMs = silenceMs, timeValidMs = 15_000 }: Limits,
  ) {
    this.#timeValidMs = timeValidMs;
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

  async time(clock: MonotonicClock): Promise<StoreTime> {
    const known = this.#times.get(clock);
    const nowMs = systemClock.monotonicMs();
    if (known !== undefined && nowMs - known.askedMs < this.#timeValidMs) return await known.time;
    const asked = { askedMs: nowMs, time: askTime(this, clock) };
    this.#times.set(clock, asked);
    try {
      return await asked.time;
    } catch (error) {
      if (this.#times.get(clock) === asked) this.#times.delete(clock);
      throw error;
    }
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
