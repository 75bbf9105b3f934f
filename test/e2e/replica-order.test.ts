// Two replicas with clones of their own: the one whose checkout lags takes over, sends nothing older, and goes on as soon
// as it has the newer files. What the API got judges it.
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { commitAll, git, initRepository } from '../documents/repository.ts';
import { type Started, startCommand, temporaryDirectory } from '../support/command.ts';
import { hasPostgres, sharePostgres } from '../support/postgres.ts';
import { runHere } from '../support/program.ts';
import { waitFor, widgetId } from '../support/sandbox.ts';
import { inSoak } from '../support/soak.ts';
import { openSomeAccounts } from '../support/some-accounts.ts';
import { generousMs } from '../support/workspace.ts';

const { postgres } = sharePostgres();

async function openWorld() {
  const database = await postgres().makeDatabase();
  const env = postgres().envOf(database) as Record<string, string>;
  expect(await runHere(['store', 'init'], env)).toMatchObject({ code: 0 });
  const accounts = await openSomeAccounts(['fernwood'], { widgets: 1 });
  const { fernwood } = accounts.of;
  if (fernwood === undefined) throw new Error('it was just made');
  const { root } = accounts;
  const key = join(root, 'keys', 'fernwood');
  chmodSync(key, 0o600);
  // What was under way at a kill is waited for, as long as it may take.
  accounts.declare({ fernwood: { key_file: key, timeout: '1s' } });
  rmSync(join(root, '.git'), { recursive: true });
  initRepository(root);
  let commits = 0;
  const commit = (displayName: string) => {
    fernwood.write(0, displayName);
    commits += 1;
    git(root, 'add', 'accounts.yaml', 'clients');
    return commitAll(root, `${1_790_000_000 + 60 * commits} +0000`);
  };
  const replica = (name: string) => {
    const clone = join(temporaryDirectory(), name);
    git(root, 'clone', '-q', '--depth=1', `file://${root}`, clone);
    const words = ['run', '--accounts', 'accounts.yaml', '--store', 'postgres'];
    return {
      pull() {
        git(clone, 'fetch', '-q', '--depth=1', 'origin', 'main');
        git(clone, 'reset', '-q', '--hard', 'FETCH_HEAD');
      },
      start: (): Started =>
        startCommand([...words, '--log-level', 'debug'], {
          cwd: clone,
          env: { ...env, NO_PROXY: '*' },
        }),
    };
  };
  const { sandbox } = fernwood;
  const shown = () => sandbox.widget(widgetId(0))?.['display_name'];
  const untilShown = (name: string) => waitFor(sandbox, () => shown() === name, generousMs);
  const sent = () =>
    sandbox.requests
      .filter(({ method }) => method === 'PUT')
      .map(({ body }) => (body as Record<string, unknown>)['display_name']);
  const status = () =>
    runHere(['status', '--accounts', join(root, 'accounts.yaml'), '--store', 'postgres'], env);
  const apply = () =>
    runHere(['apply', '--accounts', join(root, 'accounts.yaml'), '--store', 'postgres'], env);
  const query = (sql: string, values: unknown[]) => postgres().query(database, sql, values);
  return { commit, replica, untilShown, sent, sandbox, status, apply, query };
}

describe.skipIf(!hasPostgres)('a command of one person', () => {
  test('sends nothing older than replicas have followed, and gives nothing a position', async () => {
    const world = await openWorld();
    world.commit('one');
    expect(await world.apply()).toMatchObject({ code: 0 });
    const places = () => world.query('select revision from widget_sync.source', []);
    expect(await places()).toEqual([]);
    const newer = 'f'.repeat(40);
    await world.query(
      `insert into widget_sync.source (name, position, revision, committed_at)
       values ('.', 1, $1, to_timestamp(1790000090))`,
      [newer],
    );
    const older = await world.apply();
    expect(older).toMatchObject({ code: 1 });
    expect(older.stderr).toMatch(/come after those that were followed last \(ffffffff\)/);
    world.commit('two');
    expect(await world.apply()).toMatchObject({ code: 0 });
    expect(world.sent()).toEqual(['one', 'two']);
    expect(await places()).toEqual([{ revision: newer }]);
  });
});

describe.skipIf(!hasPostgres)('of two replicas', () => {
  test('the one whose checkout lags sends nothing older once it takes over, and goes on with the newer files', async () => {
    const world = await openWorld();
    world.commit('one');
    const [ahead, lagging] = [world.replica('ahead'), world.replica('lagging')];
    const first = ahead.start();
    await world.untilShown('one');
    const second = lagging.start();
    await second.waitForLog(({ msg }) => msg.startsWith('shares accounts'));
    const newest = world.commit('two');
    ahead.pull();
    await world.untilShown('two');
    first.signal('SIGKILL');
    const { detail } = await second.waitForLog(({ code }) => code === 'behind', generousMs);
    expect(detail).toContain(`older than those that were followed last (${newest.slice(0, 8)})`);
    // It is reported a moment later.
    await vi.waitFor(async () => {
      const { stdout } = await world.status();
      expect(stdout).toMatch(/^waiting .*older than those that were followed last/m);
    }, generousMs);
    // Not even a read of what is live.
    const { length } = world.sandbox.requests;
    if (inSoak) await sleep(10_000);
    expect(world.sandbox.requests).toHaveLength(length);
    expect(world.sent()).toEqual(['one', 'two']);
    world.commit('three');
    lagging.pull();
    const pulledMs = performance.now();
    await waitFor(world.sandbox, () => world.sandbox.requests.length > length, generousMs);
    expect(performance.now() - pulledMs).toBeLessThan(5000);
    await world.untilShown('three');
    expect(world.sent()).toEqual(['one', 'two', 'three']);
    second.signal('SIGTERM');
    expect(await second.finished).toMatchObject({ code: 0 });
  }, 60_000);
});
