// The store on PostgreSQL, directly and behind a pooler that gives each statement to whichever connection is free.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Database } from '../../src/state/postgres/database/database.ts';
import { openDatabase } from '../../src/state/postgres/database/open-database.ts';
import { makeSchema } from '../../src/state/postgres/database/schema.ts';
import { postgresState } from '../../src/state/postgres/postgres-store.ts';
import {
  hasPgBouncer,
  hasPostgres,
  sharePostgres,
  startPooler,
  type TestPooler,
} from '../support/postgres.ts';
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
  return { backend: postgresState(database), directory: `state/a-${randomUUID().slice(0, 8)}` };
}

describe.skipIf(!hasPostgres)('on a server', () => {
  describeStateStore('postgres', () => make('direct'));
});

describe.skipIf(!hasPgBouncer)('on a server behind a pooler', () => {
  describeStateStore('postgres behind PgBouncer', () => make('pooled'));
});
