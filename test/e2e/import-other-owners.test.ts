// `import --update` over files of other people, by somebody whom permissions stop.
import { chmodSync, chownSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openAccount, textOf } from '../support/account.ts';
import { runCommand } from '../support/command.ts';
import { findCommoner } from '../support/confined-daemon.ts';

test('keeps the group of a file it may write, says that the owner is another, and leaves the others', async ({
  skip,
}) => {
  const commoner = findCommoner();
  if (typeof commoner === 'string') return skip(commoner);
  const { user } = commoner;
  if (user === undefined) return skip('only root makes files of other people');
  const account = await openAccount({
    live: ['Ava', 'Bea', 'Cleo'].map((name) => ({ widget_type: 'chat', name })),
  });
  for (const n of [0, 1, 2]) account.declare(n, { widget_type: 'chat', name: 'before' });
  const path = (n: number) => join(account.dir, `w${n}.yaml`);
  const root = join(account.dir, '..');
  for (const dir of [root, account.dir]) {
    chmodSync(dir, 0o755);
    chownSync(dir, user.uid, user.gid);
  }
  chownSync(path(0), 1234, user.gid);
  chmodSync(path(0), 0o664);
  chownSync(path(1), 1234, 4321);
  chmodSync(path(1), 0o676);
  chownSync(path(2), 1234, 4321);
  chmodSync(path(2), 0o664);

  const { code, stdout, stderr } = await runCommand(
    ['import', '--update', '--api-url', account.sandbox.url, '--rate', '500/s'],
    { cwd: root, env: { INSIGHTO_API_KEY: 'in-test', NO_PROXY: '*' }, user },
  );
  const now = `belongs to user ${user.uid} and group ${user.gid} now`;
  expect(stderr).toContain(`widgets/w0.yaml ${now}, and not to user 1234 and group ${user.gid} `);
  expect(stderr).toContain(`widgets/w1.yaml ${now}, and not to user 1234 and group 4321 `);
  expect(statSync(path(0))).toMatchObject({ uid: user.uid, gid: user.gid });
  expect(statSync(path(0)).mode & 0o777).toBe(0o664);
  // Our group may not do what was meant for another one.
  expect(statSync(path(1)).mode & 0o777).toBe(0o666);
  expect(textOf(account.dir, 'w1.yaml')).toContain('name: Bea');

  expect(stdout).toMatch(/^skipped widgets\/w2\.yaml: the file cannot be written: EACCES/m);
  expect(textOf(account.dir, 'w2.yaml')).toContain('name: before');
  expect(statSync(path(2))).toMatchObject({ uid: 1234, gid: 4321 });
  expect(readdirSync(account.dir).sort()).toEqual(['w0.yaml', 'w1.yaml', 'w2.yaml']);
  expect(code).toBe(1);
});
