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
let name = '';
let pooler: TestPooler | null = null;
const opened: Database[] = [];

beforeAll(async () => {
  if (!hasPostgres) return;
  name = await postgres().makeDatabase();
  const database = openDatabase({ env: postgres().envOf(name), pooler: null });
  await makeSchema(database);
  await database.close();
  if (hasPgBouncer) pooler = await startPooler(postgres());
});

afterAll(async () => {
  for (const database of opened) await database.close();
  await pooler?.stop();
});

/** A process of its own for each test. */
async function make(through: string | null) {
  const database = openDatabase({ env: postgres().envOf(name), pooler: through });
  opened.push(database);
  return { backend: postgresState(database), directory: `state/a-${randomUUID().slice(0, 8)}` };
}

describe.skipIf(!hasPostgres)('on a server', () => {
  describeStateStore('postgres', () => make(null));
});

describe.skipIf(!hasPgBouncer)('on a server behind a pooler', () => {
  describeStateStore('postgres behind PgBouncer', () => make(pooler?.address ?? null));
});
