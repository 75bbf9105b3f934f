import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, test } from 'vitest';
import { accountKey, openAccountsWorld } from '../../support/accounts-world.ts';
import {
  readAccountsJson,
  readAccountsLines,
  readApplyJson,
  readForgetJson,
  readImportJson,
  readPlanJson,
  readPreviewJson,
  readValidateJson,
} from '../../support/json-shapes.ts';
import { widgetId } from '../../support/sandbox.ts';

const three = { birch: 1, fernwood: 2, harbor: 1 };

/** Of each section its name. */
function titles(stdout: string): string[] {
  return [...stdout.matchAll(/^=== (.*)$/gm)].map(([, title = '']) => title);
}

function lastLine(stdout: string): string {
  return stdout.trimEnd().split('\n').at(-1) ?? '';
}

/** Nothing of it may say a key. */
function expectNoKey({ stdout, stderr }: { stdout: string; stderr: string }): void {
  expect(`${stdout}${stderr}`).not.toContain('in-key-of');
}

describe('over all accounts', () => {
  test('apply brings each its own files with its own key, and keeps each a state of its own', async () => {
    const world = await openAccountsWorld({ accounts: three });
    world.widget('harbor', 0, 'Harbor');
    const done = await world.over('apply');
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(titles(done.stdout)).toEqual(['birch', 'fernwood', 'harbor']);
    expect(done.stdout).toContain('clients/fernwood/widgets/w1.yaml');
    expect(lastLine(done.stdout)).toBe('3 accounts: 3 with changes. 4 widgets applied.');
    expect(world.namesLive('fernwood')).toEqual(['first', 'first']);
    expect(world.namesLive('harbor')).toEqual(['Harbor']);
    expect(readdirSync(world.at('.widget-sync')).sort()).toEqual(['birch', 'fernwood', 'harbor']);
    expectNoKey(done);
    const again = await world.over('apply');
    expect(lastLine(again.stdout)).toBe('3 accounts: 3 calm. 0 widgets applied.');
  });

  test('what all accounts have to say in the same words is said once, with their names', async () => {
    const world = await openAccountsWorld({ accounts: three });
    const { stdout } = await world.over('plan');
    const notes = stdout.split('\n').filter((line) => line.startsWith('Note: nothing is recorded'));
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('.widget-sync/<account>,');
    expect(notes[0]).toMatch(/\(birch, fernwood, harbor\)$/);
    const { stdout: one } = await world.over('plan', '--account', 'harbor');
    expect(one).toContain('.widget-sync/harbor,');
  });

  test('the worst come first, one that fails stops no other, and the worst code is that of all', async () => {
    const world = await openAccountsWorld({ accounts: { ...three, maple: 1, oak: 1 } });
    expect(await world.over('apply', '--account', 'birch')).toMatchObject({ code: 0 });
    rmSync(world.at('keys/fernwood'));
    world.accounts({ harbor: 'rate: soon' });
    writeFileSync(world.at('keys/maple'), 'in-a-key-that-is-refused-1');
    world.write('clients/oak/widgets/w0.yaml', 'widget_id: x\n');
    const done = await world.over('plan');
    expect(done.code).toBe(1);
    expect(titles(done.stdout)).toEqual([
      'fernwood: could not be done',
      'harbor: could not be done',
      'maple: could not be done',
      'oak',
      'birch',
    ]);
    expect(lastLine(done.stdout)).toBe(
      '5 accounts: 4 failed, 1 calm. 0 of 2 widgets to update, 1 held.',
    );
    const said = done.stderr.split('\n');
    expect(said).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^widget-sync: fernwood: key_file of fernwood \(.*keys\/fernwood\) does not exist\./,
        ),
        expect.stringMatching(
          /^widget-sync: harbor: accounts\.yaml:6:\d+: rate: expected .*, found "soon"$/,
        ),
        expect.stringMatching(/^widget-sync: maple: .*401/),
        expect.stringMatching(/^oak: clients\/oak\/widgets\/w0\.yaml:1:1: error:/),
      ]),
    );
    expectNoKey(done);
  });

  test('--detailed-exitcode is 2 where anything would change, and 1 where anything fails', async () => {
    const world = await openAccountsWorld({ accounts: three });
    await world.over('apply', '--account', 'birch', '--account', 'harbor');
    expect(await world.over('plan', '--detailed-exitcode')).toMatchObject({ code: 2 });
    expect(await world.over('plan', '--detailed-exitcode', '--account', 'birch')).toMatchObject({
      code: 0,
    });
    rmSync(world.at('keys/birch'));
    expect(await world.over('plan', '--detailed-exitcode')).toMatchObject({ code: 1 });
  });

  test('what is printed does not depend on who answers first', async () => {
    const accounts = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`client-${n}`, 1]));
    const world = await openAccountsWorld({ accounts });
    const { stdout } = await world.over('plan');
    expect(titles(stdout)).toEqual(Object.keys(accounts).sort());
    expect((await world.over('plan')).stdout).toBe(stdout);
  });

  test('an account that is suspended is written nothing, and says what waits', async () => {
    const world = await openAccountsWorld({ accounts: { birch: 1, fernwood: 1 } });
    world.accounts({ fernwood: 'suspend: until the rebrand' });
    const { code, stdout } = await world.over('apply');
    expect(code).toBe(0);
    expect(stdout).toContain('the whole account is suspended: until the rebrand');
    expect(world.writes('fernwood')).toEqual([]);
    expect(world.namesLive('birch')).toEqual(['first']);
    const explained = await world.over('explain', 'w0.yaml', '--account', 'fernwood');
    expect(explained.stdout).toContain('take suspend out of the entry of the account');
  });

  test('a folder that is no account, and a key for two, are told', async () => {
    const world = await openAccountsWorld({ accounts: three });
    mkdirSync(world.at('clients/No Name/widgets'), { recursive: true });
    writeFileSync(world.at('keys/harbor'), accountKey('birch'));
    const done = await world.over('validate');
    expect(done.code).toBe(1);
    expect(done.stderr).toMatch(/^widget-sync: accounts\.yaml:2:\d+: directory: .*"No Name"/m);
    expect(done.stderr).toMatch(/harbor: accounts\.yaml:.* birch and harbor have one API key/);
    expect(titles(done.stdout)).toEqual([
      'birch: could not be done',
      'harbor: could not be done',
      'fernwood',
    ]);
    expectNoKey(done);
  });

  test('plan says once how far a fragment of several accounts reaches', async () => {
    const world = await openAccountsWorld({ accounts: three });
    const house = (text: string) =>
      world.write('_house.yaml', `widget_type: chat\nbubble_text: ${text}\n`);
    const inherits = (account: string, n: number) =>
      world.write(
        `clients/${account}/widgets/w${n}.yaml`,
        `extends: ../../../_house.yaml\nwidget_id: ${world.idOf(account, n)}\n`,
      );
    house('Hi');
    inherits('birch', 0);
    inherits('fernwood', 0);
    inherits('fernwood', 1);
    expect((await world.over('apply')).code).toBe(0);
    const calm = await world.over('plan');
    expect(calm.stdout).not.toContain('reaches');
    house('Hello');
    const { stdout } = await world.over('plan');
    const words = 'reaches 3 widgets in 2 accounts: 3 change in 2';
    expect(stdout.split('\n')[0]).toBe(`_house.yaml ${words}`);
    const json = await world.over('plan', '--json');
    expect(readAccountsJson(json.stdout, readPlanJson).fragments).toEqual([
      {
        ...{ file: '_house.yaml', widgets: 3, changes: 3 },
        ...{ accounts: ['birch', 'fernwood'], accounts_changed: ['birch', 'fernwood'] },
      },
    ]);
    const comment = await world.over('plan', '--format', 'markdown');
    expect(comment.stdout.split('\n').slice(2, 5)).toEqual(['', `\`_house.yaml\` ${words}`, '']);
  });

  test('what is wrong with a fragment that accounts share is said and counted once', async () => {
    const world = await openAccountsWorld({ accounts: three });
    world.write('_house.yaml', 'widget_type: chat\nbubble_txt: Hi\n');
    const inherits = (account: string, n: number) =>
      world.write(
        `clients/${account}/widgets/w${n}.yaml`,
        `extends: ../../../_house.yaml\nwidget_id: ${widgetId(n)}\n`,
      );
    inherits('birch', 0);
    inherits('fernwood', 0);
    inherits('fernwood', 1);
    world.write('clients/fernwood/widgets/w2.yaml', 'widget_id: x\n');
    const { stdout, code } = await world.over('validate');
    expect(code).toBe(1);
    expect(titles(stdout)).toEqual([
      'in what several accounts share',
      'birch',
      'fernwood',
      'harbor',
    ]);
    expect(stdout.match(/_house\.yaml:2:1: error: /g)).toHaveLength(1);
    const [shared = '', birch = '', fernwood = '', harbor = ''] = stdout.split('=== ').slice(1);
    expect(shared).toMatch(
      /bubble_txt .*\(holds 3 widgets: \S*clients\/birch\/widgets\/w0\.yaml, \S*clients\/fernwood\/widgets\/w0\.yaml, \S*w1\.yaml\)\n/,
    );
    expect(birch).toMatch(/\n1 error in 1 widget file, 1 of them told above\n/);
    expect(fernwood).toMatch(/w2\.yaml:1:12: error/);
    expect(fernwood).toMatch(/\n\d errors in 3 widget files, 1 of them told above\n/);
    expect(harbor).not.toContain('above');
    const own = (fernwood.match(/: error: /g) ?? []).length;
    expect(lastLine(stdout)).toContain(`${own + 1} errors, 0 warnings and`);

    const json = readAccountsJson(
      (await world.over('validate', '--json')).stdout,
      readValidateJson,
    );
    expect(json.summary).toMatchObject({ error_count: own + 1 });
    expect(json.accounts).toMatchObject([
      { account: 'birch', error_count: 1, diagnostics: [{ affects: { count: 1 } }] },
      { account: 'fernwood', error_count: own + 1 },
      { account: 'harbor', error_count: 0 },
    ]);
  });

  test('a file that cannot be used is refused with all that is wrong', async () => {
    const world = await openAccountsWorld({ accounts: three });
    world.write('accounts.yaml', 'defaults: {rate: 5}\neach: {directory: clients}\n');
    const done = await world.over('plan');
    expect(done).toMatchObject({ code: 1, stdout: '' });
    expect(
      done.stderr
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(/: .*/, '')),
    ).toEqual([
      'widget-sync',
      ...done.stderr
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.replace(/: .*/, '')),
    ]);
    expect(done.stderr).toMatch(/accounts\.yaml:1:12: rate: expected/);
    expect(done.stderr).toMatch(/accounts\.yaml:2:8: directory: expected one folder/);
    expect(done.stderr).toMatch(/accounts\.yaml:2:1: key_file is missing/);
    world.write('accounts.yaml', 'each: {directory: "none-{name}", key_file: "{name}"}\n');
    mkdirSync(world.at('empty'));
    world.write('accounts.yaml', 'each: {directory: "empty/{name}", key_file: "{name}"}\n');
    expect((await world.over('plan')).stderr).toMatch(/accounts\.yaml names no account/);
  });
});

test('the key of one account in a file of another is found, and held', async () => {
  const world = await openAccountsWorld({ accounts: { birch: 1, fernwood: 1 } });
  world.widget('fernwood', 0, 'first', `intro_message: "${accountKey('birch')}"\n`);
  for (const words of [[], ['--account', 'fernwood']]) {
    const done = await world.over('apply', ...words);
    expect(done.code).toBe(1);
    expect(`${done.stdout}${done.stderr}`).toContain('holds-key');
    expectNoKey(done);
  }
  expect(world.writes('fernwood')).toEqual([]);
  expect(world.namesLive('birch')).toEqual(['first']);
});

describe('for one account', () => {
  test('the output is that of a single one, with the name of the account for programs', async () => {
    const world = await openAccountsWorld({ accounts: three });
    const { code, stdout } = await world.over('plan', '--account', 'fernwood');
    expect(code).toBe(0);
    expect(titles(stdout)).toEqual([]);
    expect(stdout).toMatch(/^Plan: 2 to update/m);
    const json = await world.over('plan', '--account', 'fernwood', '--json');
    const value = readPlanJson(json.stdout);
    expect(value).toMatchObject({ account: 'fernwood', changes: [{}, {}] });
    const lines = await world.over(
      'apply',
      '--account',
      'fernwood',
      '--checksum',
      value.checksum,
      '--json',
    );
    const { outcomes } = readApplyJson(lines.stdout);
    expect(outcomes).toMatchObject([{ account: 'fernwood' }, { account: 'fernwood' }]);
  });

  test('a name that there is not is told with the nearest', async () => {
    const world = await openAccountsWorld({ accounts: three });
    const { code, stderr } = await world.over('plan', '--account', 'fernwod');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'widget-sync: --account: there is no account fernwod in accounts.yaml; did you mean fernwood?\n',
    });
  });

  test('one that is held is told with its places', async () => {
    const world = await openAccountsWorld({ accounts: three });
    world.accounts({ birch: 'rate: 0/s' });
    const { code, stderr } = await world.over('apply', '--account', 'birch');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^widget-sync: accounts\.yaml:4:\d+: rate: expected/);
  });

  test.each<[string, string[], RegExp]>([
    [
      'a checksum',
      ['apply', '--checksum', 'a'.repeat(64)],
      /--checksum is that of the plan of one/,
    ],
    ['widgets to import', ['import', '--only', 'abcd'], /--only names widgets of one account/],
    ['widgets to forget', ['forget', 'w0.yaml'], /widgets that are named are of one account/],
    ['a page that is served', ['preview'], /the page that is served is of one account/],
    ['a page', ['preview', '--out', 'page.html'], /is a page of one account.*or name a folder/],
    [
      'another directory',
      ['preview', '--json', '--before', 'other'],
      /--before other is a directory of one account/,
    ],
  ])('%s takes --account', async (_, words, says) => {
    const world = await openAccountsWorld({ accounts: { birch: 1, fernwood: 1 } });
    const [command = '', ...flags] = words;
    const { code, stdout, stderr } = await world.over(command, ...flags);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr).toContain('--account <name>');
  });
});

describe('beside --accounts', () => {
  const refusals: [words: string[], env: Record<string, string>, says: RegExp][] = [
    [['plan', 'widgets'], {}, /^widgets: beside --accounts the directories are those of the file/],
    [
      ['plan', '--rate', '9/s'],
      {},
      /^--rate: beside --accounts .*; say rate in accounts\.yaml, under defaults/,
    ],
    [['plan', '--api-url', 'https://a.b'], {}, /^--api-url: .*say api_url/],
    [['validate', '--allow', 'long-name'], {}, /^--allow: .*say allow/],
    [['apply', '--keep-history', 'all'], {}, /^--keep-history: .*say keep_history/],
    [['validate'], { WIDGET_SYNC_DRIFT: 'report' }, /^WIDGET_SYNC_DRIFT: .*say drift/],
    [['plan', '--sandbox'], {}, /^--sandbox is an account of its own: leave --accounts .*away/],
    [
      ['plan'],
      { INSIGHTO_API_KEY: 'in-x' },
      /^INSIGHTO_API_KEY: .*key_file, or key_env, in accounts\.yaml, and unset/,
    ],
    [['plan'], { INSIGHTO_API_KEY_FILE: 'k' }, /^INSIGHTO_API_KEY_FILE: .*a key of its own/],
  ];
  test.each(refusals)('%j with %j is refused', async (words, env, says) => {
    const world = await openAccountsWorld({ accounts: { birch: 1 }, env });
    const [command = '', ...flags] = words;
    const { code, stdout, stderr } = await world.over(command, ...flags);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.replace('widget-sync: ', '')).toMatch(says);
  });

  test('--account without it is refused', async () => {
    const world = await openAccountsWorld({ accounts: { birch: 1 } });
    const { code, stderr } = await world.run('plan', '--account', 'birch');
    expect(code).toBe(1);
    expect(stderr).toMatch(/add --accounts <file> \(WIDGET_SYNC_ACCOUNTS\)/);
  });

  test('the variable stands for the flag, and --accounts none for neither', async () => {
    const env = { WIDGET_SYNC_ACCOUNTS: 'accounts.yaml' };
    const world = await openAccountsWorld({ accounts: { birch: 1, fernwood: 1 }, env });
    expect(titles((await world.run('validate')).stdout)).toEqual(['birch', 'fernwood']);
    const { code, stdout } = await world.run(
      'validate',
      'clients/birch/widgets',
      '--accounts',
      'none',
    );
    expect({ code, titles: titles(stdout) }).toEqual({ code: 0, titles: [] });
  });

  test('the key of one process may be that of an account which names it', async () => {
    const env = { INSIGHTO_API_KEY: accountKey('birch') };
    const world = await openAccountsWorld({ accounts: { birch: 1, fernwood: 1 }, env });
    rmSync(world.at('keys/birch'));
    world.accounts({ birch: 'key_env: INSIGHTO_API_KEY' });
    expect(await world.over('apply')).toMatchObject({ code: 0 });
    expect(world.namesLive('birch')).toEqual(['first']);
    world.accounts({ birch: 'key_env: INSIGHTO_API_KEY, rate: soon' });
    expect(await world.over('plan', '--account', 'fernwood')).toMatchObject({ code: 0 });
  });
});

describe('for programs', () => {
  test('plan, validate, import, forget and preview print one value with each account in it', async () => {
    const world = await openAccountsWorld({ accounts: three });
    rmSync(world.at('keys/birch'));
    const planned = readAccountsJson((await world.over('plan', '--json')).stdout, readPlanJson);
    expect(planned.accounts.map(({ account }) => account)).toEqual(['birch', 'fernwood', 'harbor']);
    expect(planned.accounts[0]).toEqual({
      account: 'birch',
      error: expect.stringMatching(/key_file of birch/),
    });
    expect(planned.summary).toMatchObject({ accounts: 3, accounts_failed: 1, update: 3, total: 3 });
    const valid = readAccountsJson(
      (await world.over('validate', '--json')).stdout,
      readValidateJson,
    );
    expect(valid.summary).toMatchObject({ accounts: 3, accounts_failed: 0, files: 4 });
    const imported = await world.over(
      'import',
      '--json',
      '--account',
      'fernwood',
      '--account',
      'harbor',
    );
    expect(readAccountsJson(imported.stdout, readImportJson).summary).toMatchObject({ left: 3 });
    await world.over('apply');
    const shown = await world.over('preview', '--json');
    expect(readAccountsJson(shown.stdout, readPreviewJson).summary).toMatchObject({
      same: 3,
      alone: 1,
    });
    const forgets = await world.over(
      'forget',
      '--orphans',
      '--json',
      '--account',
      'fernwood',
      '--account',
      'harbor',
    );
    expect(readAccountsJson(forgets.stdout, readForgetJson).summary).toMatchObject({
      would_forget: 0,
    });
  });

  test('apply prints lines, each with its account', async () => {
    const world = await openAccountsWorld({ accounts: three });
    rmSync(world.at('keys/birch'));
    const done = await world.over('apply', '--json');
    expect(done.code).toBe(1);
    const { lines, totals } = readAccountsLines(done.stdout);
    expect(lines.map(({ account, type }) => `${account} ${type}`)).toEqual([
      'birch error',
      'fernwood outcome',
      'fernwood outcome',
      'fernwood summary',
      'harbor outcome',
      'harbor summary',
    ]);
    expect(totals).toMatchObject({ accounts: 3, accounts_failed: 1, applied: 3, failed: 0 });
  });

  test('lines of the log name the account', async () => {
    const world = await openAccountsWorld({ accounts: { birch: 1, fernwood: 1 } });
    // Each is warned of: others may read them.
    for (const name of ['birch', 'fernwood']) chmodSync(world.at(`keys/${name}`), 0o644);
    const { stderr } = await world.over('apply', '--json');
    const lines = stderr.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
    expect(lines.length).toBeGreaterThan(0);
    expect(new Set(lines.map(({ account }) => account))).toEqual(new Set(['birch', 'fernwood']));
  });
});

describe('as a comment', () => {
  test('the plans of all stand under one sum, and calm accounts are named', async () => {
    const world = await openAccountsWorld({ accounts: three });
    await world.over('apply', '--account', 'birch');
    rmSync(world.at('keys/harbor'));
    const { code, stdout } = await world.over('plan', '--format', 'markdown');
    expect(code).toBe(1);
    expect(stdout.match(/<!-- widget-sync plan -->/g)).toHaveLength(1);
    expect(stdout).toMatch(
      /^### 3 accounts: 1 failed, 1 with changes, 1 calm\. 2 of 3 widgets to update\.$/m,
    );
    expect(stdout).toMatch(/^### `harbor`: could not be planned$/m);
    expect(stdout).toMatch(/^### `fernwood`: Plan: 2 to update/m);
    expect(stdout).toMatch(/^Nothing would change in `birch`\.$/m);
    const one = await world.over('plan', '--format', 'markdown', '--account', 'fernwood');
    expect(one.stdout).toMatch(/^<!-- widget-sync plan -->\n### `fernwood`: Plan: 2 to update/);
  });

  test('and never take more than a comment may', async () => {
    const accounts = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`client-${n}`, 1]));
    const world = await openAccountsWorld({ accounts });
    for (const name of Object.keys(accounts)) {
      world.widget(name, 0, 'x'.repeat(80), `intro_message: ${'y'.repeat(5000)}\n`);
    }
    const { stdout } = await world.over('plan', '--format', 'markdown');
    expect(stdout.length).toBeLessThanOrEqual(60_000);
    expect(stdout).toMatch(/There was no room for `client-/);
  });
});

describe('import over accounts', () => {
  test('fills the folder of each from its key alone', async () => {
    const world = await openAccountsWorld({ accounts: three, hasFiles: false });
    const done = await world.over('import');
    expect(done.code).toBe(0);
    expect(lastLine(done.stdout)).toBe(
      '3 accounts: 3 with other files. 4 files created, 0 unchanged.',
    );
    expect(readdirSync(world.at('clients')).sort()).toEqual(['birch', 'fernwood', 'harbor']);
    expect(readdirSync(world.at('clients/fernwood/widgets'))).toHaveLength(2);
    const ids = readdirSync(world.at('clients/harbor/widgets')).map((file) =>
      readFileSync(world.at(`clients/harbor/widgets/${file}`), 'utf8'),
    );
    expect(ids).toEqual([expect.stringContaining(world.idOf('harbor', 0))]);
    expect(await world.over('plan', '--detailed-exitcode')).toMatchObject({ code: 0 });
  });

  test('finds accounts that have no entry, and names the schema that stands above', async () => {
    const world = await openAccountsWorld({ accounts: { birch: 1 }, hasFiles: false });
    world.write('schemas/widget.schema.json', '{}');
    world.write(
      'accounts.yaml',
      `defaults: {api_url: "${world.sandboxes.get('birch')?.url}"}\neach: {directory: "clients/{name}/widgets", key_file: "keys/{name}"}\n`,
    );
    const done = await world.over('import');
    expect(done).toMatchObject({ code: 0, stderr: '' });
    const [file = ''] = readdirSync(world.at('clients/birch/widgets'));
    expect(readFileSync(world.at(`clients/birch/widgets/${file}`), 'utf8')).toContain(
      '$schema=../../../schemas/widget.schema.json',
    );
  });
});

describe('forget and preview over accounts', () => {
  test('forget --orphans shows what each account would forget, and forgets it with --yes', async () => {
    const world = await openAccountsWorld({ accounts: { birch: 1, fernwood: 2 } });
    await world.over('apply');
    rmSync(world.at('clients/fernwood/widgets/w1.yaml'));
    await world.over('apply');
    const shown = await world.over('forget', '--orphans');
    expect(shown.code).toBe(2);
    expect(titles(shown.stdout)).toEqual(['fernwood', 'birch']);
    expect(shown.stdout).toContain(
      'widget-sync forget --orphans --yes --accounts accounts.yaml --account fernwood',
    );
    expect(lastLine(shown.stdout)).toBe(
      '2 accounts: 1 with orphans, 1 calm. 1 would be forgotten.',
    );
    const done = await world.over('forget', '--orphans', '--yes');
    expect(done.code).toBe(0);
    expect(lastLine(done.stdout)).toBe('2 accounts: 1 with orphans, 1 calm. 1 forgotten.');
  });

  test('preview writes a folder for each', async () => {
    const world = await openAccountsWorld({ accounts: { birch: 1, fernwood: 1 } });
    const done = await world.over('preview', '--out', 'pages/');
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(lastLine(done.stdout)).toBe(
      '2 accounts: 2 calm. 2 widgets: 0 changed, 0 new, 0 as before, 2 with nothing to compare with.',
    );
    for (const name of ['birch', 'fernwood']) {
      expect(existsSync(world.at(`pages/${name}/index.html`))).toBe(true);
    }
  });
});
