import { spawn } from 'node:child_process';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LogOptions } from '../../src/base/log.ts';

// A log writes to a file descriptor, so each is tried in a process of its own: one for many cases,
// since processes are slow to start.

const built = (path: string) =>
  JSON.stringify(new URL(`../../build/base/${path}`, import.meta.url).href);

interface Ended {
  readonly out: string;
  readonly err: string;
  readonly signal: NodeJS.Signals | null;
}

/** Runs statements that find `log`, made with these options, and `registerSecret`. */
function logged(
  { descriptor = 1, ...options }: Partial<LogOptions> & { readonly descriptor?: 1 | 2 },
  statements: string,
): Promise<Ended> {
  const defaults = { level: 'trace', format: 'json', colour: false };
  const script = `
    import { writeSync } from 'node:fs';
    import { createLog, logStreamTo } from ${built('log.js')};
    import { registerSecret } from ${built('secrets.js')};
    const log = createLog(logStreamTo(${descriptor}, () => {}), ${JSON.stringify({ ...defaults, ...options })});
    ${statements}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { TZ: 'UTC' },
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (_code, signal) => resolve({ out, err, signal }));
  });
}

type Cases = readonly (readonly [what: string, statement: string])[];

/** What each case wrote, by its name. */
async function eachLogged(options: object, setting: string, cases: Cases) {
  const end = '(end of case)\n';
  const blocks = cases.map(
    ([, statement]) => `{ ${statement} } writeSync(1, ${JSON.stringify(end)});`,
  );
  const { out, err } = await logged(options, `${setting}\n${blocks.join('\n')}`);
  expect(err).toBe('');
  const parts = out.split(end);
  return new Map(cases.map(([what], index) => [what, parts[index] ?? '']));
}

const linesOf = (text: string) => text.trimEnd().split('\n');

describe('JSON', () => {
  test('is one object a line: time, level as a word, fields, message, and nothing of the host', async () => {
    const { out, err } = await logged(
      {},
      `log.info({ file: 'a\\nb.yaml', fields: ['/name'], from: null }, 'applied');
       log.warn('beware');
       log.error({ err: new TypeError('a bug') }, 'unexpected');`,
    );
    const [info, warn, error, ...more] = linesOf(out).map((line) => JSON.parse(line));
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const fields = { file: 'a\nb.yaml', fields: ['/name'], from: null };
    expect(info).toEqual({ level: 'info', time, ...fields, msg: 'applied' });
    expect(warn).toEqual({ level: 'warn', time, msg: 'beware' });
    expect(error).toMatchObject({
      level: 'error',
      msg: 'unexpected',
      err: {
        type: 'TypeError',
        message: 'a bug',
        stack: expect.stringContaining('TypeError: a bug\n    at '),
      },
    });
    expect(more).toEqual([]);
    expect(err).toBe('');
  });

  test('goes where it is told to, and only from the level that is asked for', async () => {
    const { out, err } = await logged(
      { descriptor: 2, level: 'warn' },
      `log.info('no'); log.warn('yes');`,
    );
    expect(out).toBe('');
    expect(linesOf(err).map((line) => JSON.parse(line).msg)).toEqual(['yes']);
  });

  test('is not written at all at the level silent', async () => {
    const { out, err } = await logged({ level: 'silent' }, `log.fatal('no');`);
    expect(out + err).toBe('');
  });

  test.each<Partial<LogOptions>>([{ format: 'json' }, { format: 'pretty' }])(
    'is out before the process is killed: %j',
    async (options) => {
      const { out, signal } = await logged(
        options,
        `for (let n = 0; n < 1000; n += 1) log.info({ n }, 'line');
         process.kill(process.pid, 'SIGKILL');`,
      );
      expect(signal).toBe('SIGKILL');
      expect(linesOf(out)).toHaveLength(1000);
      expect(linesOf(out).at(-1)).toMatch(/\bn\W+999\b/);
    },
  );
});

describe('pretty', () => {
  test('is a line for a person: time, level, message, fields', async () => {
    const { out } = await logged(
      { format: 'pretty' },
      `log.info({ file: 'a b.yaml', n: 2, none: null, list: ['/a', '/b'], part: { x: 1 } }, 'applied');
       log.warn('beware');`,
    );
    expect(linesOf(out)).toEqual([
      expect.stringMatching(
        /^\[\d\d:\d\d:\d\d\] INFO: applied file="a b.yaml" n=2 list=\/a,\/b part=\{"x":1\}$/,
      ),
      expect.stringMatching(/^\[\d\d:\d\d:\d\d\] WARN: beware$/),
    ]);
  });

  test('puts the stack of an error below its line', async () => {
    const { out } = await logged(
      { format: 'pretty' },
      `log.fatal({ err: new TypeError('a bug'), n: 1 }, 'unexpected error');`,
    );
    const [line, first, second] = linesOf(out);
    expect(line).toMatch(/FATAL: unexpected error n=1$/);
    expect(first).toContain('TypeError: a bug');
    expect(second).toMatch(/^ +at /);
  });

  test('is coloured where that is wanted, and only there', async () => {
    const coloured = await logged({ format: 'pretty', colour: true }, `log.info('applied');`);
    expect(coloured.out).toContain('\u001b[');
    const plain = await logged({ format: 'pretty' }, `log.info('applied');`);
    expect(plain.out).not.toContain('\u001b');
  });

  describe('shows what a terminal would obey as escapes', () => {
    const cases: Cases = [
      ['in a field', `log.info({ file: text }, 'x');`],
      ['in a part of a field', `log.info({ a: { b: [text] }, list: [text] }, 'x');`],
      ['in the name of a part', `log.info({ a: { [text]: 1 } }, 'x');`],
      ['in a message', 'log.info({}, text);'],
      ['in the stack of an error', `log.info({ err: new Error(text) }, 'x');`],
    ];
    const setting = String.raw`const text = 'a\u001b]0;owned\u0007b\u009bc\rd\u202ee';`;
    let shown = new Map<string, string>();
    beforeAll(async () => {
      shown = await eachLogged({ format: 'pretty' }, setting, cases);
    });

    test.each(cases)('%s', (what) => {
      const text = shown.get(what)?.replaceAll('\n', '');
      expect(text).toContain('owned');
      expect(text).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    });
  });
});

describe.each(['json', 'pretty'])('no secret leaves in %s', (format) => {
  const registered = 'in-a"b/c+d';
  const foreign = 'in-0123456789abcdefABCDEF';
  const url = `'https://a.test/x?api_key=' + encodeURIComponent(key) + '&a=1'`;
  const cases: Cases = [
    ['a message', `log.info('got ' + key);`],
    ['a field', `log.info({ key, deep: { list: [key, { key }] } }, 'x');`],
    ['the name of a field', `log.info({ deep: { [key]: 1 } }, 'x');`],
    ['a URL', `log.info({ url: ${url} }, 'x');`],
    ['an error', `log.error({ err: new Error('PUT ' + ${url}) }, 'x');`],
    ['a cause', `log.error({ err: new Error('x', { cause: new Error(key) }) }, 'x');`],
    [
      'a stack',
      `const err = Object.assign(new Error('x'), { stack: 'Error: x at ' + key }); log.error({ err }, 'x');`,
    ],
    ['the bindings of a child', `log.child({ key }).info('x');`],
  ];

  describe.each([registered, foreign])('with the key %s', (key) => {
    const setting = `registerSecret(${JSON.stringify(registered)}); const key = ${JSON.stringify(key)};`;
    let shown = new Map<string, string>();
    beforeAll(async () => {
      shown = await eachLogged({ format }, setting, cases);
    });

    test.each(cases)('through %s', (what) => {
      const text = shown.get(what);
      expect(text).toContain('[api key]');
      for (const spelled of [key, JSON.stringify(key).slice(1, -1), encodeURIComponent(key)]) {
        expect(text).not.toContain(spelled);
      }
    });
  });
});
