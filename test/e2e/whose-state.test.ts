// Whose a state directory is: which API's, and which widget directory's.
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openAccount } from '../support/account.ts';
import { writeFile } from '../support/command.ts';
import { runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';

const other = 'http://127.0.0.1:9';

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
  expect(status.stdout).toContain('3 applied, 0 held');
  expect(status.stderr).toMatch(/^widget-sync: \.widget-sync is the state of [^\n]*\n$/);
  expect(status.stderr).toContain(account.sandbox.url);
  const history = await run('history');
  expect(history).toMatchObject({ code: 0, stderr: '' });
  expect(history.stdout.trimEnd().split('\n')).toHaveLength(1 + 3);
});

test('status of an API that the state does not belong to says so once, and fails', async () => {
  const { account, run } = await appliedAccount(3);
  const status = await run('status', '--api-url', other);
  expect(status).toEqual({
    code: 1,
    stdout: '',
    stderr: `widget-sync: the state directory .widget-sync belongs to ${account.sandbox.url}, not to ${other}: name that with --api-url, or another directory with --state\n`,
  });
});

test('a plan for another API warns once of the records it cannot use, however many there are', async () => {
  const { run } = await appliedAccount(3);
  const plan = await run('plan', '--live', 'off', '--api-url', other, '--log-format', 'json');
  expect(plan.stdout).toContain('Plan: 3 to update\n');
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
