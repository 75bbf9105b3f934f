// Why an account is not followed, for those who look at the states beside the process.
import { existsSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeFile } from '../../support/command.ts';
import { runHere } from '../../support/program.ts';
import { openSomeAccounts } from '../../support/some-accounts.ts';
import { startHere } from '../../support/start-here.ts';
import { generousMs } from '../../support/workspace.ts';

const missing = /key_file of late \(.*keys\/late\) does not exist/;

test('status, explain and history say why an account is not followed, until it is', async () => {
  const accounts = await openSomeAccounts(['here', 'late']);
  const ask = async (command: string, ...words: string[]) => {
    const { code, stdout, stderr } = await runHere([command, ...words, ...accounts.flags]);
    return { code, said: stdout + stderr };
  };
  const key = join(accounts.root, 'keys/late');
  rmSync(key);
  // Before anything runs it is seen that there is no key.
  expect((await ask('status')).said).toMatch(missing);
  const daemon = startHere(['run', ...accounts.flags, '--watch', 'poll'], { NO_PROXY: '*' });
  const waits = ({ msg, account }: { msg?: unknown; account?: unknown }) =>
    account === 'late' && String(msg).includes('cannot be followed');
  await daemon.waitForLog(waits, generousMs);
  const file = join(accounts.state, 'late.unfollowed.json');
  await expect.poll(() => existsSync(file), { timeout: generousMs }).toBe(true);
  for (const words of [['status'], ['status', '--account', 'late'], ['explain', 'nobody.yaml']]) {
    const { code, said } = await ask(...(words as [string]));
    expect(said).toMatch(missing);
    expect(code).not.toBe(0);
  }
  writeFile(accounts.root, 'keys/late', `${accounts.of['late']?.key}\n`);
  await expect.poll(async () => (await ask('status')).code, { timeout: 2 * generousMs }).toBe(0);
  await expect.poll(() => existsSync(file), { timeout: generousMs }).toBe(false);
});

test('a state that another process has is told, and is no longer once that process is gone', async () => {
  const accounts = await openSomeAccounts(['here']);
  await accounts.apply('here');
  const write = (pid: number) =>
    writeFile(
      accounts.state,
      'here.unfollowed.json',
      JSON.stringify({ version: 1, pid, host: hostname(), says: 'it is in use by another' }),
    );
  const status = (...words: string[]) => runHere(['status', ...words, ...accounts.flags]);
  write(process.pid);
  expect((await status()).stdout).toMatch(/not running +here +2 .*it is in use by another/);
  const alone = await status('--account', 'here');
  expect(alone).toMatchObject({ code: 1 });
  expect(alone.stderr).toBe('widget-sync: not followed now: it is in use by another\n');
  // No process has this id.
  write(2 ** 22 + 1);
  expect((await status()).stdout).toMatch(/calm +here +2 /);
  expect(await status('--account', 'here')).toMatchObject({ code: 0, stderr: '' });
});

test('a key file that goes missing is in the way of its account until it is well again', async () => {
  const accounts = await openSomeAccounts(['one', 'two']);
  const daemon = startHere(['run', ...accounts.flags, '--watch', 'poll'], { NO_PROXY: '*' });
  const status = async () => (await runHere(['status', ...accounts.flags])).stdout;
  const seen = { timeout: 2 * generousMs };
  await expect.poll(status, seen).toContain('Of 2 accounts: 2 calm.');
  const key = join(accounts.root, 'keys/two');
  rmSync(key);
  await expect
    .poll(status, seen)
    .toMatch(
      /blocked +two +2 .*key_file of two.*does not exist; the key read before[\s\S]*calm +one/,
    );
  writeFile(accounts.root, 'keys/two', `${accounts.of['two']?.key}\n`);
  await daemon.waitForLog(({ msg }) => msg === 'the key file can be used again', generousMs);
  await expect.poll(status, seen).toContain('Of 2 accounts: 2 calm.');
});
