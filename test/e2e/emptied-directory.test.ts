// A directory from which widgets came and in which no file is left: a volume may be gone.
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openAccount } from '../support/account.ts';
import { startHere } from '../support/start-here.ts';

test('plan and apply refuse it with the words with which the daemon waits; a file is enough to go on', async () => {
  const account = await openAccount({ live: [{}, {}] });
  const declare = (n: number) =>
    account.declare(n, { widget_type: 'chat', display_name: `Widget ${n}` });
  declare(0);
  declare(1);
  expect((await account.quickly('apply')).code).toBe(0);
  for (const n of [0, 1]) rmSync(join(account.dir, `w${n}.yaml`));

  const place = [account.dir, '--state', join(account.dir, '../.widget-sync')];
  const daemon = startHere(['run', '--resync', 'off', '--api-url', account.sandbox.url, ...place], {
    INSIGHTO_API_KEY: 'in-test',
    NO_PROXY: '*',
  });
  const { detail } = await daemon.waitForLog(({ code }) => code === 'emptied', 25_000);
  expect(detail).toContain('holds no widget file, though 2 widgets were applied with this state');
  daemon.signal('SIGTERM');
  expect((await daemon.finished).code).toBe(0);

  for (const args of [[], ['--json']]) {
    for (const command of ['plan', 'apply'] as const) {
      const before = account.sandbox.requests.length;
      expect(await account.quickly(command, account.dir, ...args), command).toEqual({
        code: 1,
        stdout: '',
        stderr: `widget-sync: ${detail}\n`,
      });
      expect(account.sandbox.requests).toHaveLength(before);
    }
  }

  declare(0);
  const plan = await account.quickly('plan');
  expect(plan.code).toBe(0);
  expect(plan.stdout).toContain('1 orphaned');
});

test('a file whose ending was only spelt otherwise is told of', async () => {
  const account = await openAccount({ live: [{}, {}] });
  account.declare(0, { widget_type: 'chat' });
  expect((await account.quickly('apply')).code).toBe(0);
  renameSync(join(account.dir, 'w0.yaml'), join(account.dir, 'w0.YAML'));
  const words =
    'holds no widget file, though 1 widget was applied with this state: nothing changes until files are back.';
  const advice =
    'the file is not read, for its ending is spelt with capitals. Expected .yaml or .yml. Rename the file';
  const one = await account.quickly('plan');
  expect(one).toMatchObject({ code: 1, stdout: '' });
  expect(one.stderr).toContain(`${words} Of widgets/w0.YAML: ${advice}`);
  account.declare(1, { widget_type: 'chat' });
  renameSync(join(account.dir, 'w1.yaml'), join(account.dir, 'w1.YML'));
  const two = await account.quickly('plan');
  expect(two.stderr).toContain(`/w0.YAML (and of 1 more): ${advice}`);
});

test('an empty directory from which nothing ever came is only warned of', async () => {
  const account = await openAccount({ live: [] });
  const { code, stdout, stderr } = await account.quickly('apply');
  expect(code).toBe(0);
  expect(stdout).toContain('No changes.');
  expect(stderr).toContain('no-widgets');
});
