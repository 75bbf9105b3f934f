// What the command says to words, variables, keys and directories that it cannot use.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { options } from '../../src/config/options.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { badValues, keyInUrl } from '../support/bad-values.ts';
import { runCommand, startCommand, temporaryDirectory, writeFile } from '../support/command.ts';
import { commandNames } from '../support/command-names.ts';
import { readStatusJson } from '../support/json-shapes.ts';
import { runHere, runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';

/** Nothing listens there, so that a test that fails disturbs nobody. */
const nowhere = 'http://127.0.0.1:9';
const key = keyInUrl;
const widget = `widget_id: ${widgetId(1)}\nwidget_type: chat\n`;

/** An empty directory to work in, and the least with which a command that sends would start. */
function workplace() {
  const root = temporaryDirectory();
  const widgets = join(root, 'widgets');
  writeFile(widgets, 'a.yaml', widget);
  const state = join(root, 'state');
  const env = { INSIGHTO_API_KEY: key, WIDGET_SYNC_API_URL: nowhere, WIDGET_SYNC_STATE: state };
  return { root, widgets, state, env };
}

/** A shell that starts must not stop at a variable that one of them would not use. */
const withoutSettings: readonly string[] = ['init', 'schema', 'completion', 'man'];

describe('a value that cannot be used is refused, as a flag and in the environment', () => {
  const rows = badValues.flatMap(([flag, variable, values, words]) =>
    values.map((value) => [flag, value, variable, words] as const),
  );

  test('there are such values of each', () => {
    const tried = badValues.map(([flag, variable]) => `${flag} ${variable}`);
    const all = Object.values(options).map(({ flag, env }) => `${flag.split(' ')[0]} ${env}`);
    expect([...new Set(tried)].sort()).toEqual(all.sort());
  });

  test.each(rows)('%s %j', async (flag, value, variable, words) => {
    const { widgets, state, env } = workplace();
    const asFlag = await runHere(['run', widgets, flag, value], env);
    const asVariable = await runHere(['run', widgets], { ...env, [variable]: value });
    for (const [name, { code, stdout, stderr }] of [
      [flag, asFlag],
      [variable, asVariable],
    ] as const) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(words);
      expect(stderr).toContain(name);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(stderr).not.toMatch(/secret|in-\d/);
    }
    expect(existsSync(state)).toBe(false);
  });
});

describe('an empty word is a variable that is not set, not the current directory', () => {
  test.each(['run', 'apply', 'plan', 'validate', 'preview', 'import'])('%s ""', async (command) => {
    const { state, env } = workplace();
    for (const word of ['', ' ']) {
      const { code, stdout, stderr } = await runHere([command, word], env);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toBe(
        'widget-sync: [dir] is empty: is a variable not set? Give a value, or leave it out.\n',
      );
    }
    expect(existsSync(state)).toBe(false);
  });

  test.each([
    [['status', ''], 'status takes 0 arguments'],
    [['history', ' '], 'history takes 0 arguments'],
    [['sandbox', ''], 'sandbox takes 0 arguments'],
    [['validate', 'widgets', ''], 'validate takes 1 argument'],
  ])('%j', async (words, takes) => {
    const { code, stdout, stderr } = await runHere(words, workplace().env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      `widget-sync: an argument is empty: is a variable not set? ${takes}: leave it out.\n`,
    );
  });

  test.each([
    ['apply', '--checksum'],
    ['import', '--only'],
    ['history', '--widget'],
    ['history', '--limit'],
    ['sandbox', '--port'],
    ['sandbox', '--seed'],
    ['sandbox', '--put'],
    ['sandbox', '--faults'],
    ['preview', '--out'],
    ['preview', '--before'],
    ['preview', '--browser'],
  ])('%s %s ""', async (command, flag) => {
    const { code, stdout, stderr } = await runHere([command, flag, ''], workplace().env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(`widget-sync: ${flag} is empty: is a variable not set?`);
  });
});

/** They end with 2 where they cannot tell. */
const answering = ['where', 'explain'];

describe('words that the command does not know are refused, with a suggestion where one is near', () => {
  test.each([
    ['plan --jsn', /unknown option '--jsn'\n\(Did you mean --json\?\)/],
    ['run --ratte 5/s', /unknown option '--ratte'\n\(Did you mean --rate\?\)/],
    ['validate --zzzzzz', /unknown option '--zzzzzz'\n\(.*--help/],
    ['--zzzzzz', /unknown option '--zzzzzz'\n\(.*--help/],
    ['validat', /unknown command 'validat'\n\(Did you mean validate\?\)/],
    ['help plam', /unknown command 'plam'. Did you mean plan\?/],
    ['help zzzz', /unknown command 'zzzz'. The commands are run, apply/],
    ['frobnicate', /unknown command 'frobnicate'\n\(.*--help lists the commands/],
    ['validate a b', /too many arguments for 'validate'. Expected 1 argument but got 2/],
    ['sandbox widgets', /too many arguments for 'sandbox'. Expected 0 arguments/],
    ['apply --rate', /option '--rate <n\/s·m·h>' argument missing/],
    ['sandbox --port 65536', /--port: expected a whole number from 0 to 65535, found "65536"/],
    ['sandbox --port http', /--port: expected a whole number from 0 to 65535, found "http"/],
    ['sandbox --list short', /--list: expected one of whole, brief, found "short"/],
    ['sandbox --put keep', /--put: expected one of merge, replace, found "keep"/],
    ['status widgets', /too many arguments for 'status'. Expected 0 arguments/],
    ['history --limit 0', /--limit: expected a whole number from 1 to 1000000, found "0"/],
    [
      'history --widget ava',
      /--widget: expected a widget id \(a UUID\), or .* 4 characters, found "ava"/,
    ],
    [
      'import --only ava',
      /--only: expected a widget id \(a UUID\), or at least its first 4 characters, found "ava"/,
    ],
    ['import --sandbox', /unknown option '--sandbox'/],
    ['plan --force', /unknown option '--force'/],
    ['apply --forse', /unknown option '--forse'\n\(Did you mean --force\?\)/],
    ['aply', /unknown command 'aply'\n\(Did you mean apply\?\)/],
    ['sandbox --seed nowhere-here', /directory nowhere-here does not exist/],
    ['', /Usage: widget-sync \[options\] \[command\]\n/],
  ])('%j', async (words, message) => {
    const { code, stdout, stderr } = await runHere(words === '' ? [] : words.split(' '));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test.each([
    ['WIDGET_SYNC_RAET', /there is no such environment variable. Did you mean WIDGET_SYNC_RATE\?/],
    ['WIDGET_SYNC_APIURL', /no such environment variable. Did you mean WIDGET_SYNC_API_URL\?/],
    [
      'WIDGET_SYNC_SOMETHING_ELSE',
      /Known are WIDGET_SYNC_API_URL, WIDGET_SYNC_ACCOUNTS, WIDGET_SYNC_STATE, /,
    ],
  ])('%s in the environment, by every command', async (name, message) => {
    for (const command of commandNames.filter((one) => !withoutSettings.includes(one))) {
      const { code, stdout, stderr } = await runHere([command], { [name]: 'x' });
      // To those that answer a question, 1 is an answer.
      expect({ code, stdout }).toEqual({ code: answering.includes(command) ? 2 : 1, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr).toContain(name);
    }
  });

  test('what Kubernetes sets beside a Service called widget-sync is left alone', async () => {
    const { widgets } = workplace();
    const { code, stderr } = await runHere(['validate', widgets], {
      WIDGET_SYNC_SERVICE_HOST: '10.0.0.7',
      WIDGET_SYNC_SERVICE_PORT_HTTP: '80',
      WIDGET_SYNC_PORT: 'tcp://10.0.0.7:80',
      WIDGET_SYNC_PORT_80_TCP_ADDR: '10.0.0.7',
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('a proxy that cannot be used is refused, not gone around', async () => {
    const { widgets, env } = workplace();
    const apply = ['apply', widgets, '--api-url', 'https://api.example.test'];
    const { code, stderr } = await runHere(apply, { ...env, HTTPS_PROXY: '::' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^widget-sync: HTTPS_PROXY is not a valid URL/);
  });
});

describe('a widget directory that cannot be read is named, with what to do', () => {
  test.each(['validate', 'plan', 'apply', 'run'])('%s', async (command) => {
    const { root, env } = workplace();
    writeFile(root, 'file.yaml', widget);
    const file = await runHere([command, join(root, 'file.yaml')], env);
    expect(file).toMatchObject({ code: 1, stdout: '' });
    expect(file.stderr).toMatch(/file\.yaml is not a directory\. Name the directory that holds/);
  });
});

test.each(['validate', 'plan', 'apply'])(
  'a widget directory that does not exist is said by %s',
  async (command) => {
    const { root, env } = workplace();
    const missing = await runHere([command, join(root, 'missing')], env);
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toMatch(/missing does not exist\. Create it, or name another/);
  },
);

describe('a key that cannot be used is refused, and never shown', () => {
  const long = 'in-9876543210fedcba9876';
  type KeyRow = [what: string, env: Record<string, string>, words: RegExp];
  test.each<KeyRow>([
    ['none', {}, /no API key: set INSIGHTO_API_KEY, or INSIGHTO_API_KEY_FILE.*in-.*--sandbox/],
    ['an empty one', { INSIGHTO_API_KEY: '' }, /no API key/],
    ['only spaces', { INSIGHTO_API_KEY: '  ' }, /INSIGHTO_API_KEY is empty/],
    ['another prefix', { INSIGHTO_API_KEY: 'sk-quietword' }, /does not begin with in-\. A key/],
    ['the prefix alone', { INSIGHTO_API_KEY: 'in-' }, /INSIGHTO_API_KEY holds .*Settings page/],
    ['two words', { INSIGHTO_API_KEY: `${long} quietword` }, /more than one word/],
    ['other letters', { INSIGHTO_API_KEY: 'in-quietwörd' }, /characters that no key has/],
    ['a missing file', { INSIGHTO_API_KEY_FILE: 'missing' }, /FILE \(\S+missing\) does not exist/],
    ['an empty file', { INSIGHTO_API_KEY_FILE: 'empty' }, /FILE \(\S+empty\) is empty/],
    ['a file of no key', { INSIGHTO_API_KEY_FILE: 'other' }, /other\) does not begin with in-/],
    ['a directory', { INSIGHTO_API_KEY_FILE: 'widgets' }, /widgets\) is not a regular file/],
    [
      'both variables',
      { INSIGHTO_API_KEY: long, INSIGHTO_API_KEY_FILE: 'good' },
      /both INSIGHTO_API_KEY and INSIGHTO_API_KEY_FILE are set: unset one/,
    ],
  ])('%s', async (_, variables, words) => {
    const { root, widgets, state } = workplace();
    for (const [name, content] of Object.entries({ empty: '\n', other: 'quietword', good: key })) {
      writeFile(root, name, content);
    }
    const file = variables['INSIGHTO_API_KEY_FILE'];
    const env = {
      ...variables,
      ...(file !== undefined && { INSIGHTO_API_KEY_FILE: join(root, file) }),
      WIDGET_SYNC_API_URL: nowhere,
      WIDGET_SYNC_STATE: state,
    };
    const before = readdirSync(widgets);
    for (const command of ['apply', 'run', 'plan', 'import']) {
      const { code, stdout, stderr } = await runHere([command, widgets], env);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(words);
      expect(stderr).not.toMatch(/quietw|in-\d/);
    }
    expect(existsSync(state)).toBe(false);
    expect(readdirSync(widgets)).toEqual(before);
    const plan = await runHere(['plan', widgets, '--live', 'off'], env);
    expect(plan, 'nothing is asked, so no key is needed').toMatchObject({ code: 0, stderr: '' });
  });

  test.each([
    [['apply', '--api-key', long]],
    [['plan', `--api-key=${long}`]],
    [['run', '--key', long]],
    [['sandbox', `--apikey=${long}`]],
  ])('as an argument: %j', async (args) => {
    const { code, stdout, stderr } = await runHere(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/never an argument.*set INSIGHTO_API_KEY, or INSIGHTO_API_KEY_FILE/);
    expect(stderr).not.toContain(long);
  });
});

describe('a state directory that cannot be used is named, with what to do', () => {
  test.each(['plan', 'apply', 'run'])('a file, and a place below one: %s', async (command) => {
    const { root, widgets, env } = workplace();
    writeFile(root, 'file', '');
    for (const state of [join(root, 'file'), join(root, 'file', 'below')]) {
      const { code, stdout, stderr } = await runHere([command, widgets, '--state', state], env);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(state);
      expect(stderr).toMatch(/a file stands where a directory is needed; remove it, or give --st/);
    }
  });

  test.skipIf(process.platform !== 'linux')('one where nobody may write', async () => {
    const { root, widgets, env } = workplace();
    // Not even by root: the kernel makes what stands there, or it is mounted to be read only.
    const state = '/sys/widget-sync-state';
    const place = [widgets, '--state', state];
    const { code, stdout, stderr } = await runIn({ cwd: root, env }, ['apply', ...place]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^widget-sync: cannot use the state directory \/sys\/widget-sync-state: .*give --state another directory \(E(PERM|ACCES|ROFS)/,
    );
  });

  test.each(['apply', 'run'])('the widget directory itself: %s', async (command) => {
    const { widgets, env } = workplace();
    const { code, stdout, stderr } = await runHere(
      [command, widgets, '--state', `${widgets}/.`],
      env,
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^widget-sync: --state: .* is the widget directory itself; give it a/);
    expect(readdirSync(widgets)).toEqual(['a.yaml']);
  });

  test.each(['status', 'history'])('by %s, which only looks, too', async (command) => {
    const { root } = workplace();
    writeFile(root, 'file', '');
    const { code, stdout, stderr } = await runHere([command, '--state', join(root, 'file')]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(join(root, 'file'));
  });

  test('one in use by another process names the process and its command; who only looks needs no lock', async () => {
    const { root, widgets, state, env } = workplace();
    const daemon = startCommand(['run', widgets], { cwd: root, env });
    // Nobody answers there, and a daemon does not give up.
    await daemon.waitForLog((line) => line.msg === 'cannot look', 25_000);
    for (const command of ['apply', 'run']) {
      const { code, stdout, stderr } = await runHere([command, widgets], env);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(
        `${state} is in use by process ${daemon.child.pid} (widget-sync run`,
      );
      expect(stderr).toMatch(/stop it or give --state another directory/);
    }
    const plan = await runHere(['plan', widgets, '--live', 'off'], env);
    expect(plan).toMatchObject({ code: 0, stderr: '' });
    expect(await runHere(['history'], env)).toMatchObject({ code: 0, stderr: '' });

    daemon.signal('SIGTERM');
    expect(await daemon.finished).toMatchObject({ code: 0 });
    const status = await runIn({ cwd: root, env }, ['status', '--json']);
    expect(status).toMatchObject({ code: 1, stderr: '' });
    expect(readStatusJson(status.stdout)).toMatchObject({
      command: 'run',
      directory: widgets,
      blocked: expect.stringMatching(/^No answer from 127\.0\.0\.1:9 /),
      failed: [],
    });
    const text = await runHere(['status'], env);
    expect(text).toMatchObject({ code: 1, stdout: expect.stringMatching(/^Blocked: No answer/m) });
  });
});

describe('the built command', () => {
  test('ends each kind of mistake with exit code 1, words on stderr and nothing on stdout', async () => {
    const { root, env } = workplace();
    mkdirSync(join(root, 'empty'));
    const rows: [args: string[], env: Record<string, string>, words: RegExp][] = [
      [['apply', '--rate', '0/s'], env, /^widget-sync: --rate: expected .*found "0\/s"\n$/],
      [['plan', '--jsn'], env, /^error: unknown option '--jsn'\n\(Did you mean --json\?\)/],
      [['plan'], { WIDGET_SYNC_RAET: '1/s' }, /^widget-sync: WIDGET_SYNC_RAET: there is no/],
      [['apply'], {}, /^widget-sync: no API key: set INSIGHTO_API_KEY/],
      [['apply', 'nowhere'], env, /^widget-sync: The widget directory nowhere does not exist/],
      [['plan', '--state', 'widgets/a.yaml'], {}, /^widget-sync: cannot .*a file stands where/],
      [
        ['import', '--only', 'ava'],
        env,
        /^widget-sync: --only: expected a widget id \(a UUID\), or at least/,
      ],
    ];
    // As a process where a mistake of each of the two sources ends it: the parser's, and our own.
    const results = await Promise.all(
      rows.map(([args, variables], index) =>
        index < 2
          ? runCommand(args, { cwd: root, env: variables })
          : runIn({ cwd: root, env: variables }, args),
      ),
    );
    for (const [index, [args, , words]] of rows.entries()) {
      expect(results[index], args.join(' ')).toMatchObject({ code: 1, stdout: '' });
      expect(results[index]?.stderr).toMatch(words);
    }
  });

  test('lets a flag win over the environment, and the environment over the default', async () => {
    const { root } = workplace();
    const sandbox = await startSandbox({ widgets: [{ widgetId: widgetId(1), fields: {} }] });
    const env = { INSIGHTO_API_KEY: key, WIDGET_SYNC_STATE: 'from-environment' };
    const flags = ['--api-url', sandbox.url, '--state', 'from-flag', '--rate', '7/s'];
    const wrong = {
      ...env,
      WIDGET_SYNC_API_URL: 'http://wrong.example',
      WIDGET_SYNC_RATE: 'wrong',
    };
    const byFlag = await runIn({ cwd: root, env: wrong }, ['apply', ...flags]);
    expect(byFlag).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(root).sort()).toEqual(['from-flag', 'widgets']);

    const right = { ...env, WIDGET_SYNC_API_URL: sandbox.url, WIDGET_SYNC_RATE: '7/s' };
    const byVariable = await runIn({ cwd: root, env: right }, ['apply']);
    expect(byVariable).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(root).sort()).toEqual(['from-environment', 'from-flag', 'widgets']);
    // The second state directory knows nothing, and finds the widget as declared.
    expect(sandbox.requests.map(({ method, status }) => `${method} ${status}`)).toEqual([
      'GET 200',
      'PUT 200',
      'GET 200',
    ]);
    expect(readdirSync(join(root, 'from-environment/widgets'))).toHaveLength(1);
    await sandbox.close();
  });
});

describe.skipIf(process.platform !== 'linux')('what the system denies is no bug', () => {
  const inShell = (line: string) => ['sh', '-c', line, 'sh'] as const;

  test.each([['validate'], ['validate', 'widgets'], ['plan', '--live', 'off'], ['status']])(
    'a current directory that was removed: %s %s',
    async (...words) => {
      const { root, env } = workplace();
      const { INSIGHTO_API_KEY, WIDGET_SYNC_API_URL } = env;
      const through = inShell('mkdir gone && cd gone && rmdir ../gone && exec "$@"');
      const ended = await runCommand(words, {
        cwd: root,
        env: { INSIGHTO_API_KEY, WIDGET_SYNC_API_URL },
        through,
      });
      expect(ended.code).toBe(1);
      expect(ended.stderr).toMatch(/^widget-sync: .*(current|state) directory .*\n$/);
    },
  );

  test('too few files that may be open at once', async () => {
    const { root, env } = workplace();
    // Node itself takes some 26, and dies of fewer by itself.
    const through = inShell('ulimit -n 30; exec "$@"');
    expect(await runCommand(['plan'], { cwd: root, env, through })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'widget-sync: too many files are open: raise the limit of this process (ulimit -n)\n',
    });
  });

  test('a state that may not grow so large', async () => {
    const { root, env } = workplace();
    const through = inShell('ulimit -f 0; exec "$@"');
    const { code, stderr } = await runCommand(['apply'], { cwd: root, env, through });
    expect(code).toBe(1);
    expect(stderr).toContain('raise the limit (ulimit -f)');
  });
});
