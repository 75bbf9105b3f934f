// What people are told to type: a shell takes each word as it is meant, and the command takes each option.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import {
  accountOptions,
  commandForAccount,
  commandWith,
} from '../../../src/cli/wiring/command-with.ts';
import { readSettings } from '../../../src/config/settings.ts';
import type { AdvisedCommand } from '../../../src/status/explain/explanation.ts';
import { runHere } from '../../support/program.ts';

const apiUrl = 'https://api.example.com';

function typed(flags: { state?: string; apiUrl?: string }, env: Record<string, string> = {}) {
  const settings = readSettings(flags, env);
  return commandWith({ settings, apiUrl: flags.apiUrl ?? apiUrl, program: 'widget-sync' });
}

/** As a shell splits it. */
function wordsOf(command: string): string[] {
  const script = `set -- ${command}; printf '%s\\0' "$@"`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

test.each(['sp ace', "it's", '$HOME', '`id`', 'a;b', '*', '', 'ü', '"', '~'])(
  'the word %j reaches the command as it is',
  (word) => {
    const state = `/srv/${word}`;
    expect(wordsOf(typed({ state, apiUrl })('plan', word))).toEqual([
      ...['widget-sync', 'plan', word, '--state', state, '--api-url', apiUrl],
    ]);
  },
);

test('the account is named where the settings would not name it by themselves', () => {
  const byDefault = readSettings({}, {}).apiUrl;
  const ofDefault = { settings: readSettings({}, {}), apiUrl: byDefault, program: 'widget-sync' };
  expect(commandWith(ofDefault)('run', 'widgets')).toBe('widget-sync run widgets');
  // The state tells of another API than the default.
  expect(typed({})('run', 'widgets')).toBe(`widget-sync run widgets --api-url ${apiUrl}`);
  const env = { WIDGET_SYNC_API_URL: apiUrl };
  expect(typed({}, env)('run', 'widgets')).toBe('widget-sync run widgets');
  expect(typed({ state: 'kept' })('validate', 'widgets')).toBe('widget-sync validate widgets');
});

test('each command takes the options that it is given', async () => {
  for (const name of Object.keys(accountOptions) as AdvisedCommand[]) {
    const { stdout } = await runHere([name, '--help']);
    const taken = ['--state', '--api-url'].filter((flag) => stdout.includes(`${flag} `));
    const given = typed({ state: 'kept', apiUrl })(name)
      .split(' ')
      .filter((word) => word.startsWith('--'));
    expect([name, ...given]).toEqual([name, ...taken]);
  }
});

test('of one account among several the name takes the place of its directory and its API', async () => {
  const flags = { accounts: 'accounts.yaml', state: 'kept' };
  const one = { ...readSettings(flags, {}), state: 'kept/one' };
  const command = commandForAccount({ settings: one, program: 'widget-sync' }, 'one');
  const whose = '--accounts accounts.yaml --account one';
  expect(command('apply', '/srv/one/widgets', '--checksum', 'abc')).toBe(
    `widget-sync apply --checksum abc ${whose} --state kept`,
  );
  expect(command('forget', 'ava.yaml')).toBe(`widget-sync forget ava.yaml ${whose} --state kept`);
  expect(command('run', '/srv/one/widgets')).toBe(
    'widget-sync run --accounts accounts.yaml --state kept',
  );
  const env = { WIDGET_SYNC_ACCOUNTS: 'accounts.yaml', WIDGET_SYNC_STATE: 'kept' };
  const settings = readSettings({}, env);
  expect(commandForAccount({ settings, program: 'widget-sync' }, 'one')('plan', 'widgets')).toBe(
    'widget-sync plan --account one',
  );
  for (const name of Object.keys(accountOptions) as AdvisedCommand[]) {
    const { stdout } = await runHere([name, '--help']);
    const given = command(name)
      .split(' ')
      .filter((word) => word.startsWith('--'));
    expect(
      given.filter((flag) => !stdout.includes(`${flag} `)),
      name,
    ).toEqual([]);
  }
});
