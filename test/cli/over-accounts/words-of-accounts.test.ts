// What a person is told to do about one account of several can be done with the file of accounts.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAccountsJson, readAccountsLines, readPlanJson } from '../../support/json-shapes.ts';
import { runHere } from '../../support/program.ts';
import { openSomeAccounts } from '../../support/some-accounts.ts';
import { startHere } from '../../support/start-here.ts';
import { generousMs } from '../../support/workspace.ts';

const env = { NO_PROXY: '*' };
const patience = { timeout: generousMs };

test('what the log of an account says of a refused plan approves it, word for word', async () => {
  const accounts = await openSomeAccounts(['one', 'two']);
  accounts.declare({ one: { max_changes: 1 } });
  const words = ['run', ...accounts.flags, '--watch', 'poll', '--poll-interval', '50ms'];
  const daemon = startHere(words, env);
  const { detail } = await daemon.waitForLog(({ msg }) => msg === 'refused: too many changes');
  const shown = await runHere(['plan', '--account', 'one', ...accounts.flags]);
  expect(shown.stdout).toContain(`Would be refused: ${detail}.`);
  expect(detail).toMatch(
    /^2 widgets would change, and max_changes of one allows 1: nothing is sent/,
  );
  expect(detail).toContain('widget-sync plan --account one shows all of it');
  const [, typed = ''] =
    /widget-sync (apply --checksum \w+ --account one) and the flags of this run$/.exec(
      String(detail),
    ) ?? [];
  const live = () => accounts.of['one']?.sandbox.widgets().map((one) => one['display_name']);
  expect(live()).not.toContain('first');
  // The status that it asks is written a moment after the line.
  const approve = async () => (await runHere([...typed.split(' '), ...accounts.flags])).code;
  await expect.poll(approve, patience).toBe(0);
  await expect.poll(live, patience).toEqual(['first', 'first']);
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

test('an account that has another name is told where its state was left, and how to move it', async () => {
  const accounts = await openSomeAccounts(['one', 'two']);
  const { file, state, flags, of } = accounts;
  await accounts.apply('one');
  await accounts.apply('two');
  const fields = `directory: clients/one/widgets, key_file: keys/one, api_url: "${of['one']?.sandbox.url}"`;
  const two = `directory: clients/two/widgets, key_file: keys/two, api_url: "${of['two']?.sandbox.url}"`;
  writeFileSync(file, `defaults: {resync: off}\naccounts:\n  uno: {${fields}}\n  two: {${two}}\n`);
  const [left, own] = [join(state, 'one'), join(state, 'uno')];
  const move = ['state', 'move', '--from', left, '--to', own];
  const planned = await runHere(['plan', ...flags]);
  expect(planned.stdout).toContain(
    `${left} is the state of no account, and has 2 records of these widgets`,
  );
  expect(planned.stdout.match(/is the state of no account/g)).toHaveLength(1);
  expect(planned.stdout).toContain(`Then move it: widget-sync ${move.join(' ')}`);
  const left_state = { directory: left, records: 2 };
  const json = await runHere(['plan', ...flags, '--json']);
  const values = readAccountsJson(json.stdout, readPlanJson).accounts;
  expect(values).toMatchObject([{ account: 'uno', left_state }, { account: 'two' }]);
  expect(values[1]).not.toHaveProperty('left_state');
  const applied = await runHere(['apply', ...flags, '--json']);
  const sums = readAccountsLines(applied.stdout).lines.filter(({ type }) => type === 'summary');
  expect(sums).toMatchObject([{ account: 'uno', left_state }, { account: 'two' }]);
  rmSync(own, { recursive: true });
  const told = await runHere(['apply', ...flags]);
  expect(told.stdout).toContain(
    `Then remove ${own}, and then move it: widget-sync ${move.join(' ')}`,
  );
  rmSync(own, { recursive: true });
  const poll = ['--watch', 'poll', '--poll-interval', '50ms'];
  const daemon = startHere(['run', ...flags, ...poll], env);
  const { detail } = await daemon.waitForLog(({ msg }) => /begins anew/.test(String(msg)));
  expect(detail).toContain(`stop this process, remove ${own}, and then move it: widget-sync`);
  daemon.signal('SIGTERM');
  await daemon.finished;
  rmSync(own, { recursive: true });
  expect(await runHere(move)).toMatchObject({ code: 0 });
  expect((await runHere(['plan', ...flags])).stdout).not.toMatch(/no account|nothing is recorded/);
});
