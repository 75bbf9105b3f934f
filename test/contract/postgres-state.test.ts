// The store on PostgreSQL, directly and behind a pooler that gives each statement to whichever connection
// is free.
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Database } from '../../src/state/postgres/database/database.ts';
import { openDatabase } from '../../src/state/postgres/database/open-database.ts';
import { makeSchema } from '../../src/state/postgres/database/schema.ts';
import { postgresState } from '../../src/state/postgres/postgres-store.ts';
import { PostgresReplicas } from '../../src/state/postgres/sessions/postgres-replicas.ts';
import type { OpenOptions, StateStore } from '../../src/state/state-store.ts';
import { blindLease } from '../state/postgres/postgres-world.ts';
import {
  hasPgBouncer,
  hasPostgres,
  sharePostgres,
  startPooler,
  type TestPooler,
} from '../support/postgres.ts';
import { describeSharedState } from './shared-state-contract.ts';
import { describeStateStore } from './state-store-contract.ts';

const { postgres } = sharePostgres();
let pooler: TestPooler | null = null;
const opened = new Map<'direct' | 'pooled', Database>();

beforeAll(async () => {
  if (!hasPostgres) return;
  const env = postgres().envOf(await postgres().makeDatabase());
  const direct = openDatabase({ env, pooler: null });
  opened.set('direct', direct);
  await makeSchema(direct);
  if (!hasPgBouncer) return;
  pooler = await startPooler(postgres());
  opened.set('pooled', openDatabase({ env, pooler: pooler.address }));
});

afterAll(async () => {
  for (const database of opened.values()) await database.close();
  await pooler?.stop();
});

/** Each test has an account of its own. */
async function make(way: 'direct' | 'pooled') {
  const database = opened.get(way);
  if (database === undefined) throw new Error(`there is no ${way} way`);
  return {
    database,
    backend: postgresState(database),
    directory: `state/a-${randomUUID().slice(0, 8)}`,
  };
}

/** As a claim would once the holder's session is gone; this one is alive, and is told of nothing. */
async function takeOver(database: Database, options: OpenOptions): Promise<StateStore> {
  const replicas = new PostgresReplicas(database, options.command);
  const session = await replicas.begin({ replica: randomUUID(), host: 'ops-2', version: '1.0.0' });
  const [row] = await database.ask<{ token: string }>({
    what: 'cannot take it over',
    sql: `update widget_sync.account set token = token + 1, token_part = 'abcdef01', holder = $2
          where name = $1 returning token || '-' || token_part as token`,
    values: [basename(options.directory), Number(session.number)],
  });
  const lease = { ...blindLease(row?.token ?? ''), release: () => session.end() };
  return await postgresState(database).openHeld(options, lease);
}

describe.skipIf(!hasPostgres)('on a server', () => {
  describeStateStore('postgres', () => make('direct'));
  describeSharedState('postgres', async () => {
    const made = await make('direct');
    return { ...made, takeOver: (options) => takeOver(made.database, options) };
  });
});

describe.skipIf(!hasPgBouncer)('on a server behind a pooler', () => {
  describeStateStore('postgres behind PgBouncer', () => make('pooled'));
});
