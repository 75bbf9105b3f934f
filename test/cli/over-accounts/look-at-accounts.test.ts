// The commands that look at what is kept, over several accounts: no key, no network.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commitAll, initRepository } from '../../documents/repository.ts';
import { writeFile } from '../../support/command.ts';
import {
  readAccountsStatusJson,
  readAccountsWhereJson,
  readExplainJson,
  readHistoryJson,
  readStatusJson,
} from '../../support/json-shapes.ts';
import { runHere, waitForOutput } from '../../support/program.ts';
import { widgetId } from '../../support/sandbox.ts';
import { openSomeAccounts, type SomeAccounts } from '../../support/some-accounts.ts';
import { startHere } from '../../support/start-here.ts';
import { generousMs } from '../../support/workspace.ts';

const refused = { kind: 'answer', status: 422, body: { detail: 'not that' } } as const;

/** Of three accounts one is calm, one has a widget that is refused, and one was never run. */
async function openThree(): Promise<SomeAccounts> {
  const accounts = await openSomeAccounts(['calm', 'failing', 'quiet'], {
    sandbox: (name) => ({
      onRequest: ({ method, path }) =>
        name === 'failing' && method === 'PUT' && path.includes(widgetId(1)) ? refused : undefined,
    }),
  });
  await accounts.apply('calm');
  await accounts.apply('failing');
  // What is asked now is asked of the state alone.
  rmSync(join(accounts.root, 'keys'), { recursive: true });
  return accounts;
}

const asking = ({ flags }: SomeAccounts, command: string, ...words: string[]) =>
  runHere([command, ...words, ...flags]);

describe('status', () => {
  test('lists the worst first, with why and with totals', async () => {
    const accounts = await openThree();
    accounts.declare({ broken: { rate: 'fast' } });
    const { code, stdout } = await asking(accounts, 'status');
    expect(code).toBe(1);
    const rows = stdout.split('\n').map((line) => line.split(/ {2,}/));
    expect(rows.slice(1, 5).map(([state, name]) => [state, name])).toEqual([
      ['not running', 'quiet'],
      ['held', 'broken'],
      ['failing', 'failing'],
      ['calm', 'calm'],
    ]);
    expect(stdout).toMatch(/failing +failing +2: 1 failed .*w1\.yaml: .*422/);
    expect(stdout).toMatch(/held +broken .*accounts\.yaml:\d+:\d+.*rate/);
    expect(stdout).toContain('Of 4 widgets: 3 applied, 1 failed.\n');
    expect(stdout).toContain('Of 4 accounts: 1 calm, 1 failing, 1 held, 1 not running.\n');
  });

  test('in JSON is what one account has, for each, with totals', async () => {
    const accounts = await openThree();
    const { stdout } = await asking(accounts, 'status', '--json');
    const { accounts: all, summary } = readAccountsStatusJson(stdout);
    expect(all.map(({ account, account_state }) => [account, account_state])).toEqual([
      ['quiet', 'not-running'],
      ['failing', 'failing'],
      ['calm', 'calm'],
    ]);
    expect(summary).toMatchObject({
      accounts: 3,
      widgets: 4,
      account_states: { calm: 1, failing: 1, 'not-running': 1, blocked: 0 },
      states: { applied: 3, failed: 1 },
    });
    const { stdout: alone } = await asking(accounts, 'status', '--json', '--account', 'failing');
    const one = readStatusJson(alone);
    expect(one.failed).toMatchObject([{ file: 'w1.yaml', http_status: 422 }]);
    expect(all[1]).toMatchObject({ account: 'failing', failed: one.failed, widgets: one.widgets });
  });

  test('of one account is its page, and of some their rows', async () => {
    const accounts = await openThree();
    const page = await asking(accounts, 'status', '--account', 'calm');
    expect(page).toMatchObject({ code: 0, stderr: '' });
    expect(page.stdout).toMatch(/^APPLIED +WIDGET[\s\S]*\n2 applied, 0 orphaned/);
    const two = await asking(accounts, 'status', '--account', 'calm', '--account', 'failing');
    expect(two.stdout).toContain('Of 2 accounts: 1 calm, 1 failing.');
    const parts = await asking(accounts, 'status', '--only', 'failed');
    expect(parts.stdout).toMatch(/^failing: failing\n\nFAILED .*\nw1\.yaml /);
    expect(parts.stdout).not.toContain('APPLIED');
    const none = await asking(accounts, 'status', '--widget', 'nobody.yaml');
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toContain('no widget is known by the file, id or name nobody.yaml');
  });
});

test('history is one of all accounts, the newest last', async () => {
  const accounts = await openThree();
  accounts.of['calm']?.write(0, 'later');
  writeFile(accounts.root, 'keys/calm', `${accounts.of['calm']?.key}\n`);
  await accounts.apply('calm');
  const entries = readHistoryJson((await asking(accounts, 'history', '--json')).stdout);
  expect(entries.map(({ account }) => account).sort()).toEqual(['calm', 'calm', 'calm', 'failing']);
  expect(entries.at(-1)).toMatchObject({ account: 'calm', file: 'w0.yaml', reason: 'edited' });
  const { stdout, stderr } = await asking(accounts, 'history', '--limit', '1');
  expect(stdout).toMatch(/^\S+Z {2}calm {2}w0\.yaml .*edited/);
  expect(stderr).toBe('widget-sync: without a state so far: quiet\n');
  const alone = readHistoryJson(
    (await asking(accounts, 'history', '--json', '--account', 'failing')).stdout,
  );
  expect(alone).toMatchObject([{ account: 'failing', file: 'w0.yaml' }]);
});

describe('explain', () => {
  test('finds the widget in whatever account it is', async () => {
    const accounts = await openThree();
    const { code, stdout } = await asking(accounts, 'explain', 'failing 1');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^failing: w1\.yaml is not live: .*not that/);
    const path = join(accounts.of['failing']?.dir ?? '', 'w1.yaml');
    const json = await asking(accounts, 'explain', path, '--json');
    expect(readExplainJson(json.stdout)).toMatchObject({ account: 'failing', file: 'w1.yaml' });
  });

  test('tells in which accounts it may be meant, and where it could not look', async () => {
    const accounts = await openThree();
    accounts.declare({ broken: { rate: 'fast' } });
    const several = await asking(accounts, 'explain', 'w0.yaml');
    expect(several).toMatchObject({ code: 2, stdout: '' });
    expect(several.stderr).toMatch(
      /means widgets of 2 accounts.*--account.*calm: w0\.yaml \(.*\); failing: /,
    );
    const none = await asking(accounts, 'explain', 'nobody.yaml');
    expect(none).toMatchObject({ code: 2, stdout: '' });
    expect(none.stderr).toMatch(/no widget of 3 accounts.*not looked at: quiet \(.*; broken \(/);
    const named = await asking(accounts, 'explain', 'w0.yaml', '--account', 'calm');
    expect(named.stdout).toMatch(/^w0\.yaml is live since /);
  });

  test('advises commands that name the account, and not its directory', async () => {
    const accounts = await openSomeAccounts(['one', 'two']);
    accounts.of['one']?.write(0, 'second', 'nope: [\n');
    await accounts.apply('one');
    const { stdout } = await asking(accounts, 'explain', 'w0.yaml', '--account', 'one');
    expect(stdout).toContain(`widget-sync validate --accounts ${accounts.file} --account one`);
  });
});

describe('where', () => {
  async function committed() {
    const accounts = await openSomeAccounts(['one', 'two', 'three']);
    initRepository(accounts.root);
    writeFile(accounts.root, '.gitignore', 'state\nkeys\n');
    commitAll(accounts.root);
    for (const name of ['one', 'two', 'three']) await accounts.apply(name);
    for (const name of ['one', 'two']) accounts.of[name]?.write(0, 'second');
    commitAll(accounts.root);
    return accounts;
  }

  test('is done when every account is that the commit concerns', async () => {
    const accounts = await committed();
    await accounts.apply('one');
    const early = await asking(accounts, 'where', 'HEAD', '--json');
    expect(early.code).toBe(1);
    const told = readAccountsWhereJson(early.stdout);
    expect(told.accounts.map(({ account, done }) => [account, done])).toEqual([
      ['two', false],
      ['one', true],
    ]);
    expect(told.summary).toEqual({ accounts: 3, concerned: 2, done: 1 });
    const text = (await asking(accounts, 'where')).stdout;
    expect(text).toMatch(
      /\n\ntwo\nSTATE .*\nwaits +w0\.yaml[\s\S]*\n\none: Of 1 widget: 1 live\.\n/,
    );
    const waiting = asking(accounts, 'where', 'HEAD', '--wait', '60s');
    await accounts.apply('two');
    const { code, stdout } = await waiting;
    expect(code).toBe(0);
    expect(stdout).toMatch(/\n\none: Of 1 widget: 1 live\.\ntwo: Of 1 widget: 1 live\.\n/);
    expect(stdout).toContain('Of 2 accounts: 2 done, 0 not.\nIt brought nothing to 1 account.\n');
  });

  test('names a commit that brought nothing to anybody', async () => {
    const accounts = await committed();
    writeFile(accounts.root, 'README.md', 'for people\n');
    commitAll(accounts.root);
    const { code, stdout } = await asking(accounts, 'where');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[0-9a-f]{8} .+ \(.+, .+Z\)\n\nIt brought nothing to 3 accounts\.\n$/);
  });

  test('is not done while an account is held', async () => {
    const accounts = await committed();
    accounts.declare({ three: { rate: 'fast' } });
    for (const name of ['one', 'two']) await accounts.apply(name);
    const { code, stdout } = await asking(accounts, 'where');
    expect(code).toBe(1);
    expect(stdout).toMatch(/Of 2 accounts: 2 done, 0 not\.\nthree is held: .*rate/);
  });

  test('a directory beside --accounts is refused', async () => {
    const accounts = await openSomeAccounts(['one']);
    const { code, stderr } = await asking(accounts, 'where', 'HEAD', 'widgets');
    expect(code).toBe(2);
    expect(stderr).toContain('leave it away');
  });
});

describe('a file of accounts that cannot be used', () => {
  test('leaves what the states hold to be seen, and says what is wrong', async () => {
    const accounts = await openThree();
    writeFile(accounts.root, 'accounts.yaml', 'defaults: {timeuot: 1s}\naccounts: {calm: {}}\n');
    const status = await asking(accounts, 'status');
    expect(status.code).toBe(1);
    expect(status.stderr).toMatch(/accounts\.yaml:1:12: unknown field/);
    expect(status.stdout).toMatch(/failing +failing +2: 1 failed[\s\S]*calm +calm +2 /);
    const json = readAccountsStatusJson((await asking(accounts, 'status', '--json')).stdout);
    expect(json.problems).toMatchObject([{ place: expect.stringMatching(/yaml:1:12$/) }]);
    const alone = await asking(accounts, 'status', '--account', 'calm');
    expect(alone.stdout).toMatch(/\n2 applied, 0 orphaned/);
    expect(alone.stderr).toMatch(/unknown field/);
    const entries = readHistoryJson((await asking(accounts, 'history', '--json')).stdout);
    expect(new Set(entries.map(({ account }) => account))).toEqual(new Set(['calm', 'failing']));
    const explained = await asking(accounts, 'explain', 'failing 1');
    expect(explained.stdout).toMatch(/^failing: w1\.yaml is not live: /);
    rmSync(accounts.file);
    const gone = await asking(accounts, 'status');
    expect(gone.stderr).toMatch(/accounts\.yaml/);
    expect(gone.stdout).toContain('Of 2 accounts: 1 calm, 1 failing.');
    // What needs the directories does not guess them.
    expect(await asking(accounts, 'where')).toMatchObject({ code: 2, stdout: '' });
  });

  test('that holds nobody is told beside the accounts', async () => {
    const accounts = await openSomeAccounts(['calm']);
    await accounts.apply('calm');
    const entry = 'calm: {directory: clients/calm/widgets, key_file: keys/calm}';
    const each = 'each: {directory: "none/{name}/widgets", key_file: "keys/{name}"}';
    writeFile(accounts.root, 'accounts.yaml', `${each}\naccounts:\n  ${entry}\n`);
    for (const command of ['status', 'history']) {
      const { stderr } = await asking(accounts, command);
      expect(stderr).toMatch(/^widget-sync: .*accounts\.yaml:1.*none/);
    }
    expect((await asking(accounts, 'status')).code).toBe(1);
  });
});

test('status of an account that is held has its widgets, and --only leaves the sums', async () => {
  const accounts = await openSomeAccounts(['calm', 'other']);
  await accounts.apply('calm');
  await accounts.apply('other');
  accounts.declare({ other: { rate: 'fast' } });
  const { stdout } = await asking(accounts, 'status', '--only', 'failed');
  expect(stdout).toMatch(/held +other +2 .*rate/);
  expect(stdout).toContain('Of 4 widgets: 4 applied.\n');
});

test('status --watch shows accounts that come, and those that are held', async () => {
  const accounts = await openSomeAccounts(['calm']);
  await accounts.apply('calm');
  const watching = startHere(['status', '--watch', '--json', ...accounts.flags], {});
  await waitForOutput(watching, /"account":"calm"/);
  accounts.declare({ later: { rate: 'fast' } });
  await waitForOutput(watching, /"account":"later","account_state":"held"/);
});

test('status of a state directory that holds those of accounts says so', async () => {
  const accounts = await openSomeAccounts(['one', 'two']);
  await accounts.apply('one');
  await accounts.apply('two');
  const { stdout } = await runHere(['status', '--state', accounts.state]);
  expect(stdout).toContain('it holds those of 2 accounts (one, two)');
});

test('health counts all accounts, goes on without the file, and says which one is not followed', async () => {
  const accounts = await openSomeAccounts(['one', 'two']);
  await accounts.apply('one');
  const health = () => asking(accounts, 'health');
  const none = await health();
  expect(none.code).toBe(1);
  expect(none.stdout).toMatch(/^none of 2 accounts is followed; one: No daemon runs/);
  accounts.declare({ two: { rate: 'fast' } });
  startHere(['run', ...accounts.flags, '--watch', 'poll'], { NO_PROXY: '*' });
  const said = async () => (await health()).stdout;
  await expect.poll(said, { timeout: 2 * generousMs }).toBe('ok, 1 of 2 accounts followed\n');
  writeFile(accounts.root, 'accounts.yaml', 'defaults: {timeuot: 1s}\naccounts: {one: {}}\n');
  const beside = await health();
  expect(beside).toMatchObject({ code: 0, stdout: 'ok, 1 of 1 account followed\n' });
  expect(beside.stderr).toMatch(/unknown field/);
});
