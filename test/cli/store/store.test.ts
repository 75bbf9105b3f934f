// A state that goes into the store on PostgreSQL and back, as a person does it: what was applied, released
// and said goes on in each place, and none of the two is ever written over with something older.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { formatUsage, parseUsage } from '../../../src/state/usage/rate-usage-format.ts';
import { pageOf } from '../../docs/pages.ts';
import { readHistoryJson } from '../../support/json-shapes.ts';
import {
  hasPgBouncer,
  hasPostgres,
  runProgram,
  sharePostgres,
  startPooler,
} from '../../support/postgres.ts';
import { runHere } from '../../support/program.ts';
import { widgetId } from '../../support/sandbox.ts';
import {
  openSomeAccounts,
  type SomeAccount,
  type SomeAccounts,
} from '../../support/some-accounts.ts';
import { startHere } from '../../support/start-here.ts';
import { writesOf } from '../../support/workspace.ts';

const { postgres } = sharePostgres();
const inStore = (database: string) => postgres().envOf(database) as Record<string, string>;

/** A database with the tables, and two accounts that were applied with files. */
async function world(database?: string) {
  const name = database ?? (await postgres().makeDatabase());
  const env = inStore(name);
  const accounts = await openSomeAccounts(['fernwood', 'harbor'], { widgets: 3 });
  const { fernwood } = accounts.of as { fernwood: SomeAccount };
  fernwood.write(1, 'first', 'bubble_text: Need a hand?\nintro_message: Hello\n');
  await accounts.apply('fernwood');
  await accounts.apply('harbor');
  expect(await runHere(['store', 'init'], env)).toMatchObject({ code: 0, stderr: '' });
  const directory = join(accounts.state, 'fernwood');
  const words = ['--state', directory, '--account', 'fernwood'];
  return {
    ...{ name, env, accounts, fernwood, directory },
    bringIn: () => runHere(['store', 'import', ...words], env),
    bringBack: (to = directory) =>
      runHere(['store', 'export', '--state', to, '--account', 'fernwood'], env),
    apply: () => runHere(['apply', ...whose(accounts)], env),
    ask: (command: string, ...more: string[]) =>
      runHere([command, ...whose(accounts), ...more], env),
  };
}

const whose = ({ file }: SomeAccounts) => [
  '--accounts',
  file,
  '--store',
  'postgres',
  '--account',
  'fernwood',
];

const live = ({ sandbox }: SomeAccount, field: string) => sandbox.widget(widgetId(1))?.[field];

/** Everything in the directory of the state, by its path from there. */
function filesOf(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.includes('.') && !name.startsWith('.'));
  return Object.fromEntries(
    files.map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
  );
}

/** When the requests that a page tells of have ended, in milliseconds since 1970, by whose clock it is. */
function endsIn(page: string): number[] {
  const usage = parseUsage(page);
  if (usage === null) throw new Error(`no page: ${page}`);
  return usage.ended.flatMap(({ firstMs, lastMs }) =>
    [firstMs, lastMs].map((ms) => usage.writtenAt.getTime() - ms),
  );
}

describe.skipIf(!hasPostgres)('a state', () => {
  test('goes into the store and back, and loses nothing: releases included', async () => {
    const { fernwood, directory, apply, ask, bringIn, bringBack, accounts } = await world();
    const before = filesOf(directory);
    const sent = writesOf(fernwood.sandbox).length;
    const imported = await bringIn();
    expect(imported).toMatchObject({ code: 0, stderr: '' });
    expect(imported.stdout).toContain(
      `Imported the state in ${directory} as the account fernwood: 3 records and 3 lines of history.\n`,
    );
    expect(imported.stdout).toContain(`It belongs to ${fernwood.sandbox.url}.\n`);

    expect(await apply()).toMatchObject({ code: 0 });
    expect(writesOf(fernwood.sandbox)).toHaveLength(sent);
    // Removed from the file after the move, and known as ours by what was kept alone.
    fernwood.write(1, 'first', 'intro_message: Hello\n');
    expect(await apply()).toMatchObject({ code: 0 });
    expect(live(fernwood, 'bubble_text')).not.toBe('Need a hand?');
    expect(live(fernwood, 'intro_message')).toBe('Hello');
    const history = await ask('history', '--json');
    expect(readHistoryJson(history.stdout)).toHaveLength(4);

    // The directory tells everybody else where the state is.
    await accounts.apply('fernwood');
    const refused = await runHere(['status', '--state', directory]);
    expect(refused.stderr).toContain(
      `the state in ${directory} was imported into postgres:127.0.0.1:`,
    );
    expect(refused.stderr).toContain('bring it back with: widget-sync store export --state');
    expect(filesOf(directory)).toMatchObject(before);

    const exported = await bringBack();
    expect(exported).toMatchObject({ code: 0, stderr: '' });
    expect(exported.stdout).toContain('Exported the account fernwood to');
    fernwood.write(1, 'first');
    await accounts.apply('fernwood');
    expect(live(fernwood, 'intro_message')).not.toBe('Hello');
    const lines = filesOf(directory)['history.ndjson']?.trimEnd().split('\n');
    expect(lines).toHaveLength(5);
  });

  test('is the same text in both places', async () => {
    const { directory, bringIn, bringBack, accounts } = await world();
    const before = filesOf(directory);
    expect(await bringIn()).toMatchObject({ code: 0 });
    const other = join(accounts.root, 'other');
    expect(await bringBack(other)).toMatchObject({ code: 0, stderr: '' });
    const { 'spent.json': pageAfter = '', ...after } = filesOf(other);
    const { 'spent.json': pageBefore = '', ...others } = before;
    expect(after).toEqual(others);
    // Each place tells by its own clock when the requests have ended.
    const [was, is] = [endsIn(pageBefore), endsIn(pageAfter)];
    expect(is).toHaveLength(was.length);
    for (const [n, ended] of is.entries()) {
      expect(ended - (was[n] ?? 0)).toBeGreaterThanOrEqual(0);
      expect(ended - (was[n] ?? 0)).toBeLessThan(5000);
    }
  });

  test('tells by the clock of each place what is used up of the rate', async () => {
    const { name, directory, env } = await world();
    const lagMs = 3_600_000;
    const lagging = { ...systemClock, now: () => new Date(Date.now() - lagMs) };
    const path = join(directory, 'spent.json');
    const usage = parseUsage(readFileSync(path, 'utf8'));
    if (usage === null) throw new Error('no page');
    const writtenAt = new Date(usage.writtenAt.getTime() - lagMs);
    writeFileSync(path, formatUsage({ ...usage, writtenAt }));
    const was = endsIn(readFileSync(path, 'utf8'));
    const move = (way: string) => {
      const words = ['store', way, '--state', directory, '--account', 'fernwood'];
      return runHere(words, env, Math.random, lagging);
    };
    expect(await move('import')).toMatchObject({ code: 0 });
    const [row] = await postgres().query(
      name,
      `select content from widget_sync.kept where kind = 'usage'`,
    );
    const inTheStore = endsIn(String(row?.['content']));
    expect(inTheStore).toHaveLength(was.length);
    for (const [n, ended] of inTheStore.entries()) {
      expect(Math.abs(ended - (was[n] ?? 0) - lagMs)).toBeLessThan(5000);
    }
    expect(await move('export')).toMatchObject({ code: 0 });
    for (const [n, ended] of endsIn(readFileSync(path, 'utf8')).entries()) {
      expect(Math.abs(ended - (was[n] ?? 0))).toBeLessThan(5000);
    }
  });

  test('is imported once, however often that is asked for', async () => {
    const { fernwood, apply, bringIn, ask } = await world();
    await bringIn();
    fernwood.write(0, 'second');
    await apply();
    const again = await bringIn();
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout).toContain(
      'was imported as the account fernwood before; nothing had to be done',
    );
    expect(readHistoryJson((await ask('history', '--json')).stdout)).toHaveLength(4);
    expect(await ask('plan')).toMatchObject({ code: 0 });
  });

  test('that differs is not imported over what the store has, nor exported over what a directory has', async () => {
    const { fernwood, directory, apply, bringIn, bringBack, accounts, ask } = await world();
    await bringIn();
    fernwood.write(0, 'second');
    await apply();
    // Somebody goes on with the files all the same.
    rmSync(join(directory, 'in-store.json'));
    fernwood.write(2, 'third');
    await accounts.apply('fernwood');
    const refused = await bringIn();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'and the directory has changed since it was imported: nothing was imported',
    );
    const kept = await bringBack();
    expect(kept.code).toBe(1);
    expect(kept.stderr).toContain(`${directory} holds a state already: nothing was exported`);
    expect(readHistoryJson((await ask('history', '--json')).stdout)).toHaveLength(4);
  });

  test('that a process holds is left alone', async () => {
    const { fernwood, directory, bringIn, env } = await world();
    const at = ['--state', directory, '--api-url', fernwood.sandbox.url, '--log-format', 'json'];
    const run = startHere(['run', fernwood.dir, ...at], { INSIGHTO_API_KEY: fernwood.key });
    await run.waitForLog(({ msg }) => msg === 'looked');
    const refused = await bringIn();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/the state directory .* is in use by process \d+ .*run/);
    run.signal('SIGTERM');
    await run.finished;
    expect(
      await runHere(['store', 'export', '--state', directory, '--account', 'harbor'], env),
    ).toMatchObject({ code: 1 });
  });

  test('is exported again after an export that was killed half way', async () => {
    const { directory, bringIn, bringBack, accounts } = await world();
    const before = filesOf(directory);
    await bringIn();
    const mark = JSON.parse(readFileSync(join(directory, 'in-store.json'), 'utf8'));
    writeFileSync(
      join(directory, 'in-store.json'),
      JSON.stringify({ ...mark, stage: 'exporting' }),
    );
    rmSync(join(directory, 'widgets'), { recursive: true });
    expect((await runHere(['status', '--state', directory])).code).toBe(1);
    expect(await bringBack()).toMatchObject({ code: 0, stderr: '' });
    expect(filesOf(directory)).toEqual({ ...before, 'spent.json': expect.any(String) });
    await accounts.apply('fernwood');
  });

  test('with a damaged record is imported without that, and it is said', async () => {
    const { directory, bringIn, ask } = await world();
    const path = join(directory, 'widgets', `${widgetId(2)}.json`);
    writeFileSync(path, '\0'.repeat(400));
    const imported = await bringIn();
    expect(imported).toMatchObject({ code: 0 });
    expect(imported.stdout).toContain('2 records and 3 lines of history');
    expect(imported.stderr).toContain(`${widgetId(2)}.json: it is not complete JSON`);
    // It costs a look, and never another record.
    expect(await ask('apply')).toMatchObject({ code: 0 });
    expect(await ask('plan')).toMatchObject({ code: 0 });
  });
});

describe.skipIf(!hasPostgres)('an export', () => {
  test('waits for what only a holder can do, so that no doubt is lost', async () => {
    const { name, directory, accounts, fernwood, bringIn, bringBack, apply } = await world();
    await bringIn();
    const mark = readFileSync(join(directory, 'in-store.json'), 'utf8');
    const note = (kind: string, content: object) =>
      postgres().query(
        name,
        'insert into widget_sync.note (account, kind, content) values ($1, $2, $3)',
        ['fernwood', kind, JSON.stringify(content)],
      );
    // As a replica leaves it that lost the account amid a write.
    const sent = { display_name: 'late' };
    await note('suspect', { widget_id: widgetId(0), hash: 'x', sent });
    const refused = await bringBack();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      `the account fernwood cannot be exported now: 1 widget may hold what a former holder has sent (${widgetId(0)})`,
    );
    expect(readFileSync(join(directory, 'in-store.json'), 'utf8')).toBe(mark);
    // It has landed, and the record alone would say that all is as it is to be.
    fernwood.sandbox.edit(widgetId(0), sent);
    accounts.declare({ fernwood: { drift: 'report' } });
    expect(await apply()).toMatchObject({ code: 0 });
    expect(fernwood.sandbox.widget(widgetId(0))?.['display_name']).not.toBe('late');
    await note('forget', {});
    expect((await bringBack()).stderr).toContain('an order to forget widgets waits for its holder');
    // Nobody waits for an answer to that one any more.
    await postgres().query(
      name,
      `update widget_sync.note set left_at = now() - interval '2 minutes' where kind = 'forget'`,
    );
    expect(await bringBack()).toMatchObject({ code: 0, stderr: '' });
  });

  test('names what nobody could use', async () => {
    const { name, directory, bringIn, bringBack } = await world();
    const before = filesOf(directory);
    await bringIn();
    await postgres().query(
      name,
      `insert into widget_sync.widget values ('fernwood', 'ABC', 1, 1, '{}')`,
    );
    const exported = await bringBack();
    expect(exported.code).toBe(0);
    expect(exported.stderr).toBe(
      'widget-sync: could not be used, and stays in the store: the record ABC: its name is not a widget id in lower case\n',
    );
    expect(Object.keys(filesOf(directory)).sort()).toEqual(Object.keys(before).sort());
  });
});

describe.skipIf(!hasPostgres)('the commands', () => {
  /** What is asked at the same moment is answered alike. */
  const now = new Date();
  const still = { ...systemClock, now: () => now };
  const asked: readonly (readonly string[])[] = [
    ['status', '--json'],
    ['status'],
    ['history', '--json', '--full'],
    ['history', '--field', 'display_name', '--limit', '1'],
    ['explain', 'w1.yaml'],
    ['explain', 'w1.yaml', '--json'],
    ['plan', '--json'],
    ['forget', '--orphans', '--json'],
  ];

  test('say of an account in the store what they say of it in files', async () => {
    const { accounts, fernwood, env, bringIn } = await world();
    rmSync(join(fernwood.dir, 'w2.yaml'));
    fernwood.write(0, 'second');
    await accounts.apply('fernwood');
    fernwood.write(1, 'third');
    const askAll = async (flags: readonly string[]) => {
      const said: Record<string, string> = {};
      for (const [command = '', ...words] of asked) {
        const { stdout } = await runHere([command, ...flags, ...words], env, Math.random, still);
        said[[command, ...words].join(' ')] = stdout;
      }
      return said;
    };
    const inFiles = [
      '--accounts',
      accounts.file,
      '--state',
      accounts.state,
      '--account',
      'fernwood',
    ];
    const before = await askAll(inFiles);
    expect(await bringIn()).toMatchObject({ code: 0 });
    expect(await askAll(whose(accounts))).toEqual(before);
    expect(Object.values(before)).not.toContain('');
  });

  test('go on in the store: a yes to a plan, an order to forget, all accounts at once', async () => {
    const { accounts, fernwood, env, bringIn, ask, apply } = await world();
    await bringIn();
    rmSync(join(fernwood.dir, 'w2.yaml'));
    fernwood.write(0, 'second');
    fernwood.write(1, 'third');
    accounts.declare({ fernwood: { max_changes: 1 } });
    const refused = await apply();
    expect(refused.code).toBe(1);
    const [, checksum = ''] = /--checksum (\w+)/.exec(refused.stdout + refused.stderr) ?? [];
    expect(await ask('apply', '--checksum', checksum)).toMatchObject({ code: 0 });
    expect(fernwood.sandbox.widget(widgetId(0))?.['display_name']).toBe('second');
    expect((await ask('forget', '--orphans', '--yes')).code).toBe(0);
    expect((await ask('forget', '--orphans', '--json')).stdout).not.toContain(widgetId(2));
    const all = ['--accounts', accounts.file, '--store', 'postgres'];
    const status = await runHere(['status', ...all, '--json'], env);
    expect(status.stdout).toContain('fernwood');
    expect(await runHere(['apply', ...all], env)).toMatchObject({ code: 0 });
    expect(await runHere(['history', ...all], env)).toMatchObject({ code: 0 });
    // Without a file that names accounts, those count that something is kept of.
    writeFileSync(accounts.file, 'accounts: [');
    const found = await runHere(['status', ...all, '--json'], env);
    expect(found.stdout).toContain('harbor');
  });

  test.skipIf(!hasPgBouncer)('work through a pooler, and hold the account beside it', async () => {
    const { fernwood, directory, env, ask } = await world();
    const pooler = await startPooler(postgres());
    onTestFinished(() => pooler.stop());
    const words = ['--state', directory, '--account', 'fernwood', '--pooler', pooler.address];
    expect(await runHere(['store', 'import', ...words], env)).toMatchObject({
      code: 0,
      stderr: '',
    });
    fernwood.write(0, 'second');
    const through = ['--pooler', pooler.address];
    expect(await ask('apply', ...through)).toMatchObject({ code: 0 });
    expect(fernwood.sandbox.widget(widgetId(0))?.['display_name']).toBe('second');
    expect(await ask('plan', ...through)).toMatchObject({ code: 0 });
    const behind = { ...env, PGPORT: `${pooler.port}` };
    const refused = await runHere(
      ['store', 'export', '--state', join(fernwood.dir, '../x'), '--account', 'fernwood'],
      behind,
    );
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('lead to a pooler, and a session needs PostgreSQL itself');
  });
});

describe.skipIf(!hasPostgres)('the store', () => {
  let name = '';
  beforeAll(async () => {
    if (hasPostgres) name = await postgres().makeDatabase();
  });

  test('is made once, and says what it needs', async () => {
    const env = inStore(name);
    const { file } = await openSomeAccounts(['fernwood']);
    const words = ['--accounts', file, '--store', 'postgres', '--account', 'fernwood'];
    const without = await runHere(['status', ...words], env);
    expect(without).toMatchObject({ code: 1, stdout: '' });
    expect(without.stderr).toContain('make it with: widget-sync store init');
    expect((await runHere(['store', 'init'], env)).stdout).toContain(
      'is of version 1; it is made.',
    );
    expect((await runHere(['store', 'init'], env)).stdout).toContain('it was there already.');
    await postgres().query(name, 'insert into widget_sync.schema_version (version) values (2)');
    for (const command of [
      ['store', 'init'],
      ['status', ...words],
    ]) {
      const newer = await runHere(command, env);
      expect(newer.code).toBe(1);
      expect(newer.stderr).toContain('of version 2, which a newer widget-sync has made');
    }
    await postgres().query(name, 'delete from widget_sync.schema_version where version = 2');
  });

  test('holds no key, and a dump of it neither; restored, it goes on', async () => {
    const { name: database, env, fernwood, apply, bringIn, ask } = await world();
    await bringIn();
    fernwood.write(0, 'second');
    await apply();
    await ask('apply', '--force');
    const dump = runProgram('pg_dump', ['--no-owner'], env);
    expect(dump).toContain('second');
    expect(dump).not.toContain(fernwood.key);
    expect(dump).not.toMatch(/in-key-of/);
    const restored = await postgres().makeDatabase();
    const kept = join(fernwood.dir, '..', 'dump');
    runProgram('pg_dump', ['--format=custom', `--file=${kept}`], env);
    runProgram('pg_restore', ['--no-owner', `--dbname=${restored}`, kept], inStore(restored));
    await postgres().query('postgres', `drop database ${database} with (force)`);
    const words = await runHere(
      [
        'plan',
        '--accounts',
        join(fernwood.dir, '../../../accounts.yaml'),
        '--store',
        'postgres',
        '--account',
        'fernwood',
      ],
      inStore(restored),
    );
    expect(words).toMatchObject({ code: 0 });
    expect(words.stdout + words.stderr).not.toContain(fernwood.key);
  });

  test('is used by a role that may do nothing else', async () => {
    const { name: database, env, accounts } = await world();
    await postgres().query(database, 'create role replica login');
    // As the page says it.
    const [, grants = ''] = /```sql\n(grant [\s\S]*?)```/.exec(pageOf('docs/scale.md').text) ?? [];
    await postgres().query(database, grants);
    const asReplica = { ...env, PGUSER: 'replica' };
    expect(await runHere(['apply', ...whose(accounts)], asReplica)).toMatchObject({ code: 0 });
    expect(await runHere(['status', ...whose(accounts)], asReplica)).toMatchObject({ code: 0 });
    const refused = await runHere(['store', 'init'], { ...asReplica, PGDATABASE: 'postgres' });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('this user of PostgreSQL may not do that');
  });
});

test.each([
  [
    ['status', '--store', 'postgres'],
    '--store postgres (WIDGET_SYNC_STORE) keeps accounts by their names: add --accounts',
  ],
  [
    ['run', '--store', 'postgres'],
    'add --accounts <file> (WIDGET_SYNC_ACCOUNTS), or say --store files',
  ],
  [
    ['status', '--store', 'postgres', '--accounts', 'a.yaml', '--state', 'b'],
    '--state names a directory',
  ],
  [['store'], 'say what to do: store init'],
  [['store', 'drop'], 'say what to do: store init'],
  [['store', 'import'], 'name both: store import --state <dir> --account <name>'],
  [['store', 'import', '--account', 'A', '--state', 'b'], 'expected a name of lower-case letters'],
  [['store', 'init', '--account', 'a'], 'leave --account and --state away'],
])('%j is refused with what to do', async (words, says) => {
  const refused = await runHere(words, {});
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain(says);
});

test('where nobody answers it is said what to mend, and no password', async () => {
  const env = { PGHOST: '127.0.0.1', PGPORT: '1', PGPASSWORD: 'correct horse battery' };
  const refused = await runHere(['store', 'init'], env);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain(
    'no PostgreSQL answers there; start it, or mend PGHOST and PGPORT',
  );
  expect(refused.stderr).not.toContain('correct horse');
});
