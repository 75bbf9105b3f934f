// What processes do with their connections, that others go on whatever becomes of one.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  type DatabaseOptions,
  openDatabase,
} from '../../../src/state/postgres/database/open-database.ts';
import { postgresState } from '../../../src/state/postgres/postgres-store.ts';
import { parseUsage } from '../../../src/state/usage/rate-usage-format.ts';
import { hasPgBouncer, hasPostgres, sharePostgres, startPooler } from '../../support/postgres.ts';
import { stateOptions } from '../fixtures/state-options.ts';
import { madeStore, startProcess } from './postgres-world.ts';

const { postgres } = sharePostgres();
let name = '';
let accounts = 0;

beforeAll(async () => {
  if (hasPostgres) name = await madeStore(postgres());
});

function open(limits: Partial<DatabaseOptions> = {}) {
  const database = openDatabase({ env: postgres().envOf(name), pooler: null, ...limits });
  onTestFinished(() => database.close());
  return database;
}

async function makeAccount(): Promise<string> {
  accounts += 1;
  const account = `account-${accounts}`;
  await postgres().query(name, 'insert into widget_sync.account (name) values ($1)', [account]);
  return account;
}

const lock = (account: string) => ({
  what: 'cannot write',
  sql: 'select from widget_sync.account where name = $1 for share',
  values: [account],
});

describe.skipIf(!hasPostgres)('a transaction', () => {
  async function standsStill(pooler: string | null): Promise<void> {
    const database = open({ pooler, standstillMs: 500 });
    const account = await makeAccount();
    const other = startProcess(postgres(), name);
    onTestFinished(() => other.database.close());
    const session = await other.replicas.begin({ replica: 'b', host: 'ops-2', version: '1.0.0' });
    onTestFinished(() => session.end());
    const kinds: unknown[] = [];
    const done = database.inTransaction('cannot import', async (ask) => {
      await ask(lock(account));
      // It hears and does nothing until somebody else has the account.
      while (kinds.at(-1) !== 'claimed') {
        const [answer] = await session.claim([account]);
        kinds.push(answer?.kind);
      }
      await ask(lock(account));
    });
    await expect(done).rejects.toThrow('cannot write');
    expect(kinds[0]).toBe('held');
    // Another connection is taken for the next one.
    await database.inTransaction('cannot import', (ask) => ask(lock(account)));
  }

  test('of a process that stands still does not keep the account from others', () =>
    standsStill(null));

  test.skipIf(!hasPgBouncer)('behind a pooler neither', async () => {
    const pooler = await startPooler(postgres());
    onTestFinished(() => pooler.stop());
    await standsStill(pooler.address);
  });

  test('is given four seconds, and waits for a lock no longer than for an answer', async () => {
    const setting = (of: string) => ({ what: 'cannot look', sql: `show ${of}` });
    const found = await open().inTransaction('cannot look', async (ask) => [
      ...(await ask(setting('idle_in_transaction_session_timeout'))),
      ...(await ask(setting('lock_timeout'))),
    ]);
    expect(Object.assign({}, ...found)).toEqual({
      idle_in_transaction_session_timeout: '4s',
      lock_timeout: '9s',
    });
    const one = open({ most: 1 });
    await one.inTransaction('cannot look', async () => {});
    const [after] = await one.ask(setting('idle_in_transaction_session_timeout'));
    expect(after).toEqual({ idle_in_transaction_session_timeout: '0' });
  });

  test('that waits for a lock says so, and gives it up', async () => {
    const account = await makeAccount();
    const database = open({ longestMs: 400 });
    await open().inTransaction('cannot hold', async (ask) => {
      await ask({ ...lock(account), sql: lock(account).sql.replace('share', 'update') });
      const waiting = database.inTransaction('cannot write', (more) => more(lock(account)));
      await expect(waiting).rejects.toThrow(
        'cannot write: somebody else keeps what it needs locked; try it again',
      );
    });
  });
});

describe.skipIf(!hasPostgres)('the time of the database', () => {
  test('is asked for again, whatever the clock of the process has done since', async () => {
    let aheadMs = 0;
    const clock = { monotonicMs: () => performance.now() + aheadMs, now: () => new Date() };
    const database = open({ timeValidMs: 0 });
    const offMs = async () => (await database.time(clock)).latestMs() - Date.now();
    expect(Math.abs(await offMs())).toBeLessThan(5000);
    const account = await makeAccount();
    const store = await postgresState(database).open(stateOptions(`state/${account}`, { clock }));
    onTestFinished(() => store.close());
    const page = await store.openRateUsage({ limit: 3, windowMs: 60_000 }, 30_000);
    // As a process finds it that has gone on for weeks, or the server after its own was set.
    aheadMs = 3_600_000;
    expect(Math.abs(await offMs())).toBeLessThan(5000);
    await page.keep([]);
    const [row] = await postgres().query(
      name,
      `select content from widget_sync.kept where account = $1 and kind = 'usage'`,
      [account],
    );
    const writtenAt = parseUsage(String(row?.['content']))?.writtenAt.getTime() ?? 0;
    expect(Math.abs(writtenAt - Date.now())).toBeLessThan(5000);
  });
});

describe.skipIf(!hasPostgres)('connections', () => {
  test('that are all busy are waited for, however long that takes', async () => {
    const env = { ...postgres().envOf(name), PGCONNECT_TIMEOUT: '1' };
    const database = open({ env, most: 2 });
    const one = { what: 'cannot wait', sql: 'select pg_sleep(0.05), pg_backend_pid() as pid' };
    const asked = Array.from({ length: 60 }, () => database.ask<{ pid: number }>(one));
    const pids = (await Promise.all(asked)).flat().map(({ pid }) => pid);
    expect(pids).toHaveLength(60);
    expect(new Set(pids).size).toBe(2);
  });

  test('that end while nobody uses them are not used again', async () => {
    const database = open({ most: 1 });
    const one = { what: 'cannot look', sql: 'select pg_backend_pid() as pid' };
    const [first] = await database.ask<{ pid: number }>(one);
    expect(await database.ask(one)).toEqual([first]);
    await postgres().query(name, 'select pg_terminate_backend($1, 5000)', [first?.pid]);
    // Its end may still be on its way to this process.
    const second = await database.ask(one).catch(() => database.ask(one));
    expect(second).not.toEqual([first]);
  });

  test('are closed once what was begun is done', async () => {
    const database = openDatabase({ env: postgres().envOf(name), pooler: null, most: 1 });
    const asked = ['a', 'b', 'c'].map((text) =>
      database.ask({
        what: 'cannot wait',
        sql: 'select pg_sleep(0.05), $1 as text',
        values: [text],
      }),
    );
    await database.close();
    expect((await Promise.all(asked)).flat()).toMatchObject([
      { text: 'a' },
      { text: 'b' },
      { text: 'c' },
    ]);
    await expect(database.ask({ what: 'cannot look', sql: 'select 1' })).rejects.toThrow('closed');
  });

  test('to a server that is not there fail at once, and so do all who wait for one', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const env = { ...postgres().envOf(name), PGPORT: `${port}`, PGCONNECT_TIMEOUT: '1' };
    const database = open({ env, most: 1 });
    const begunMs = performance.now();
    const asked = Array.from({ length: 60 }, () =>
      database.ask({ what: 'cannot look', sql: 'select 1' }),
    );
    const ends = await Promise.allSettled(asked);
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
    expect(performance.now() - begunMs).toBeLessThan(10_000);
  });

  test('whose machine is gone are noticed by the server within seconds', async () => {
    const [keepalives] = await open().ask({
      what: 'cannot look',
      sql: `select current_setting('tcp_keepalives_idle') as idle,
        current_setting('tcp_keepalives_interval') as between, current_setting('tcp_keepalives_count') as most`,
    });
    expect(keepalives).toEqual({ idle: '1', between: '1', most: '2' });
  });
});
