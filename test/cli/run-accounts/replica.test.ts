// One replica in this process, and what commands say of it: as two roles of PostgreSQL, as docs/scale.md makes them.
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { pageOf } from '../../docs/pages.ts';
import { commitAll, git } from '../../documents/repository.ts';
import { hasPostgres, sharePostgres } from '../../support/postgres.ts';
import { runHere } from '../../support/program.ts';
import { waitFor, widgetId } from '../../support/sandbox.ts';
import { openSomeAccounts, type SomeAccount } from '../../support/some-accounts.ts';
import { startHere } from '../../support/start-here.ts';
import { generousMs } from '../../support/workspace.ts';

const { postgres } = sharePostgres();

beforeAll(async () => {
  if (!hasPostgres) return;
  await postgres().query('postgres', 'create role widgets_owner login');
  await postgres().query('postgres', 'create role replica login');
});

/** `owner` and `replica`: the variables of each. */
async function openWorld(names: readonly string[]) {
  const database = await postgres().makeDatabase();
  const server = postgres().envOf(database) as Record<string, string>;
  const owner = { ...server, PGUSER: 'widgets_owner' };
  const replica = { ...server, PGUSER: 'replica' };
  await postgres().query(database, `alter database ${database} owner to widgets_owner`);
  expect(await runHere(['store', 'init'], owner)).toMatchObject({ code: 0 });
  const [, grants = ''] = /```sql\n(grant [\s\S]*?)```/.exec(pageOf('docs/scale.md').text) ?? [];
  await postgres().query(database, grants);
  const accounts = await openSomeAccounts(names, { widgets: 1 });
  const { root } = accounts;
  rmSync(join(root, '.git'), { recursive: true });
  for (const name of names) chmodSync(join(root, 'keys', name), 0o600);
  git(root, 'init', '-q', '-b', 'main', '--template=');
  git(root, 'add', 'accounts.yaml', 'clients');
  commitAll(root);
  const words = ['--accounts', join(root, 'accounts.yaml'), '--store', 'postgres'];
  return {
    accounts,
    owner,
    replica,
    start: (...more: string[]) => startHere(['run', ...words, ...more], replica),
    ask: (env: Record<string, string>, command: string, ...more: string[]) =>
      runHere([command, ...words, ...more], env),
    /** Until it says so as this one. */
    statusOf(env: Record<string, string>, is: (status: Status) => boolean) {
      return vi.waitFor(
        async () => {
          const { stdout } = await runHere(['status', ...words, '--json'], env);
          const status: Status = JSON.parse(stdout);
          expect(is(status), stdout).toBe(true);
          return status;
        },
        { timeout: 3 * generousMs, interval: 500 },
      );
    },
  };
}

interface Status {
  readonly replicas: readonly {
    readonly session: string;
    readonly gone: boolean;
    readonly last_beat: string | null;
    readonly accounts: number;
  }[];
  readonly accounts: readonly {
    readonly account: string;
    readonly account_state: string;
    readonly account_reason: string | null;
    readonly replica: string | null;
  }[];
}

describe.skipIf(!hasPostgres)('status of replicas', () => {
  test('tells the living from the gone, whoever asks', async () => {
    const world = await openWorld(['fernwood', 'harbor']);
    const run = world.start();
    await run.waitForLog(({ msg }) => msg.startsWith('shares accounts'), generousMs);
    const isCalm = ({ accounts }: Status) =>
      accounts.every(({ account_state }) => account_state === 'calm');
    const own = await world.statusOf(world.replica, isCalm);
    const [session = ''] = own.replicas.map((one) => one.session);
    expect(own.replicas).toMatchObject([
      { gone: false, last_beat: expect.any(String), accounts: 2 },
    ]);
    // One of another role sees no activity of others, and takes nobody for gone because of that.
    const other = await world.statusOf(world.owner, isCalm);
    expect(other.replicas).toMatchObject([{ session, gone: false, last_beat: null, accounts: 2 }]);
    expect(other.accounts.map(({ replica }) => replica)).toEqual([session, session]);
    // From whichever machine.
    const { sandbox } = world.accounts.of['harbor'] as SomeAccount;
    sandbox.edit(widgetId(0), { display_name: 'by hand' });
    const asked = await world.ask(world.replica, 'resync', '--account', 'harbor');
    expect(asked).toMatchObject({ code: 0, stderr: '' });
    expect(asked.stdout).toMatch(/^process \d+ \(widget-sync run, .* looks at 1 widget now/);
    const isRight = () => sandbox.widget(widgetId(0))?.['display_name'] === 'first';
    await waitFor(sandbox, isRight, generousMs);
    const { stdout } = await world.ask(world.owner, 'status');
    expect(stdout).toMatch(/ run .* not known +2\n/);
    expect(stdout).not.toMatch(/gone|nobody/);
    run.signal('SIGTERM');
    await run.finished;
  });

  test('says why an account that is held cannot be followed, and no longer than that is so', async () => {
    const world = await openWorld(['fernwood', 'harbor']);
    const key = join(world.accounts.root, 'keys', 'harbor');
    rmSync(key);
    const run = world.start();
    const harborOf = ({ accounts }: Status) => accounts.find(({ account }) => account === 'harbor');
    const status = await world.statusOf(
      world.replica,
      (one) =>
        harborOf(one)?.replica !== null &&
        (harborOf(one)?.account_reason?.includes('key_file') ?? false),
    );
    const [session = ''] = status.replicas.map((one) => one.session);
    expect(harborOf(status)).toMatchObject({
      ...{ account_state: 'not-running', account_reason: expect.stringContaining(key) },
      replica: session,
    });
    // Claimed, and no pass was made: nothing of it is in the store.
    const alone = await vi.waitFor(
      async () => {
        const asked = await world.ask(world.replica, 'status', '--account', 'harbor');
        expect(asked.stderr).toMatch(/^widget-sync: not followed now: .*key_file/);
        return asked;
      },
      { timeout: generousMs, interval: 500 },
    );
    expect(alone.code).toBe(1);
    expect(alone.stdout).toMatch(
      /^Nothing is recorded for the account harbor in postgres:127\.0\.0\.1:\d+\/\w+ for http/,
    );
    writeFileSync(key, `${world.accounts.of['harbor']?.key}\n`, { mode: 0o600 });
    const isCalm = (one: Status) => harborOf(one)?.account_state === 'calm';
    expect(harborOf(await world.statusOf(world.replica, isCalm))?.account_reason).toBeNull();
    run.signal('SIGTERM');
    await run.finished;
  });
});

test('a password file that is of no use is refused at the start', async () => {
  const { flags } = await openSomeAccounts(['fernwood'], { widgets: 1 });
  const words = ['run', ...flags.slice(0, 2), '--store', 'postgres'];
  const refused = await runHere(words, { PGHOST: '127.0.0.1', PGPASSFILE: '/nowhere' });
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/^widget-sync: PGPASSFILE: cannot read the password file: .*\n$/);
});
