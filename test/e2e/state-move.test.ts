// A state that goes to another place: what was released, said and recorded goes on there, whatever else moved with
// it; and the old place does not begin anew.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { startCommand, temporaryDirectory, writeFile } from '../support/command.ts';
import { readHistoryJson } from '../support/json-shapes.ts';
import { runHere } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import { few } from '../support/soak.ts';
import { startHere } from '../support/start-here.ts';
import { openWorkspace, writesOf } from '../support/workspace.ts';

const head = (n: number, name: string) =>
  `widget_id: ${widgetId(n)}\nwidget_type: chat\ndisplay_name: ${name}\n`;
const released = (sandbox: Sandbox, n: number) => sandbox.widget(widgetId(n))?.['bubble_text'];

function move(from: string, to: string) {
  return runHere(['state', 'move', '--from', from, '--to', to]);
}

test.each<[string, (cwd: string) => string]>([
  ['the same widget directory', (cwd) => join(cwd, 'widgets')],
  [
    'a repository that stands elsewhere by now',
    (cwd) => {
      mkdirSync(join(cwd, 'agency/clients'), { recursive: true });
      renameSync(join(cwd, 'widgets'), join(cwd, 'agency/clients/fernwood'));
      return join(cwd, 'agency/clients/fernwood');
    },
  ],
  [
    'a widget directory that is cut otherwise',
    (cwd) => {
      mkdirSync(join(cwd, 'clients/fernwood'), { recursive: true });
      renameSync(join(cwd, 'widgets'), join(cwd, 'clients/fernwood/widgets'));
      return join(cwd, 'clients/fernwood');
    },
  ],
])('after a move nothing is sent again and a release is still made, of %s', async (_, place) => {
  const { cwd, sandbox, write, quickly } = await openWorkspace({ widgets: 2 });
  write(1, 'second', 'bubble_text: Need a hand?\n');
  expect((await quickly('apply')).code).toBe(0);
  expect(released(sandbox, 1)).toBe('Need a hand?');
  const sent = writesOf(sandbox).length;

  const [old, state] = [join(cwd, '.widget-sync'), join(cwd, '.widget-sync/fernwood')];
  const { code, stdout, stderr } = await move(old, state);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`Moved the state from ${old} to ${state}: 2 records, history.ndjson,`);
  expect(stdout).toContain(`It belongs to ${sandbox.url}.\n`);
  expect(stdout).toContain(`It was applied from the widget directory ${join(cwd, 'widgets')}.\n`);

  const directory = place(cwd);
  const env = { INSIGHTO_API_KEY: 'in-test', WIDGET_SYNC_API_URL: sandbox.url };
  const apply = (...words: string[]) => runHere(['apply', directory, ...words], env);
  const refused = await apply('--state', old);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`was moved to ${state}: name that one with --state, or remove`);
  expect(existsSync(join(old, 'widgets'))).toBe(false);
  for (const command of ['status', 'history', 'explain']) {
    expect((await runHere([command, '--state', old])).stderr).toContain(`was moved to ${state}`);
  }

  // Without a state a plan would call all of it new.
  const plan = await runHere(['plan', directory, '--state', old], env);
  expect(plan).toMatchObject({ code: 1, stdout: '' });
  expect(plan.stderr).toContain(`was moved to ${state}`);

  expect(await apply('--state', state)).toMatchObject({ code: 0 });
  expect(writesOf(sandbox)).toHaveLength(sent);
  const [file = ''] = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('w1.yaml'),
  );
  writeFile(directory, file, head(1, 'second'));
  expect(await apply('--state', state)).toMatchObject({ code: 0 });
  expect(released(sandbox, 1)).toBeNull();
  const history = await runHere(['history', '--json', '--state', state]);
  expect(readHistoryJson(history.stdout)).toHaveLength(sent + 1);
});

test('two directories that shared a state go on with a copy of it each', async () => {
  const cwd = temporaryDirectory();
  const accounts = ['fernwood', 'harbor'].map((name, n) => ({ name, n }));
  const seed = accounts.map(({ n }) => ({ widgetId: widgetId(n), fields: {} as JsonObject }));
  // Two accounts of one API: a key shows the widgets of its own account alone, at the same address.
  let port = 0;
  const apply = async ({ name, n }: { name: string; n: number }, state: string) => {
    const sandbox = await startSandbox({ port, widgets: seed.slice(n, n + 1) });
    port = sandbox.port;
    const env = { INSIGHTO_API_KEY: 'in-test', WIDGET_SYNC_API_URL: sandbox.url };
    const words = [join(cwd, 'clients', name), '--state', join(cwd, state)];
    const finished = await runHere(['apply', ...words], env);
    const { id: _, ...fields } = sandbox.widget(widgetId(n)) ?? {};
    seed[n] = { widgetId: widgetId(n), fields };
    await sandbox.close();
    return { ...finished, puts: writesOf(sandbox).length, fields };
  };
  for (const account of accounts) {
    const { name, n } = account;
    writeFile(cwd, `clients/${name}/w.yaml`, `${head(n, name)}bubble_text: Hello\n`);
    expect(await apply(account, 'shared')).toMatchObject({ code: 0, puts: 1 });
  }
  for (const { name } of accounts) {
    cpSync(join(cwd, 'shared'), join(cwd, 'state', name), { recursive: true });
  }
  for (const account of accounts) {
    const { name, n } = account;
    expect(await apply(account, `state/${name}`)).toMatchObject({ code: 0, puts: 0 });
    writeFile(cwd, `clients/${name}/w.yaml`, head(n, name));
    const after = await apply(account, `state/${name}`);
    expect(after).toMatchObject({ code: 0, puts: 1, fields: { bubble_text: null } });
    expect(after.stdout, 'that of the other account is no orphan').not.toMatch(/orphan/);
  }
});

test('an account gets another name while the process of all goes on', async () => {
  const cwd = temporaryDirectory();
  const sandbox = await startSandbox({
    widgets: [1, 2].map((n) => ({ widgetId: widgetId(n), fields: {} })),
  });
  onTestFinished(() => sandbox.close());
  const name = (...accounts: [string, string][]) => {
    const entries = accounts.map(
      ([account, folder]) =>
        `  ${account}: {directory: ${folder}, key_file: keys/${folder}, api_url: "${sandbox.url}"}\n`,
    );
    writeFile(cwd, 'next.yaml', `accounts:\n${entries.join('')}`);
    renameSync(join(cwd, 'next.yaml'), join(cwd, 'accounts.yaml'));
  };
  for (const [n, folder] of [
    [1, 'first'],
    [2, 'second'],
  ] as const) {
    writeFile(cwd, `keys/${folder}`, `in-key-of-the-${folder}`);
    writeFile(cwd, `${folder}/w.yaml`, `${head(n, folder)}bubble_text: Hello\n`);
  }
  const state = (account: string) => join(cwd, 'state', account);
  name(['old', 'first'], ['other', 'second']);
  const accounts = ['--accounts', join(cwd, 'accounts.yaml'), '--state', join(cwd, 'state')];
  const daemon = startHere(['run', ...accounts, '--rescan', '1s'], {});
  const said = (account: string, msg: string | RegExp) =>
    daemon.waitForLog((line) => line['account'] === account && line.msg.search(msg) !== -1);
  await Promise.all([said('old', /^applied$/), said('other', /^applied$/)]);
  const held = await move(state('old'), state('new'));
  expect(held).toMatchObject({ code: 1, stdout: '' });
  expect(held.stderr).toMatch(/old is in use by process \d+/);

  name(['other', 'second']);
  await said('old', /^stopped$/);
  expect(await move(state('old'), state('new'))).toMatchObject({ code: 0, stderr: '' });
  name(['new', 'first'], ['other', 'second']);
  await said('new', /^looked$/);
  writeFile(cwd, 'first/w.yaml', head(1, 'first'));
  await said('new', /^applied$/);
  expect(released(sandbox, 1)).toBeNull();
  expect(writesOf(sandbox), 'the first ones, and the release').toHaveLength(3);
}, 60_000);

test('what a move says where words are missing, and that it names no key', async () => {
  const cwd = temporaryDirectory();
  for (const words of [
    [],
    ['move'],
    ['move', '--from', cwd],
    ['copy', '--from', 'a', '--to', 'b'],
  ]) {
    const { code, stderr } = await runHere(['state', ...words]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'widget-sync: name both directories: state move --from <dir> --to <dir>\n',
    });
  }
});

test('a name that no account can have is refused where accounts have their states, and nowhere else', async () => {
  const { cwd, quickly } = await openWorkspace({ widgets: 1 });
  expect((await quickly('apply')).code).toBe(0);
  const own = join(cwd, '.widget-sync');
  for (const name of ['Fernwood', 'fern_wood', 'fernwood.old', 'status']) {
    const { code, stderr } = await move(own, join(own, name));
    if (name === 'status') expect(code).toBe(0);
    else {
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: `widget-sync: --to: expected ${own}/ and the name of an account (lower-case letters, digits and hyphens, at most 63, and not widgets or orders), found "${name}"\n`,
      });
      expect(existsSync(join(own, name))).toBe(false);
    }
  }
  const beside = (name: string, env = {}) =>
    runHere(['state', 'move', '--from', join(own, 'status'), '--to', join(own, name)], env);
  const refused = await beside('Harbor', { WIDGET_SYNC_STATE: own });
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('found "Harbor"') });
  expect(await move(join(own, 'status'), join(cwd, 'My_State'))).toMatchObject({ code: 0 });
});

test('a move that is killed at any moment is ended by the same command, and has lost nothing', async () => {
  const cwd = temporaryDirectory();
  const disk = process.env['TMPDIR_ON_DISK'] ?? tmpdir();
  const far = mkdtempSync(join(disk, 'widget-sync-move-'));
  onTestFinished(() => rmSync(far, { recursive: true, force: true }));
  mkdirSync(join(cwd, 'from/widgets'), { recursive: true });
  const records = Array.from({ length: 300 }, (_, n) => `${widgetId(n)}.json`);
  for (const name of records) writeFile(cwd, `from/widgets/${name}`, `{"name": "${name}"}`);
  writeFile(cwd, 'from/history.ndjson', '{}\n'.repeat(1000));
  cpSync(join(cwd, 'from'), join(cwd, 'kept'), { recursive: true });
  let places = [join(cwd, 'from'), join(far, 'to')] as const;
  for (let round = 0; round < few(3, { soak: 60 }); round += 1) {
    const [from, to] = places;
    const moving = startCommand(['state', 'move', '--from', from, '--to', to], { cwd });
    // A start takes a good tenth of a second, and this move about as long.
    const timer = setTimeout(() => moving.child.kill('SIGKILL'), 60 + ((round * 37) % 240));
    await moving.finished;
    clearTimeout(timer);
    const ended = await move(from, to);
    // Nobody was killed, or not before the last step.
    if (ended.code !== 0) expect(ended.stderr).toContain(`was moved to ${to}`);
    expect(readdirSync(join(to, 'widgets')).sort()).toEqual(records);
    expect(
      readdirSync(from).filter((name) => !['.gitignore', 'moved.json'].includes(name)),
    ).toEqual([]);
    places = [to, from];
  }
}, 600_000);
