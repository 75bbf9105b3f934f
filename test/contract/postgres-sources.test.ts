// The order of revisions on PostgreSQL, directly and behind a pooler that gives each statement to whichever connection is
// free.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/state/postgres/database/database.ts';
import { openDatabase } from '../../src/state/postgres/database/open-database.ts';
import { makeSchema } from '../../src/state/postgres/database/schema.ts';
import { postgresSources } from '../../src/state/postgres/postgres-sources.ts';
import {
  hasPgBouncer,
  hasPostgres,
  sharePostgres,
  startPooler,
  type TestPooler,
} from '../support/postgres.ts';
import { describeSourceStore } from './source-store-contract.ts';

const { postgres } = sharePostgres();
let name = '';
let pooler: TestPooler | null = null;
const opened: Database[] = [];

function open(through: string | null): Database {
  const database = openDatabase({ env: postgres().envOf(name), pooler: through });
  opened.push(database);
  return database;
}

beforeAll(async () => {
  if (!hasPostgres) return;
  name = await postgres().makeDatabase();
  await makeSchema(open(null));
  if (hasPgBouncer) pooler = await startPooler(postgres());
});

afterAll(async () => {
  for (const database of opened) await database.close();
  await pooler?.stop();
});

const ask = async (sql: string, values: unknown[] = []) => {
  const [row = {}] = await postgres().query(name, sql, values);
  return row;
};

/** Nothing of the test before. */
async function make(through: string | null) {
  await ask('truncate widget_sync.session, widget_sync.account, widget_sync.source cascade');
  const [one, two] = [open(through), open(through)];
  return {
    store: postgresSources(one),
    beside: postgresSources(two),
    async begin() {
      const sql = `insert into widget_sync.session (replica, content) values ('r', '{}')
        returning number::text`;
      return String((await ask(sql))['number']);
    },
    forget: async (session: string) =>
      void (await ask('delete from widget_sync.session where number = $1', [session])),
    async claim(account: string) {
      const sql = `insert into widget_sync.account as a (name, token, token_part) values ($1, 1, 'ab')
        on conflict (name) do update set token = a.token + 1, token_part = 'cd'
        returning token || '-' || token_part as token`;
      return String((await ask(sql, [account]))['token']);
    },
  };
}

describe.skipIf(!hasPostgres)('on a server', () => {
  describeSourceStore('postgres', () => make(null));

  test('positions that nobody lags behind any more go, and the newest stay', async () => {
    const { store } = await make(null);
    await ask(`insert into widget_sync.source (name, position, revision)
      select name, n, 'r' || n from generate_series(1, 1500) n, unnest(array['.', 'others']) name`);
    const next = { revision: 'r1501', committedAt: null };
    expect(await store.append('.', 1500, next)).toMatchObject({ position: 1501 });
    const count =
      'select count(*)::int, min(position)::int from widget_sync.source where name = $1';
    expect(await ask(count, ['.'])).toEqual({ count: 1002, min: 500 });
    expect(await ask(count, ['others'])).toEqual({ count: 1500, min: 1 });
    expect(await store.look('.', 'r499')).toMatchObject({ known: null });
  });
});

describe.skipIf(!hasPgBouncer)('on a server behind a pooler', () => {
  describeSourceStore('postgres behind PgBouncer', () => make(pooler?.address ?? null));
});
