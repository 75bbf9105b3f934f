// A pull request from a fork: a snapshot is published, and a clone without a key plans from it. Real git, and the
// sandbox.
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { sha256 } from '../../src/model/widget.ts';
import { commitAll, git } from '../documents/repository.ts';
import { type Account, openAccount } from '../support/account.ts';
import { type Running, temporaryDirectory, writeFile } from '../support/command.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { readPlanJson, readSnapshot } from '../support/json-shapes.ts';
import { runHere, runIn } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import { openSomeAccounts } from '../support/some-accounts.ts';
import { startHere } from '../support/start-here.ts';

const secret = 'sk-typed-into-the-dashboard';
const widget = { widget_type: 'chat', display_name: 'Ava', bubble_text: 'Hello', name: null };

interface Fork {
  readonly account: Account;
  readonly root: string;
  /** A clone in which the pull request is checked out, and nothing else. */
  readonly clone: string;
  readonly file: string;
  declare(n: number, fields: JsonObject): void;
  plan(...args: string[]): ReturnType<typeof runIn>;
}

/** Two widgets that were applied; somebody has changed the first in the dashboard since. */
async function openFork(...values: string[]): Promise<Fork> {
  const account = await openAccount({ live: [{}, {}], isPlain: true });
  const root = join(account.dir, '..');
  git(root, 'init', '-q', '-b', 'main', '--template=');
  writeFile(root, '.gitignore', '.widget-sync\n*.ndjson\n');
  account.declare(0, { ...widget, attributes: { side: 'left' } });
  account.declare(1, widget);
  commitAll(root);
  expect((await account.quickly('apply')).code).toBe(0);
  account.edit(0, { bubble_text: 'Come in', attributes: { side: 'left', token: secret } });
  const file = join(root, 'live.ndjson');
  const taken = await account.quickly('snapshot', '--output', file, ...values);
  expect(taken).toMatchObject({ code: 0, stdout: '', stderr: '' });
  const clone = temporaryDirectory();
  git(clone, 'clone', '-q', root, '.');
  return {
    ...{ account, root, clone, file },
    declare: (n, fields) =>
      writeFile(
        clone,
        `widgets/w${n}.yaml`,
        `${JSON.stringify({ widget_id: widgetId(n), ...fields })}\n`,
      ),
    plan: (...args) => runIn({ cwd: clone, env: {} }, ['plan', '--snapshot', file, ...args]),
  };
}

describe('a plan from a snapshot', () => {
  test('without a state tells of no file that is not as its commit has it, and says what it cannot see', async () => {
    const fork = await openFork();
    writeFile(
      fork.root,
      'widgets/w0.yaml',
      `${readFileSync(join(fork.root, 'widgets/w0.yaml'))}# edited\n`,
    );
    const anew = ['--state', temporaryDirectory(), '--output', fork.file];
    expect(await fork.account.quickly('snapshot', ...anew)).toMatchObject({ code: 0 });
    const { widgets } = readSnapshot(readFileSync(fork.file, 'utf8'));
    expect(widgets).toMatchObject([{ file: 'w1.yaml', declared: null }]);
    const { stdout } = await fork.plan();
    expect(stdout).toContain('1 widget not in the snapshot');
    expect(stdout).toContain('Note: nothing was recorded where the snapshot was taken');
    expect(stdout).not.toContain('null →');
  });

  test('may be read by others, as far as the umask lets them', async () => {
    const fork = await openFork();
    const modeOf = (path: string) => statSync(path).mode & 0o777;
    expect(modeOf(fork.file)).toBe(0o666 & ~process.umask());
    chmodSync(fork.file, 0o640);
    const taken = await fork.account.quickly('snapshot', '--output', fork.file);
    expect(taken).toMatchObject({ code: 0 });
    expect(modeOf(fork.file)).toBe(0o640);
  });

  test('shows what git changes in full, and drift without its value, with no key and no request', async () => {
    const fork = await openFork();
    const text = readFileSync(fork.file, 'utf8');
    expect(text).not.toContain(secret);
    expect(text).not.toContain('Come in');
    expect(text).not.toContain('Hello');
    const { head, widgets } = readSnapshot(text);
    expect(head).toMatchObject({
      revision: git(fork.root, 'rev-parse', 'HEAD').trim(),
      widgets: 2,
    });
    expect(widgets).toMatchObject([
      { file: 'w0.yaml', differs: ['/attributes/token', '/bubble_text'] },
      { file: 'w1.yaml', differs: [] },
    ]);
    fork.declare(1, { ...widget, bubble_text: 'Good morning' });
    const requests = await fork.account.requestsOf(async () => {
      const { code, stdout, stderr } = await fork.plan('--detailed-exitcode');
      expect(stderr).toBe('');
      expect(code).toBe(2);
      expect(stdout).toMatch(/^From a snapshot: as of \S+Z, .* ago, of commit [0-9a-f]{10}\.\n\n/);
      expect(stdout).toMatch(/w0\.yaml .*drifted: 2 fields to set back/);
      expect(stdout).toContain('another value (not published) → "Hello"');
      expect(stdout).toMatch(/bubble_text +"Hello" → "Good morning"\n/);
      expect(stdout).not.toContain('Checksum:');
      expect(stdout).not.toContain(secret);
    });
    expect(requests).toEqual([]);
  });

  test('names the files and fields that the plan with the key names', async () => {
    const fork = await openFork();
    fork.declare(0, { ...widget, bubble_text: 'Good morning', attributes: {} });
    fork.declare(1, { widget_type: 'chat', display_name: 'Eve', header_color: '#123456' });
    const named = (text: string) => {
      const { changes } = readPlanJson(text);
      return changes.map(({ file, reason, fields }) => {
        return {
          file,
          reason,
          fields: fields.map(({ path, by, released }) => [path, by, released]),
        };
      });
    };
    const without = await fork.plan('--json');
    const flags = [
      '--api-url',
      fork.account.sandbox.url,
      '--state',
      join(fork.root, '.widget-sync'),
    ];
    const env = { INSIGHTO_API_KEY: 'in-test', NO_PROXY: '*' };
    const withKey = await runIn({ cwd: fork.clone, env }, ['plan', '--json', ...flags]);
    expect(named(without.stdout)).toEqual(named(withKey.stdout));
    const { changes, ...shown } = readPlanJson(without.stdout);
    expect(shown).toMatchObject({ checksum: null, snapshot: { values: 'none', unknown: [] } });
    expect(changes[0]?.fields).toContainEqual({
      path: '/attributes/token',
      from_published: false,
      by: 'dashboard',
    });
  });

  test('in Markdown says as of when it is, and has no checksum to apply', async () => {
    const fork = await openFork();
    fork.declare(1, { ...widget, bubble_text: 'Good morning' });
    const { stdout } = await fork.plan('--format', 'markdown');
    expect(stdout).toContain('From a snapshot: as of ');
    expect(stdout).toContain('<i>another value (not published)</i>');
    expect(stdout).not.toContain('Checksum');
    expect(stdout).not.toContain(secret);
  });

  test('with values declared has what differs, and what people put into a declared object', async () => {
    const fork = await openFork('--values', 'declared');
    const { stdout } = await fork.plan();
    expect(stdout).toContain('"Come in" → "Hello"');
    expect(stdout).toContain(secret);
    const git = await fork.plan('--values', 'git');
    expect(git.stdout).not.toContain(secret);
  });

  test('of a widget that it does not know says so', async () => {
    const fork = await openFork();
    fork.declare(7, widget);
    const { stdout } = await fork.plan();
    expect(stdout).toContain(
      'Note: 1 widget not in the snapshot, so what is live of them is not known: w7.yaml.',
    );
  });

  test('warns of an old one, and refuses it where that is asked', async () => {
    const fork = await openFork();
    const later = new FakeClock(new Date(Date.now() + 3 * 86_400_000));
    const words = ['plan', join(fork.clone, 'widgets'), '--snapshot', fork.file];
    const old = await runHere(words, {}, Math.random, later);
    expect(old.stdout).toContain('Warning: the snapshot is 3 d old; ');
    const json = await runHere([...words, '--json'], {}, Math.random, later);
    expect(json.stderr).toContain('widget-sync: Warning: the snapshot is 3 d old; ');
    expect(readPlanJson(json.stdout)).toMatchObject({ snapshot: { widgets: 2 } });
    const refused = await runHere([...words, '--max-age', '2d'], {}, Math.random, later);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('is 3 d old, and --max-age allows 2 d: take it anew');
  });

  test('is made from an address as well', async () => {
    const fork = await openFork();
    const server = createServer((request, response) => {
      if (request.url === '/moved')
        response.writeHead(302, { location: '/live.ndjson?token=t' }).end();
      else if (request.url?.startsWith('/live.ndjson')) response.end(readFileSync(fork.file));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const plan = (url: string) => runIn({ cwd: fork.clone, env: {} }, ['plan', '--snapshot', url]);
    expect((await plan(`${base}/moved`)).stdout).toContain('From a snapshot');
    const missing = await plan(`${base}/none?token=t`);
    expect(missing.stderr).toContain(`--snapshot: ${base}/none answers 404 Not Found`);
    expect((await plan('http://example.com/live.ndjson')).stderr).toContain(
      'expected a file, or an https address',
    );
  });

  test('needs its commit, and says how to fetch it', async () => {
    const fork = await openFork();
    const shallow = temporaryDirectory();
    fork.account.declare(1, { ...widget, bubble_text: 'Later' });
    commitAll(fork.root);
    git(shallow, 'clone', '-q', '--depth=1', `file://${fork.root}`, '.');
    const { code, stderr } = await runIn({ cwd: shallow, env: {} }, [
      'plan',
      '--snapshot',
      fork.file,
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /is not in this clone, which is shallow: git fetch --depth=1 origin [0-9a-f]{40}/,
    );
  });
});

describe('a snapshot that is not as it was taken is refused', () => {
  type Change = (lines: string[]) => string | Buffer;
  /** With a checksum that fits: whoever forges one can make that too. */
  const forged =
    (change: (lines: string[]) => string[]): Change =>
    (lines) => {
      const [head = '', ...rest] = change(lines);
      const plain = `${head.slice(0, head.indexOf(',"checksum"'))}}`;
      const sum = sha256([plain, ...rest].join('\n'));
      return [`${plain.slice(0, -1)},"checksum":"${sum}"}`, ...rest].join('\n');
    };
  const inHead = (from: string | RegExp, to: string) =>
    forged(([head = '', ...rest]) => [head.replace(from, to), ...rest]);
  const rows: [string, Change, RegExp][] = [
    ['empty', () => '', /is empty/],
    ['no JSON', () => 'hello\n', /is no snapshot: widget-sync snapshot takes one/],
    ['no text', () => Buffer.from([0xff, 0xfe, 0x00]), /is no snapshot: it is no UTF-8 text/],
    ['too large', () => Buffer.alloc(16 * 1024 * 1024 + 1, 0x20), /is larger than 16 MiB/],
    [
      'of another kind',
      inHead('"kind":"snapshot"', '"kind":"plan"'),
      /is no snapshot.*\(its kind is plan\)/,
    ],
    [
      'of another format',
      inHead('"format_version":"1.0"', '"format_version":"2.0"'),
      /has a format that this version does not read \(2\.0\): it reads 1\.x/,
    ],
    [
      'with an odd first line',
      inHead(/"values":"none"/, '"values":"all"'),
      /has a first line that is damaged/,
    ],
    [
      'from the future',
      inHead(/"time":"[^"]*"/, '"time":"2199-01-01T00:00:00.000Z"'),
      /which is still to come/,
    ],
    [
      'cut',
      (lines) => lines.join('\n').slice(0, -20),
      /is cut off: it was of 2 widgets, and has 1/,
    ],
    [
      'changed',
      (lines) => lines.join('\n').replace('bubble_text', 'bubble_tert'),
      /its checksum does not fit/,
    ],
    [
      'with a widget twice',
      forged(([head = '', one = '']) => [head, one, one, '']),
      new RegExp(`tells of the widget ${widgetId(0)} twice: line 3`),
    ],
    [
      'with more lines',
      forged((lines) => [...lines.slice(0, -1), '{}', '']),
      /says that it is of 2 widgets, and has 3/,
    ],
    [
      'with another line',
      forged(([head = '', one = '']) => [head, one, '{"widget_id":"x"}', '']),
      /has a line that tells of no widget: line 3/,
    ],
    [
      'with a path that leads out',
      forged(([head = '', one = '', two = '']) => [
        head,
        one.replace('w0.yaml', '../../w0.yaml'),
        two,
        '',
      ]),
      /tells of no widget: line 2/,
    ],
  ];

  test('with one sentence for each way', async () => {
    const fork = await openFork();
    const lines = readFileSync(fork.file, 'utf8').split('\n');
    for (const [what, change, words] of rows) {
      const file = join(fork.root, 'forged.ndjson');
      writeFileSync(file, change([...lines]));
      const { code, stdout, stderr } = await runHere(
        ['plan', join(fork.clone, 'widgets'), '--snapshot', file],
        {},
      );
      expect({ what, code, stdout }).toEqual({ what, code: 1, stdout: '' });
      expect(stderr, what).toMatch(words);
      expect(stderr.trim().split('\n'), what).toHaveLength(1);
    }
  }, 30_000);

  test('and there is none to apply', async () => {
    const { code, stderr } = await runHere(['apply', '--snapshot', 'live.ndjson'], {});
    expect(code).toBe(1);
    expect(stderr).toContain("unknown option '--snapshot'");
  });

  test.each([
    [['--max-age', '1d'], /--max-age is how old a snapshot may be/],
    [['--snapshot', ''], /--snapshot is empty: is a variable not set\?/],
    [['--snapshot', 'f', '--sandbox'], /leave --sandbox away/],
    [['--snapshot', 'f', '--live', 'off'], /leave --live away/],
    [['--snapshot', 'f', '--state', 's'], /leave --state away/],
    [['--snapshot', 'f', '--max-age', 'old'], /expected an age such as 90m, 24h or 7d/],
    [['--values', 'none'], /expected one of all, git/],
    [['--snapshot', 'no-such-file'], /no-such-file cannot be read/],
  ])('%s', async (words, message) => {
    const { code, stderr } = await runHere(['plan', temporaryDirectory(), ...words], {});
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });
});

describe('run --serve-snapshot', () => {
  const urlOf = async (daemon: Pick<Running, 'waitForLog'>) => {
    const { url } = await daemon.waitForLog(({ msg }) => msg === 'serving');
    return String(url).replace(/\/$/, '');
  };

  test('serves what the daemon has read last, and follows it', async () => {
    const { account, clone } = await openFork();
    const words = ['--serve', '0', '--serve-snapshot', 'none', '--drift', 'report'];
    const daemon = await account.watchHere(...words);
    const url = `${await urlOf(daemon)}/snapshot.ndjson`;
    // Only then it has read all of it.
    await expect.poll(async () => (await fetch(url)).status, { timeout: 20_000 }).toBe(200);
    const first = readSnapshot(await (await fetch(url)).text());
    expect(first.widgets).toMatchObject([{ differs: ['/attributes/token', '/bubble_text'] }, {}]);
    account.edit(1, { bubble_text: secret });
    await daemon.sweep();
    const read = async () => {
      const text = await (await fetch(url)).text();
      expect(text).not.toContain(secret);
      return readSnapshot(text).widgets[1]?.['differs'];
    };
    await expect.poll(read, { timeout: 20_000 }).toEqual(['/bubble_text']);
    const plan = await runIn({ cwd: clone, env: {} }, ['plan', '--snapshot', url]);
    expect(plan.stdout).toContain('w1.yaml');
    await daemon.stop();
  });

  test('does so only where it is asked for', async () => {
    const account = await openAccount({ live: [{}] });
    account.declare(0, widget);
    const daemon = await account.watchHere('--serve', '0');
    const answer = await fetch(`${await urlOf(daemon)}/snapshot.ndjson`);
    expect(answer.status).toBe(404);
    await daemon.stop();
  });

  test('of several accounts serves one at the place of its pages, and a plan takes no other', async () => {
    const some = await openSomeAccounts(['north', 'south']);
    const key = { NO_PROXY: '*' };
    const several = await runHere(['snapshot', ...some.flags], key);
    expect(several.stderr).toContain('a snapshot is of one account: name it by --account <name>');
    const daemon = startHere(
      ['run', ...some.flags, '--serve', '0', '--serve-snapshot', 'none'],
      key,
    );
    const base = await urlOf(daemon);
    const at = `${base}/accounts/south/snapshot.ndjson`;
    await expect.poll(async () => (await fetch(at)).status, { timeout: 20_000 }).toBe(200);
    const { head } = readSnapshot(await (await fetch(at)).text());
    expect(head).toMatchObject({ account: 'south', widgets: 2 });
    const other = ['plan', '--accounts', some.file, '--account', 'north', '--snapshot', at];
    expect((await runHere(other, key)).stderr).toContain(
      'it is of the account south, and not of north',
    );
    expect(
      (await runHere(['plan', '--accounts', some.file, '--snapshot', at], key)).stderr,
    ).toContain('--snapshot: a snapshot is of one account');
  });
});

describe('plan --values git', () => {
  test('shows a value of the dashboard to nobody, and no checksum that would tell it', async () => {
    const account = await openAccount({ live: [{ display_name: secret }, {}] });
    account.declare(0, { widget_type: 'chat', bubble_text: 'Hello', attributes: { a: 1 } });
    account.declare(1, { widget_type: 'chat', bubble_text: 'Hello' });
    expect((await account.quickly('apply')).code).toBe(0);
    account.edit(0, { bubble_text: secret, attributes: { a: 1, token: secret } });
    account.declare(0, {
      widget_type: 'chat',
      bubble_text: 'Hi',
      display_name: 'Ava',
      attributes: { a: 1 },
    });
    account.declare(1, { widget_type: 'chat', bubble_text: 'Hi' });
    const shown = await account.quickly('plan', '--values', 'git');
    expect(shown.stdout).not.toContain(secret);
    expect(shown.stdout).toContain('another value (not published) → "Hi"');
    expect(shown.stdout).toContain('"Hello" → "Hi"');
    expect(shown.stdout).not.toContain('Checksum');
    for (const format of ['json', 'markdown']) {
      const { stdout } = await account.quickly('plan', '--values', 'git', '--format', format);
      expect(stdout).not.toContain(secret);
    }
    account.edit(0, { bubble_text: 'Hello', attributes: { a: 1 }, display_name: 'Ava' });
    const whole = await account.quickly('plan', '--values', 'git');
    expect(whole.stdout).toBe((await account.quickly('plan')).stdout);
    expect(whole.stdout).toContain('Checksum');
  });
});

describe('plan --full', () => {
  test('cuts no text', async () => {
    const account = await openAccount({ live: [{}] });
    const long = Array.from({ length: 60 }, (_, at) => `word${at}`).join(' ');
    account.declare(0, { widget_type: 'chat', bubble_text: `${long} one` });
    expect((await account.quickly('apply')).code).toBe(0);
    account.declare(0, { widget_type: 'chat', bubble_text: `${long} two` });
    const cut = await account.quickly('plan');
    expect(cut.stdout).toContain('equal characters');
    const full = await account.quickly('plan', '--full');
    expect(full.stdout).not.toContain('equal characters');
    expect(full.stdout).toContain(`- ${long} one`);
    expect(full.stdout).toContain(`+ ${long} two`);
  });
});
