// An import that is killed or fails at each of its steps: at no moment both the directory and the store are
// taken for the state, and to do it again ends it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startCommand, temporaryDirectory } from '../support/command.ts';
import { hasPostgres, sharePostgres } from '../support/postgres.ts';
import { runHere } from '../support/program.ts';
import { openSomeAccounts, type SomeAccount } from '../support/some-accounts.ts';

const { postgres } = sharePostgres();

async function world() {
  const name = await postgres().makeDatabase();
  const env = postgres().envOf(name) as Record<string, string>;
  const accounts = await openSomeAccounts(['fernwood']);
  const { fernwood } = accounts.of as { fernwood: SomeAccount };
  await accounts.apply('fernwood');
  expect(await runHere(['store', 'init'], env)).toMatchObject({ code: 0 });
  const directory = join(accounts.state, 'fernwood');
  const words = (way: string) => ['store', way, '--state', directory, '--account', 'fernwood'];
  const ask = async (sql: string) => await postgres().query(name, sql);
  return {
    ...{ name, env, accounts, fernwood, directory, ask },
    importing: words('import'),
    bringIn: () => runHere(words('import'), env),
    bringBack: () => runHere(words('export'), env),
    status: () => runHere(['status', '--state', directory]),
    stage: () => {
      try {
        return JSON.parse(readFileSync(join(directory, 'in-store.json'), 'utf8')).stage;
      } catch {
        return null;
      }
    },
    rows: async () => (await ask('select count(*)::int as n from widget_sync.widget'))[0]?.['n'],
    /** Until somebody waits for a lock that the test holds. */
    async untilStuck() {
      const sql = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      while ((await ask(sql)).length === 0);
    },
  };
}

type World = Awaited<ReturnType<typeof world>>;

/** Whoever comes there waits for the test from then on. */
async function holdUp({ name }: World, sql: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ ...configOf(name) });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('begin');
  await client.query(sql);
  return async () => void (await client.query('rollback'));
}

function configOf(database: string) {
  return { host: '127.0.0.1', port: postgres().port, user: 'postgres', database };
}

/** What is done to the transaction as it is to be committed. */
const atCommit = (act: string) => `
  create function widget_sync.late() returns trigger language plpgsql as $$ begin ${act}; return null; end $$;
  create constraint trigger late after insert on widget_sync.kept deferrable initially deferred
    for each row execute function widget_sync.late()`;
const waitAtCommit = atCommit('perform pg_advisory_xact_lock(42)');

describe.skipIf(!hasPostgres)('an import that is killed', () => {
  async function killedAt(made: World, hold: string): Promise<void> {
    const letGo = await holdUp(made, hold);
    const running = startCommand(made.importing, { cwd: temporaryDirectory(), env: made.env });
    await made.untilStuck();
    running.signal('SIGKILL');
    await running.finished;
    await letGo();
  }

  /** As soon as PostgreSQL knows that the process is gone. */
  async function untilImported({ bringIn }: World) {
    for (;;) {
      const imported = await bringIn();
      if (imported.code === 0) return imported;
      expect(imported.stderr).toContain('in use by');
    }
  }

  test('before it has begun changes nothing', async () => {
    const made = await world();
    await killedAt(made, 'lock table widget_sync.history in access exclusive mode');
    expect(made.stage()).toBeNull();
    expect((await made.status()).code).toBe(0);
    expect(await made.rows()).toBe(0);
    expect((await untilImported(made)).stdout).toContain('Imported the state');
  });

  test('as it writes leaves a directory that nobody uses, until it is asked for again', async () => {
    const made = await world();
    await killedAt(made, 'lock table widget_sync.history in exclusive mode');
    expect(made.stage()).toBe('importing');
    const refused = await made.status();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('it is not known whether all of it is there: end that with');
    expect((await made.bringBack()).stderr).toContain('end that with: widget-sync store import');
    expect((await untilImported(made)).stdout).toContain('Imported the state');
    expect(made.stage()).toBe('imported');
    expect(await made.rows()).toBe(2);
  });

  test('as it is committed is found to be done when it is asked for again', async () => {
    const made = await world();
    await made.ask(waitAtCommit);
    await killedAt(made, 'select pg_advisory_xact_lock(42)');
    expect(made.stage()).toBe('importing');
    expect((await made.status()).code).toBe(1);
    expect((await untilImported(made)).stdout).toContain(
      'was imported as the account fernwood before',
    );
    expect(made.stage()).toBe('imported');
    expect(await made.rows()).toBe(2);
  });
});

describe.skipIf(!hasPostgres)('an import that fails', () => {
  test.each([
    [
      'as it writes',
      atCommit(`raise 'no'`)
        .replace('constraint trigger', 'trigger')
        .replace(/deferrable .*/, ''),
    ],
    ['as it is committed', atCommit(`raise 'no'`)],
  ])('%s leaves the directory as it was', async (_, sql) => {
    const made = await world();
    await made.ask(sql);
    const failed = await made.bringIn();
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('cannot import the account fernwood: ');
    expect(made.stage()).toBeNull();
    await made.accounts.apply('fernwood');
    await made.ask('drop trigger late on widget_sync.kept');
    expect(await made.rows()).toBe(0);
    expect(await made.bringIn()).toMatchObject({ code: 0 });
  });

  test('without an answer to its end is done again, or found to be done', async () => {
    const made = await world();
    await made.ask(waitAtCommit);
    const letGo = await holdUp(made, 'select pg_advisory_xact_lock(42)');
    const running = made.bringIn();
    await made.untilStuck();
    await made.ask(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    );
    const failed = await running;
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('it is not known whether it was done. Nobody uses');
    expect(made.stage()).toBe('importing');
    expect((await made.status()).code).toBe(1);
    await letGo();
    expect(await made.bringIn()).toMatchObject({ code: 0 });
    expect(made.stage()).toBe('imported');
  });

  test('since the account went on without it is told so, and the directory is used again', async () => {
    const made = await world();
    const mark = { stage: 'importing', store: 'x', account: 'fernwood', digest: 'y' };
    const words = [
      '--accounts',
      made.accounts.file,
      '--store',
      'postgres',
      '--account',
      'fernwood',
    ];
    made.fernwood.write(0, 'first in the store');
    expect(await runHere(['apply', ...words], made.env)).toMatchObject({ code: 0 });
    const store = `postgres:127.0.0.1:${postgres().port}/${made.name}`;
    writeFileSync(join(made.directory, 'in-store.json'), JSON.stringify({ ...mark, store }));
    const refused = await made.bringIn();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('that was not imported from it: nothing was imported');
    expect(made.stage()).toBeNull();
    await made.accounts.apply('fernwood');
  });
});
