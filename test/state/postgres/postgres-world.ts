// A database with the tables, and processes that come to it: each with connections of its own.
import { afterAll, onTestFinished } from 'vitest';
import type { ReplicaStore } from '../../../src/replicas/replica-store.ts';
import type { Database } from '../../../src/state/postgres/database/database.ts';
import { openDatabase } from '../../../src/state/postgres/database/open-database.ts';
import { makeSchema } from '../../../src/state/postgres/database/schema.ts';
import { type PostgresState, postgresState } from '../../../src/state/postgres/postgres-store.ts';
import type { Lease } from '../../../src/state/postgres/sessions/lease.ts';
import { PostgresReplicas } from '../../../src/state/postgres/sessions/postgres-replicas.ts';
import type { TestPostgres } from '../../support/postgres.ts';

export interface PostgresProcess {
  readonly database: Database;
  readonly state: PostgresState;
  readonly replicas: ReplicaStore;
}

/** Resolves with the name of the database. */
export async function madeStore(postgres: TestPostgres): Promise<string> {
  const name = await postgres.makeDatabase();
  const database = openDatabase({ env: postgres.envOf(name), pooler: null });
  await makeSchema(database);
  await database.close();
  return name;
}

/** Whoever starts it closes its `database`. */
export function startProcess(
  postgres: TestPostgres,
  name: string,
  pooler: string | null = null,
): PostgresProcess {
  const database = openDatabase({ env: postgres.envOf(name), pooler });
  return {
    database,
    state: postgresState(database),
    replicas: new PostgresReplicas(database, 'run'),
  };
}

/** Processes of a file of tests, by a number each: what a test wants of one is as good in the next. */
export function shareProcesses(
  postgres: () => TestPostgres,
  name: () => string,
): (number: number) => PostgresProcess {
  const started = new Map<number, PostgresProcess>();
  afterAll(async () => {
    for (const { database } of started.values()) await database.close();
  });
  return (number) => {
    const known = started.get(number) ?? startProcess(postgres(), name());
    started.set(number, known);
    return known;
  };
}

export interface BlindLease extends Lease {
  /** Why a write was refused, once one was. */
  readonly why: () => Error | null;
}

/** Of a process that has lost the account and does not know it: nothing but the database can tell. */
export function blindLease(token: string): BlindLease {
  const over = new AbortController();
  let why: Error | null = null;
  return {
    tenure: { token, isMine: () => true, ended: over.signal },
    refused(lost) {
      why = lost;
      over.abort(lost);
    },
    release: async () => {},
    why: () => why,
  };
}

/** Nobody keeps it alive but its connection, as long as it is not silent. */
export async function claimOne({ replicas }: PostgresProcess, account: string) {
  const info = { replica: `replica-${account}`, host: 'ops-1', version: '1.0.0' };
  const session = await replicas.begin(info);
  onTestFinished(() => session.end());
  const [answer] = await session.claim([account]);
  if (answer?.kind !== 'claimed') throw new Error(`${account} is held`);
  return { session, token: answer.token, last: answer.last };
}
