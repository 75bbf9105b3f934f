// docs/accounts.md and docs/from-one-to-a-hundred.md say what the file may hold, and which moves lose nothing.
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { accountsSchema } from '../../src/accounts/accounts-schema.ts';
import { accountFields } from '../../src/config/account-settings.ts';
import { options } from '../../src/config/options.ts';
import { writeFile } from '../support/command.ts';
import { runIn } from '../support/program.ts';
import { accountsExample, accountsFile } from './accounts-example.ts';
import { editedExamples } from './edited-examples.ts';
import { blocksOf, pageOf, sectionOf } from './pages.ts';

const page = pageOf('docs/accounts.md');

test('it lists every part of the file, and every field of an account with its default', () => {
  const rows = [...sectionOf(page, 'The file').matchAll(/^\| `(\w+)` \|(?: (.*?) \|)?/gm)];
  const named = rows.map(([, name = '']) => name);
  const fields = Object.keys(accountsSchema.definitions);
  expect(named.sort()).toEqual([...Object.keys(accountsSchema.properties), ...fields].sort());
  for (const [field, option] of Object.entries(accountFields)) {
    const row = rows.find(([, name]) => name === field)?.[2];
    const usual = { allow: 'none', resync: '`hourly`', timezone: "the system's" }[field];
    expect(row, field).toBe(usual ?? `\`${options[option].fallback}\``);
  }
});

test('its example is two accounts, of which one has a rate of its own', async () => {
  const place = await accountsExample();
  expect(Object.keys(parse(accountsFile()))).toEqual(['defaults', 'each', 'accounts']);
  const { code, stdout, stderr } = await runIn(place, [
    'plan',
    '--accounts',
    'accounts.yaml',
    '--json',
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout).accounts).toMatchObject([
    { account: 'fernwood' },
    { account: 'harbor' },
  ]);
});

test('the move into a file of accounts loses nothing that one client had', async () => {
  const { cwd, env } = await editedExamples();
  const before = await runIn({ cwd, env }, ['plan', '--json']);
  const [moves = '', ...others] = blocksOf('sh').flatMap(({ page: path, text }) =>
    path === 'docs/from-one-to-a-hundred.md' && text.startsWith('mkdir') ? text : [],
  );
  expect(others).toEqual([]);
  for (const line of moves.trim().split('\n')) {
    if (!line.startsWith('npx --no -- widget-sync ')) execFileSync('sh', ['-c', line], { cwd });
    else {
      const words = line.split(' ').slice(4);
      expect(await runIn({ cwd, env: {} }, words)).toMatchObject({ code: 0, stderr: '' });
    }
  }
  const file = blocksOf('yaml').find(
    ({ page: path, text }) => path === 'docs/from-one-to-a-hundred.md' && /^each:/.test(text),
  );
  const apiUrl = env['WIDGET_SYNC_API_URL'] ?? '';
  writeFile(cwd, 'accounts.yaml', `${file?.text}\ndefaults: {api_url: "${apiUrl}"}\n`);
  writeFile(cwd, 'keys/fernwood', env['INSIGHTO_API_KEY'] ?? '');
  execFileSync('chmod', ['600', join(cwd, 'keys/fernwood')]);
  const words = ['--accounts', 'accounts.yaml', '--account', 'fernwood'];
  const after = await runIn({ cwd, env: {} }, ['plan', '--json', ...words]);
  expect(after).toMatchObject({ code: before.code, stderr: '' });
  const { account, ...moved } = JSON.parse(after.stdout);
  expect(account).toBe('fernwood');
  // The cost of one read may be known already; what would be done is the same, to the checksum.
  const { checksum, changes, drifted, summary, nothing_recorded } = JSON.parse(before.stdout);
  expect(moved).toMatchObject({ checksum, changes, drifted, summary, nothing_recorded });
  expect(readdirSync(join(cwd, '.widget-sync'))).toContain('fernwood');
  rmSync(join(cwd, 'base'), { recursive: true });
});
