// Whose a state directory is: which API's, and which widget directory's.
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openAccount } from '../support/account.ts';
import { writeFile } from '../support/command.ts';
import { runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';

const other = 'http://127.0.0.1:9';

/** The content of each file below a directory, by its path. */
function filesIn(directory: string): Map<string, string> {
  const paths = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return new Map(paths.sort().map((path) => [path, readFileSync(path, 'utf8')]));
}

async function appliedAccount(widgets: number) {
  const account = await openAccount({ live: Array.from({ length: widgets }, () => ({})) });
  for (let n = 0; n < widgets; n += 1) {
    account.declare(n, { widget_type: 'chat', display_name: `Widget ${n}` });
  }
  expect((await account.quickly('apply')).code).toBe(0);
  const cwd = join(account.dir, '..');
  return { account, cwd, run: (...args: string[]) => runIn({ cwd, env: {} }, args) };
}

test('status and history that name no API show what is recorded, and status says of which API it is', async () => {
  const { account, run } = await appliedAccount(3);
  const status = await run('status');
  expect(status.code).toBe(0);
  expect(status.stdout).toContain('3 applied, 0 orphaned');
  expect(status.stderr).toMatch(/^widget-sync: \.widget-sync is the state of [^\n]*\n$/);
  expect(status.stderr).toContain(account.sandbox.url);
  const history = await run('history');
  expect(history).toMatchObject({ code: 0, stderr: '' });
  expect(history.stdout.match(/^\d{4}-.* new /gm)).toHaveLength(3);
});

test('status of an API that the state does not belong to says so once, and fails', async () => {
  const { account, run } = await appliedAccount(3);
  const status = await run('status', '--api-url', other);
  expect(status).toEqual({
    code: 1,
    stdout: '',
    stderr: `widget-sync: ${refusal(account.sandbox.url)}\n`,
  });
});

function refusal(owner: string, asked = other): string {
  return (
    `the state directory .widget-sync belongs to ${owner}, not to ${asked}: ` +
    `give ${owner} with --api-url, or another directory with --state. ` +
    'Has the API moved to a new address? Then move .widget-sync away, and everything is compared anew'
  );
}

// Once the records were taken for none, and each write to the other API replaced one.
test.each(['plan', 'plan --live off', 'apply', 'run', 'import'])(
  '%s for another API is refused, asks nothing, and leaves the state as it is',
  async (words) => {
    const { account, cwd } = await appliedAccount(2);
    const second = await openAccount({ live: [{}, {}] });
    const before = filesIn(join(cwd, '.widget-sync'));
    const refused = await runIn({ cwd, env: { INSIGHTO_API_KEY: 'in-test', NO_PROXY: '*' } }, [
      ...words.split(' '),
      ...['--api-url', second.sandbox.url],
    ]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(refusal(account.sandbox.url, second.sandbox.url));
    expect(filesIn(join(cwd, '.widget-sync'))).toEqual(before);
    expect(second.sandbox.requests).toEqual([]);
  },
);

test('at its new address an API is compared anew once the state directory was moved away', async () => {
  const { cwd } = await appliedAccount(2);
  const moved = await openAccount({ live: [{}, {}] });
  for (const n of [0, 1])
    moved.sandbox.edit(widgetId(n), { widget_type: 'chat', display_name: `Widget ${n}` });
  renameSync(join(cwd, '.widget-sync'), join(cwd, 'aside'));
  const env = { INSIGHTO_API_KEY: 'in-test', NO_PROXY: '*' };
  const apply = await runIn({ cwd, env }, ['apply', '--api-url', moved.sandbox.url]);
  expect(apply).toMatchObject({ code: 0, stdout: expect.not.stringContaining('applied widgets') });
  expect(moved.sandbox.requests.filter(({ method }) => method === 'PUT')).toEqual([]);
  expect((await runIn({ cwd, env }, ['status'])).stdout).toContain('2 applied');
});

test('of records that an earlier version left of another API a plan warns once, however many', async () => {
  const { cwd } = await appliedAccount(3);
  const { account, run } = await appliedAccount(1);
  cpSync(join(cwd, '.widget-sync/widgets'), join(account.dir, '../.widget-sync/widgets'), {
    recursive: true,
  });
  const url = account.sandbox.url;
  const plan = await run('plan', '--live', 'off', '--api-url', url, '--log-format', 'json');
  const warnings = plan.stderr.trimEnd().split('\n');
  expect(warnings.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'warn', others: 2, reason: expect.stringContaining('another API') },
  ]);
});

test.each(['status', 'history'])(
  '%s fails where there is no state directory, and not where it is empty',
  async (command) => {
    const { cwd, run } = await appliedAccount(0);
    expect(await run(command, '--state', 'nowhere')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'widget-sync: there is no state directory nowhere: nothing was applied yet, or --state names another\n',
    });
    mkdirSync(join(cwd, 'empty'));
    expect(await run(command, '--state', 'empty')).toMatchObject({ code: 0, stderr: '' });
  },
);

test('the widgets of another widget directory are shown where they came from, with one warning', async () => {
  const { account, cwd } = await appliedAccount(2);
  const first = join(cwd, 'widgets');
  writeFile(cwd, 'second/b.yaml', `widget_id: ${widgetId(1)}\nwidget_type: chat\nname: B\n`);
  const env = { INSIGHTO_API_KEY: 'in-test', NO_PROXY: '*' };
  const target = ['--api-url', account.sandbox.url];
  const words = 'orphans came from another widget directory';
  for (const command of ['plan', 'apply', 'plan']) {
    const { code, stdout, stderr } = await runIn({ cwd, env }, [command, 'second', ...target]);
    expect(code).toBe(0);
    expect(stdout).toContain(`? ${first}/w0.yaml  `);
    expect(stdout).not.toContain('second/w0.yaml');
    expect(stderr.split(words)).toHaveLength(2);
    expect(stderr).toMatch(/^\[\d\d:\d\d:\d\d\] WARN: /);
    expect(stderr).toContain(`=${first}\n`);
  }
  // Its own orphan is no sign of a shared directory.
  writeFile(cwd, 'second/c.yaml', `widget_id: ${widgetId(0)}\nwidget_type: chat\nname: C\n`);
  expect((await runIn({ cwd, env }, ['apply', 'second', ...target])).stderr).toBe('');
});

// Once, what had not changed was still said to be of the former directory.
test('a widget directory that was renamed is no other one once it was applied', async () => {
  const { account, cwd } = await appliedAccount(2);
  renameSync(account.dir, join(cwd, 'renamed'));
  const env = { INSIGHTO_API_KEY: 'in-test', NO_PROXY: '*' };
  const run = (command: string) =>
    runIn({ cwd, env }, [command, 'renamed', '--api-url', account.sandbox.url]);
  expect(await run('apply')).toMatchObject({ code: 0, stderr: '' });
  rmSync(join(cwd, 'renamed/w1.yaml'));
  const { stdout, stderr } = await run('plan');
  expect(stdout).toContain('? renamed/w1.yaml  ');
  expect(stderr).toBe('');
});
