// What deploy/ says to start is started: the very words and variables of the pods and services, as this machine has their
// folders, before a sandbox and a PostgreSQL. The probes are asked for where they ask.
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { forgetSecrets } from '../../src/base/secrets.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { root } from '../docs/pages.ts';
import { commitAll, git } from '../documents/repository.ts';
import { ask } from '../support/ask-over-wire.ts';
import { type Running, startCommand, temporaryDirectory, writeFile } from '../support/command.ts';
import {
  hasPostgres,
  postgresHost,
  postgresRoot,
  runProgram,
  sharePostgres,
} from '../support/postgres.ts';
import { runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import { openSomeAccounts } from '../support/some-accounts.ts';
import { startIn } from '../support/start-here.ts';
import { serviceOf } from './compose-files.ts';
import { type Manifest, writtenManifest, writtenVariables } from './manifests.ts';

const { postgres } = sharePostgres();

/** What a container is started with. */
interface Words {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The paths that are asked for, of each probe. */
  readonly probes: readonly string[];
}

function wordsOfPod(under: string, kind: string): Words {
  const [container] = writtenManifest(under, kind).spec.template.spec.containers;
  const maps: string[] = container.envFrom.flatMap((one: Manifest) => one.configMapRef?.name ?? []);
  const probes = [container.livenessProbe, container.readinessProbe];
  return {
    args: container.args,
    env: Object.assign(
      {},
      ...maps.map((name) => writtenVariables(under)[name]),
      ...container.env.map(({ name, value }: Record<'name' | 'value', string>) => ({
        [name]: value,
      })),
    ),
    probes: probes.flatMap((probe) => probe?.httpGet.path ?? []),
  };
}

function wordsOfService(file: string, name: string): Words {
  const { command, environment } = serviceOf(file, name);
  return { args: command, env: environment, probes: ['/healthz'] };
}

/** `places`: folders of the container, and where they are here. */
function here({ args, env }: Words, places: Readonly<Record<string, string>>) {
  const placed = (text: string) =>
    Object.entries(places).reduce((so, [there, at]) => so.replace(there, at), text);
  return {
    args: args.map(placed),
    env: {
      ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, placed(value)])),
      // The port may be taken here.
      ...(env['WIDGET_SYNC_SERVE'] === undefined ? {} : { WIDGET_SYNC_SERVE: '0' }),
    },
  };
}

async function urlOf(daemon: Pick<Running, 'waitForLog'>): Promise<string> {
  const { url } = await daemon.waitForLog(({ msg }) => msg === 'serving');
  return String(url).replace(/\/$/, '');
}

const [, stateOfImage = ''] =
  /WIDGET_SYNC_STATE=(\S+)/.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? [];

test.each([
  ['StatefulSet', wordsOfPod('base', 'StatefulSet')],
  ['service of Compose', wordsOfService('compose.yaml', 'widget-sync')],
])('the %s of one account brings it live, and its probes find it well', async (_, words) => {
  onTestFinished(forgetSecrets);
  const folder = temporaryDirectory();
  const sandbox = await startSandbox({ widgets: [{ widgetId: widgetId(0), fields: {} }] });
  onTestFinished(() => sandbox.close());
  const file = `widget_id: ${widgetId(0)}\nwidget_type: chat\ndisplay_name: As declared\n`;
  writeFile(folder, 'checkout/widgets/ava.yaml', file);
  git(join(folder, 'checkout'), 'init', '-q', '-b', 'main', '--template=');
  commitAll(join(folder, 'checkout'));
  writeFile(folder, 'key/key', 'in-0123456789\n');
  chmodSync(join(folder, 'key/key'), 0o600);
  mkdirSync(join(folder, 'state'), { mode: 0o700 });
  const { args, env } = here(words, {
    '/git/current': join(folder, 'checkout'),
    '/etc/widget-sync': join(folder, 'key'),
  });
  const own = { WIDGET_SYNC_API_URL: sandbox.url, WIDGET_SYNC_STATE: join(folder, 'state') };
  const daemon = startIn({ cwd: folder, env: { ...env, ...own } }, args);
  const url = await urlOf(daemon);
  await daemon.waitForLog(({ msg }) => msg === 'looked');
  await expect
    .poll(() => sandbox.widget(widgetId(0))?.['display_name'], { timeout: 20_000 })
    .toBe('As declared');
  for (const path of words.probes) expect(await ask(url, path)).toMatchObject({ status: 200 });
  expect(words.env['WIDGET_SYNC_STATE'] ?? stateOfImage).toBe(stateOfImage);
  const health = await runIn(
    { cwd: folder, env: { ...own, WIDGET_SYNC_SERVE: new URL(url).port } },
    ['health'],
  );
  expect(health).toMatchObject({ code: 0 });
  daemon.signal('SIGTERM');
  expect(await daemon.finished).toMatchObject({ code: 0 });
});

describe.skipIf(!hasPostgres)('replicas', () => {
  const passwords = { OWNER_PASSWORD: 'of the owner', REPLICA_PASSWORD: "of the replica's" };

  test('the pods and the services of replicas make their tables, share the accounts and hand them over', async () => {
    const names = ['fernwood', 'harbor', 'linden', 'mistral'];
    const roles = ['--set', 'ON_ERROR_STOP=1', '--file', join(root, 'deploy/postgres/roles.sql')];
    runProgram('psql', ['--quiet', ...roles], { ...postgres().envOf('postgres'), ...passwords });
    const secrets = await postgres().query(
      'postgres',
      `select rolname from pg_authid where rolname in ('replica', 'widgets_owner')
       and rolpassword like 'SCRAM-SHA-256$%' and rolcanlogin and not rolsuper order by 1`,
    );
    expect(secrets).toEqual([{ rolname: 'replica' }, { rolname: 'widgets_owner' }]);

    const accounts = await openSomeAccounts(names, { defaults: { files: 'shared' } });
    const keys = join(accounts.root, 'keys');
    for (const name of readdirSync(keys)) chmodSync(join(keys, name), 0o600);
    writeFile(accounts.root, 'ca/ca.crt', postgresRoot);
    const places = {
      '/git/current': accounts.root,
      '/etc/postgres': join(accounts.root, 'ca'),
    };
    const server = { ...postgres().envOf('widgets') } as Record<string, string>;
    const at = (words: Words, user: string) => {
      const { args, env } = here(words, places);
      const own = { PGHOST: postgresHost, PGHOSTADDR: server['PGHOST'], PGPORT: server['PGPORT'] };
      return { args, env: { ...env, ...own, PGUSER: user } as Record<string, string> };
    };

    const init = at(wordsOfPod('replicas', 'Job'), 'widgets_owner');
    const made = await runIn({ cwd: accounts.root, env: init.env }, init.args);
    expect(made).toMatchObject({ code: 0 });
    const again = wordsOfService('compose.replicas.yaml', 'store-init');
    const { args: words, env: variables } = at(again, 'widgets_owner');
    expect(await runIn({ cwd: accounts.root, env: variables }, words)).toMatchObject({ code: 0 });

    const pod = wordsOfPod('replicas', 'Deployment');
    const start = (one: Words) => {
      const { args, env } = at(one, 'replica');
      return startCommand(args, { cwd: accounts.root, env });
    };
    const untilReady = (url: string) =>
      expect.poll(async () => (await ask(url, '/readyz')).status, { timeout: 30_000 }).toBe(200);
    const accountsOf = async (url: string) =>
      Object.keys(JSON.parse((await ask(url, '/status.json')).text).accounts).length;
    const first = start(pod);
    const firstUrl = await urlOf(first);
    await expect.poll(() => accountsOf(firstUrl), { timeout: 30_000 }).toBe(names.length);
    await untilReady(firstUrl);
    // It holds nothing for its first minute, and is ready all the same: a rolling update waits for that.
    const second = start(wordsOfService('compose.replicas.yaml', 'widget-sync'));
    const secondUrl = await urlOf(second);
    await untilReady(secondUrl);
    expect(await accountsOf(secondUrl)).toBe(0);
    first.signal('SIGTERM');
    expect(await first.finished).toMatchObject({ code: 0 });
    await expect.poll(() => accountsOf(secondUrl), { timeout: 30_000 }).toBe(names.length);
    await untilReady(secondUrl);
    for (const path of pod.probes) {
      expect(await ask(secondUrl, path)).toMatchObject({ status: 200 });
    }
    second.signal('SIGTERM');
    expect(await second.finished).toMatchObject({ code: 0 });

    // What an older version says of the tables of a newer one, as the page has it.
    const newer =
      'insert into widget_sync.schema_version (version) select max(version) + 1 from widget_sync.schema_version';
    await postgres().query('widgets', newer);
    const refused = await runIn({ cwd: accounts.root, env: init.env }, init.args);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('which a newer widget-sync has made; this one knows');
    expect(refused.stderr).toContain('use that version, or a database of its own (PGDATABASE)');
  });
});
