// A database that is not as we would have it: rows that nobody wrote like that, each of which costs a look
// at its own widget and never another record; a server that wants a password or cannot prove its name; one
// that is read-only.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { messageOf, StateError } from '../../../src/base/errors.ts';
import { formatRecord } from '../../../src/state/format/record-format.ts';
import { openDatabase } from '../../../src/state/postgres/database/open-database.ts';
import { makeSchema } from '../../../src/state/postgres/database/schema.ts';
import { hasPostgres, postgresHost, postgresRoot, sharePostgres } from '../../support/postgres.ts';
import {
  ava,
  ben,
  entryOf,
  recordOf,
  stateOptions,
  statusOf,
  temporaryDirectory,
} from '../fixtures/state-options.ts';
import { madeStore, shareProcesses, startProcess } from './postgres-world.ts';

const { postgres } = sharePostgres();
let name = '';
const processes = shareProcesses(postgres, () => name);
let accounts = 0;

beforeAll(async () => {
  if (hasPostgres) name = await madeStore(postgres());
});

async function world() {
  accounts += 1;
  const account = `account-${accounts}`;
  const options = stateOptions(`state/${account}`, { clock: systemClock });
  const { state } = processes(1);
  const store = await state.open(options);
  await store.confirm(recordOf(ava), entryOf(recordOf(ava)));
  await store.confirm(recordOf(ben), entryOf(recordOf(ben)));
  await store.reportStatus(statusOf());
  await store.saveAllowedChanges(new Map([[ava, 'x']]));
  await store.saveAnnouncements([]);
  store.keepLearntLimit({ perSecond: 1, refusedAt: 2, isConfirmed: true, about: 2 });
  await store.openRateUsage({ limit: 3, windowMs: 60_000 }, 30_000);
  await store.close();
  const set = (sql: string, ...values: unknown[]) =>
    postgres().query(name, sql, [account, ...values]);
  const open = async () => {
    const opened = await state.open(options);
    onTestFinished(() => opened.close());
    return opened;
  };
  return { account, options, set, open, look: () => state.look(options) };
}

const foreign = formatRecord(recordOf(ava), {
  apiUrl: 'https://other.example.com',
  reader: '1.0.0',
});

describe.skipIf(!hasPostgres)('a record', () => {
  test.each([
    ['torn', '{"version": 1,', 'it is not complete JSON'],
    ['empty', '', 'it is empty'],
    ['of another version', '{"version":9}', 'its version is 9, expected 1'],
    ['of another API', foreign, 'it belongs to another API'],
    ['of another widget', formatRecord(recordOf(ben), stateOptions('')), 'its widget_id is'],
    [
      'with a content that somebody changed',
      formatRecord(recordOf(ava), stateOptions('')).replace('"Ava"', '"Eva"'),
      'its hash does not match',
    ],
  ])('that is %s counts as none', async (_, text, reason) => {
    const { set, open, look, options, account } = await world();
    await set(
      'update widget_sync.widget set record = $3 where account = $1 and widget_id = $2',
      ava,
      text,
    );
    const store = await open();
    expect([...store.records.values()]).toEqual([recordOf(ben)]);
    expect(options.warnings).toEqual([
      {
        message: 'a state record is ignored; its widget counts as never applied',
        fields: { account, record: ava, reason: expect.stringContaining(reason) },
      },
    ]);
    expect(await look().recordsOf(new Set([ava, ben]))).toEqual([recordOf(ben)]);
    await store.save(recordOf(ava));
    expect((await look().applied()).records.size).toBe(2);
  });

  test('under a name that is no widget id is nobody’s', async () => {
    const { set, open, options } = await world();
    await set(`insert into widget_sync.widget values ($1, 'ABC', 1, 1, '{}')`);
    expect((await open()).records.size).toBe(2);
    expect(options.warnings).toMatchObject([{ fields: { record: 'ABC' } }]);
  });
});

describe.skipIf(!hasPostgres)('what there is one of', () => {
  test('is as good as none where it is damaged', async () => {
    const { set, open, look, options } = await world();
    await set(`update widget_sync.kept set content = '{"version":1,' where account = $1`);
    await set(`insert into widget_sync.note (account, kind, content)
      select $1, kind, '{' from unnest(array['approval', 'forget', 'suspect']) as k (kind)`);
    const store = await open();
    expect((await store.status()).status).toBeNull();
    expect((await look().status()).damaged).toContain('the status of the account');
    expect((await store.allowedChanges()).size).toBe(0);
    expect(await store.announcements()).toEqual([]);
    expect(await store.learntLimit()).toBeNull();
    expect(await store.approval()).toBeNull();
    expect(await store.forgetOrders()).toEqual([]);
    expect(await store.suspects?.left()).toEqual([]);
    // What is in doubt counts as used.
    const { earlierMs } = await store.openRateUsage({ limit: 3, windowMs: 60_000 }, 30_000);
    expect(earlierMs).toHaveLength(3);
    expect(options.warnings.map(({ message }) => message)).toEqual([
      'what was notified is damaged: what lasts is told again',
      'a note of a widget to look at is damaged, and goes',
      expect.stringContaining('how much of --rate is used up is not known'),
    ]);
    expect(store.records.size).toBe(2);
  });

  test('of the history a damaged line is counted, and no other is lost', async () => {
    const { set, look } = await world();
    await set(`insert into widget_sync.history values ($1, 999, 1, '{"time":"torn')`);
    const history = await look().history({ limit: 10, widgetId: null });
    expect(history.entries).toEqual([entryOf(recordOf(ava)), entryOf(recordOf(ben))]);
    expect(history.damaged).toBe(1);
  });
});

describe.skipIf(!hasPostgres)('the way to the database', () => {
  const password = 'correct horse battery';

  async function asked(more: NodeJS.ProcessEnv): Promise<string> {
    const env = { ...postgres().envOf(name), HOME: '/nowhere', ...more };
    const database = openDatabase({ env, pooler: null });
    try {
      const [row] = await database.ask<{ way: string }>({
        what: 'cannot look',
        sql: `select current_user || (case when ssl then ' by TLS' else '' end) as way
              from pg_stat_ssl where pid = pg_backend_pid()`,
      });
      return row?.way ?? '';
    } catch (error) {
      return messageOf(error);
    } finally {
      await database.close();
    }
  }

  test('asks for a password where the server does, and shows it nowhere', async () => {
    await postgres().query(name, `create role secured login password '${password}'`);
    const path = join(await temporaryDirectory(), 'pgpass');
    writeFileSync(path, `127.0.0.1:*:*:secured:${password}\n`, { mode: 0o600 });
    const env = { PGUSER: 'secured' };
    expect(await asked({ ...env, PGPASSFILE: path })).toBe('secured by TLS');
    expect(await asked({ ...env, PGPASSWORD: password })).toBe('secured by TLS');
    const wrong = await asked({ ...env, PGPASSWORD: `not ${password}` });
    expect(wrong).toContain('does not let this user in; mend PGUSER, and PGPASSWORD or PGPASSFILE');
    expect(wrong).not.toContain(password);
    expect(await asked(env)).toContain('cannot look: ');
  });

  test('is kept secret as PGSSLMODE says, and goes to none who cannot prove its name', async () => {
    await postgres().query(name, 'create role encrypted login');
    const root = join(await temporaryDirectory(), 'root.crt');
    writeFileSync(root, postgresRoot);
    const env = { PGUSER: 'encrypted' };
    expect(await asked(env)).toBe('encrypted by TLS');
    expect(await asked({ ...env, PGSSLMODE: 'disable' })).toContain('does not let this user in');
    expect(await asked({ ...env, PGSSLMODE: 'require' })).toBe('encrypted by TLS');
    expect(await asked({ ...env, PGSSLMODE: 'verify-ca' })).toContain('self-signed certificate');
    const known = { ...env, PGSSLROOTCERT: root };
    expect(await asked({ ...known, PGSSLMODE: 'verify-ca' })).toBe('encrypted by TLS');
    const full = { ...known, PGSSLMODE: 'verify-full' };
    expect(await asked(full)).toContain("does not match certificate's altnames");
    const named = { ...full, PGHOST: postgresHost, PGHOSTADDR: '127.0.0.1' };
    expect(await asked(named)).toBe('encrypted by TLS');
    expect(await asked({ ...named, PGHOST: 'other.example.test' })).toContain('altnames');
  });

  test('goes without TLS where the server has none, unless PGSSLMODE wants it', async () => {
    await postgres().query(name, 'create role plain login');
    // The server wants none of this user.
    expect(await asked({ PGUSER: 'plain' })).toBe('plain');
    expect(await asked({ PGUSER: 'plain', PGSSLMODE: 'require' })).toContain('mend PGUSER');
    const setTls = async (to: 'on' | 'off') => {
      await postgres().query(name, `alter system set ssl = ${to}`);
      await postgres().query(name, 'select pg_reload_conf()');
    };
    const untilTls = async (wanted: boolean) => {
      while ((await asked({})).endsWith('by TLS') !== wanted);
    };
    onTestFinished(async () => {
      await setTls('on');
      await untilTls(true);
    });
    await untilTls(true);
    await setTls('off');
    await untilTls(false);
    expect(await asked({})).toBe('postgres');
    expect(await asked({ PGSSLMODE: 'require' })).toContain(
      'the server has no TLS; set it up there, or let PGSSLMODE be prefer',
    );
    const { replicas, database } = startProcess(postgres(), name);
    onTestFinished(() => database.close());
    const session = await replicas.begin({ replica: 'a', host: 'b', version: '1' });
    await session.end();
  });
});

describe.skipIf(!hasPostgres)('the database', () => {
  test('of another encoding is refused', async () => {
    const says = 'keeps texts as LATIN1: make one with encoding UTF8';
    await postgres().query(
      'postgres',
      `create database other_encoding encoding 'LATIN1' locale 'C' template template0`,
    );
    const { database } = startProcess(postgres(), 'other_encoding');
    onTestFinished(() => database.close());
    await expect(makeSchema(database)).rejects.toThrow(StateError);
    await expect(makeSchema(database)).rejects.toThrow(says);
  });

  test('that is read-only says so', async () => {
    const { open } = await world();
    const store = await open();
    await postgres().query(name, `alter database ${name} set default_transaction_read_only = on`);
    onTestFinished(async () => {
      await postgres().query(
        'postgres',
        `alter database ${name} reset default_transaction_read_only`,
      );
    });
    const other = startProcess(postgres(), name);
    onTestFinished(() => other.database.close());
    await expect(other.replicas.begin({ replica: 'a', host: 'b', version: '1' })).rejects.toThrow(
      'this server is a standby, or read-only; let PGHOST lead to the primary',
    );
    await store.save(recordOf(ava));
  });
});
