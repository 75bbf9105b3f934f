// A directory from which widgets came and in which no file is left: a volume may be gone.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openAccount } from '../support/account.ts';
import { startCommand } from '../support/command.ts';

test('plan and apply refuse it with the words with which the daemon waits; a file is enough to go on', async () => {
  const account = await openAccount({ live: [{}, {}] });
  const declare = (n: number) =>
    account.declare(n, { widget_type: 'chat', display_name: `Widget ${n}` });
  declare(0);
  declare(1);
  expect((await account.quickly('apply')).code).toBe(0);
  for (const n of [0, 1]) rmSync(join(account.dir, `w${n}.yaml`));

  const daemon = startCommand(['run', '--resync', 'off', '--api-url', account.sandbox.url], {
    cwd: join(account.dir, '..'),
    env: { INSIGHTO_API_KEY: 'in-test', NO_PROXY: '*' },
  });
  const { detail } = await daemon.waitForLog(({ code }) => code === 'emptied', 25_000);
  expect(detail).toContain('holds no widget file, though 2 widgets were applied with this state');
  daemon.signal('SIGTERM');
  expect((await daemon.finished).code).toBe(0);

  for (const args of [[], ['--json']]) {
    for (const command of ['plan', 'apply'] as const) {
      const before = account.sandbox.requests.length;
      expect(await account.quickly(command, ...args), command).toEqual({
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

test('an empty directory from which nothing ever came is only warned of', async () => {
  const account = await openAccount({ live: [] });
  const { code, stdout, stderr } = await account.command('apply');
  expect(code).toBe(0);
  expect(stdout).toContain('No changes.');
  expect(stderr).toContain('no-widgets');
});
