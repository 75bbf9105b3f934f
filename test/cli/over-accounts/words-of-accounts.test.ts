// What a person is told to do about one account of several can be done with the file of accounts.
import { expect, test } from 'vitest';
import { runHere } from '../../support/program.ts';
import { openSomeAccounts } from '../../support/some-accounts.ts';
import { startHere } from '../../support/start-here.ts';
import { generousMs } from '../../support/workspace.ts';

const env = { NO_PROXY: '*' };
const patience = { timeout: generousMs };

test('what the status of an account says of a refused plan approves it, word for word', async () => {
  const accounts = await openSomeAccounts(['one', 'two']);
  accounts.declare({ one: { max_changes: 1 } });
  startHere(['run', ...accounts.flags, '--watch', 'poll', '--poll-interval', '50ms'], env);
  const status = async () => (await runHere(['status', ...accounts.flags])).stdout;
  await expect.poll(status, patience).toContain('max_changes of one allows 1: nothing is sent');
  const [, words = ''] =
    /widget-sync (apply --checksum \w+ --account one) and the flags of this run/.exec(
      await status(),
    ) ?? [];
  expect(await status()).toContain('widget-sync plan --account one shows all of it');
  const live = () => accounts.of['one']?.sandbox.widgets().map((one) => one['display_name']);
  expect(live()).not.toContain('first');
  const shown = await runHere(['plan', '--account', 'one', ...accounts.flags]);
  expect(shown.stdout).toContain(`widget-sync ${words} and the flags of this run`);
  expect(await runHere([...words.split(' '), ...accounts.flags])).toMatchObject({ code: 0 });
  await expect.poll(status, patience).not.toContain('nothing is sent');
  expect(live()).toEqual(['first', 'first']);
  const beside = await runHere(['apply', '--account', 'one', ...accounts.flags]);
  expect(beside).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('what waits is approved by apply --account one --checksum;'),
  });
  expect(beside.stderr).not.toContain('another directory');
});

test('a key that the API refuses is told by the entry that names it', async () => {
  const refused = { kind: 'answer', status: 401, body: { detail: 'no such key' } } as const;
  const accounts = await openSomeAccounts(['one'], {
    sandbox: () => ({ onRequest: () => refused }),
  });
  const { stderr } = await runHere(['plan', ...accounts.flags]);
  expect(stderr).toMatch(/refused the key \(401\).*Check key_file of one \(\S+one\S*\)\./);
  expect(stderr).not.toContain('INSIGHTO_API_KEY');
});

test('a state of another API is told by the field of the account', async () => {
  const accounts = await openSomeAccounts(['one']);
  await accounts.apply('one');
  accounts.declare({ one: { api_url: 'http://127.0.0.1:9' } });
  for (const command of ['plan', 'apply', 'status']) {
    const { stdout, stderr } = await runHere([command, ...accounts.flags]);
    const url = accounts.of['one']?.sandbox.url;
    expect(`${command}: ${stdout}${stderr}`).toContain(`say api_url: ${url} for the account one`);
    expect(stdout + stderr).not.toContain('--api-url');
  }
});
