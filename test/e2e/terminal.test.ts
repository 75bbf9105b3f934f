// Where the output goes decides how it looks: a terminal, a pipe, a pipe that nobody reads any more.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FaultHook } from '../../src/sandbox/faults/carry-out-fault.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { makeCheckout, runCommand, temporaryDirectory, writeFile } from '../support/command.ts';
import { runHere, runIn, withoutBackoff } from '../support/program.ts';
import { widgetId } from '../support/sandbox.ts';
import { startHere } from '../support/start-here.ts';
import {
  esc,
  hasTerminal,
  onScreen,
  startOnTerminal,
  terminalNote,
  withoutColours,
} from '../support/terminal.ts';

const head = (n: number) => `widget_id: ${widgetId(n)}\nwidget_type: chat\n`;

/** As many widgets in files as in the sandbox. */
async function startPlace(amount: number, onRequest?: FaultHook) {
  const cwd = temporaryDirectory();
  const ids = Array.from({ length: amount }, (_, n) => n);
  makeCheckout(cwd);
  for (const n of ids) writeFile(cwd, `widgets/${n}.yaml`, head(n));
  const sandbox = await startSandbox({
    widgets: ids.map((n) => ({ widgetId: widgetId(n), fields: {} })),
    ...(onRequest !== undefined && { onRequest }),
  });
  onTestFinished(() => sandbox.close());
  const env = { INSIGHTO_API_KEY: 'in-0123456789abcdef0123', WIDGET_SYNC_API_URL: sandbox.url };
  return { cwd, sandbox, env };
}

describe.skipIf(!hasTerminal)(`on a terminal${terminalNote}`, () => {
  test('problems have colours and an excerpt with carets; NO_COLOR, CI and pipes do without colours', async () => {
    const cwd = temporaryDirectory();
    writeFile(cwd, 'widgets/a.yaml', `${head(1)}header_colour: "${esc}[2Jred"\n`);
    writeFile(cwd, 'widgets/b.yaml', `${head(2)}header_colour: "#fff"\n`);
    const show = (env = {}) => startOnTerminal(['validate'], { cwd, env }).finished;
    const [terminal, noColour, ci, pipe] = await Promise.all([
      show(),
      show({ NO_COLOR: '1' }),
      show({ CI: '1' }),
      runCommand(['validate'], { cwd, env: { TERM: 'xterm' } }),
    ]);

    expect([terminal.code, noColour.code, ci.code, pipe.code]).toEqual([1, 1, 1, 1]);
    expect(terminal.output).toContain(`${esc}[31m^^^^^^^^^^^^^`);
    expect(terminal.output).not.toContain(`${esc}[2J`);
    expect(withoutColours(terminal.output).replaceAll('\r', '')).toContain(
      [
        'error: unknown field header_colour [unknown-field]',
        ' --> widgets/b.yaml:3:1',
        '  |',
        '3 | header_colour: "#fff"',
        '  | ^^^^^^^^^^^^^',
        '  = Did you mean header_color? Otherwise remove it.',
      ].join('\n'),
    );
    for (const { output } of [noColour, ci]) {
      expect(output).not.toContain(esc);
      expect(output).toBe(withoutColours(terminal.output));
    }
    expect(pipe.stdout).not.toContain(esc);
    expect(pipe.stdout).toContain(
      'widgets/b.yaml:3:1: error: unknown field header_colour [unknown-field] Did you mean header_color? Otherwise remove it.\n',
    );
  });

  test('a plan is the same text everywhere, in colour on a terminal only', async () => {
    const cwd = temporaryDirectory();
    writeFile(cwd, 'widgets/a.yaml', `${head(1)}name: "\\e[2Jcleared"\n`);
    const [terminal, pipe] = await Promise.all([
      startOnTerminal(['plan', '--live', 'off'], { cwd }).finished,
      runIn({ cwd, env: { TERM: 'xterm' } }, ['plan', '--live', 'off']),
    ]);
    expect(pipe.stdout).toContain('~ widgets/a.yaml');
    expect(pipe.stdout).not.toContain(esc);
    expect(terminal.output).toContain(`${esc}[33m~${esc}[39m`);
    expect(terminal.output).not.toContain(`${esc}[2J`);
    expect(withoutColours(terminal.output).replaceAll('\r', '')).toBe(pipe.stdout);
  });

  test('an apply that lasts shows how far it is, and nothing of that stays', async () => {
    const seen: Promise<void>[] = [];
    const amount = 3;
    // The API takes a write once the progress can be seen on all terminals.
    const { cwd, sandbox, env } = await startPlace(amount, async ({ method }) => {
      if (method === 'PUT') await Promise.all(seen);
      return undefined;
    });
    const widths = [
      { columns: 100, line: /^applying 3: none yet$/ },
      // Cut, so that it does not wrap.
      { columns: 12, line: /^applying 3:$/ },
      // A terminal that does not tell how wide it is.
      { columns: 0, line: /^applying 3: none yet$/ },
    ];
    const sessions = widths.map(({ columns }) => {
      const state = `state-${columns}`;
      return startOnTerminal(['apply', '--state', state], { cwd, env, columns });
    });
    seen.push(...sessions.map((session) => session.waitFor(/applying 3:/)));
    for (const [index, session] of sessions.entries()) {
      const { code, output } = await session.finished;
      expect(code).toBe(0);
      const [drawn] = /applying [^\r\n]*/.exec(output) ?? [];
      expect(drawn, `${widths[index]?.columns} columns`).toMatch(widths[index]?.line ?? /never/);
      expect(onScreen(output)).not.toContain('applying');
      for (const n of [0, 1, 2])
        expect(onScreen(output)).toContain(`\napplied widgets/${n}.yaml\n`);
    }
    const writes = sandbox.requests.filter(({ method }) => method === 'PUT');
    expect(writes).toHaveLength(widths.length * amount);
  });

  test('the daemon logs for people, and Ctrl-C stops it with exit code 0', async () => {
    const { cwd, env } = await startPlace(1);
    const session = startOnTerminal(['run'], { cwd, env });
    await session.waitFor(/applied file=0\.yaml/);
    expect(session.output()).toContain(esc);
    expect(withoutColours(session.output())).toMatch(/^\[\d\d:\d\d:\d\d\] INFO: started .*\r\n/);
    session.type('\u0003');
    const { code, output } = await session.finished;
    expect(code).toBe(0);
    expect(withoutColours(output)).toMatch(/INFO: stopped\r\n$/);
  });
});

describe('in a pipe', () => {
  test('an apply that lasts shows no progress, and the daemon logs JSON', async () => {
    const { cwd, env } = await startPlace(2, () => ({ kind: 'delay', delayMs: 1300 }));
    // Not reading what is live, lest one of the two adopts what the other has written.
    const place = [join(cwd, 'widgets'), '--state', join(cwd, 'other')];
    const daemon = startHere(['run', ...place, '--live', 'off'], env);
    const { code, stdout, stderr } = await runCommand(['apply', '--live', 'off'], { cwd, env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/\n2 widgets applied\.\n$/);
    for (const trace of ['\r', esc, 'applying']) expect(stdout).not.toContain(trace);

    await daemon.waitForLog((line) => line.msg === 'applied', 25_000);
    daemon.signal('SIGTERM');
    const ended = await daemon.finished;
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    for (const line of ended.stdout.trimEnd().split('\n')) {
      expect(JSON.parse(line)).toMatchObject({ level: 'info', msg: expect.any(String) });
    }
  });

  test('the log beside a text is for people, and JSON beside JSON or where that is asked for', async () => {
    const { cwd, env } = await startPlace(1, () => ({ kind: 'answer', status: 503 }));
    const plan = async (...flags: string[]) => {
      const words = ['plan', '--rate', '100/s', '--timeout', '1s', ...flags];
      const { code, stdout, stderr } = await runIn({ cwd, env, ...withoutBackoff }, words);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      return stderr.split('\n')[0];
    };
    const [text, asked, json, forced] = await Promise.all([
      plan(),
      plan('--log-format', 'json'),
      plan('--json'),
      plan('--json', '--log-format', 'pretty'),
    ]);
    const forPeople = /^\[\d\d:\d\d:\d\d\] WARN: not read, trying again attempts=1 /;
    expect(text).toMatch(forPeople);
    expect(forced).toMatch(forPeople);
    for (const line of [asked, json]) {
      expect(JSON.parse(line ?? '')).toMatchObject({
        level: 'warn',
        msg: 'not read, trying again',
      });
    }
  });
});

describe('help', () => {
  const state = ['--state <dir>', '.widget-sync', 'WIDGET_SYNC_STATE'];
  const apiUrl = ['--api-url <url>', 'https://api.insighto.ai', 'WIDGET_SYNC_API_URL'];
  const asking = [
    apiUrl,
    ['--rate <n/s·m·h>', '5/s', 'WIDGET_SYNC_RATE'],
    ['--concurrency <n>', '4', 'WIDGET_SYNC_CONCURRENCY'],
    ['--timeout <duration>', '30s', 'WIDGET_SYNC_TIMEOUT'],
  ];
  const deciding = [
    state,
    ['--live <auto|off>', 'auto', 'WIDGET_SYNC_LIVE'],
    ['--drift <correct|report>', 'correct', 'WIDGET_SYNC_DRIFT'],
    ['--released <reset|leave>', 'reset', 'WIDGET_SYNC_RELEASED'],
  ];
  const maxChanges = ['--max-changes <n|n%|auto|off>', 'auto', 'WIDGET_SYNC_MAX_CHANGES'];
  const keepHistory = ['--keep-history <size|all>', '64MiB', 'WIDGET_SYNC_KEEP_HISTORY'];
  const allow = ['--allow <code>', 'none', 'WIDGET_SYNC_ALLOW'];
  const root = ['--root <dir|auto>', 'auto', 'WIDGET_SYNC_ROOT'];
  const listed = ['--accounts <file>', 'none', 'WIDGET_SYNC_ACCOUNTS'];
  const store = ['--store <files|postgres>', 'files', 'WIDGET_SYNC_STORE'];
  const pooler = ['--pooler <host:port>', 'none', 'WIDGET_SYNC_POOLER'];
  const accounts = [listed, store, pooler];
  const watching = [
    ['--resync <cron|off>', '0 * * * *', 'WIDGET_SYNC_RESYNC'],
    ['--timezone <zone>', 'system', 'WIDGET_SYNC_TIMEZONE'],
    ['--watch <auto|events|poll>', 'auto', 'WIDGET_SYNC_WATCH'],
    ['--rescan <duration>', '30s', 'WIDGET_SYNC_RESCAN'],
    ['--poll-interval <duration|auto>', 'auto', 'WIDGET_SYNC_POLL_INTERVAL'],
  ];
  const telling = [
    ['--notify <file>', 'none', 'WIDGET_SYNC_NOTIFY'],
    ['--notify-again <duration|off>', 'off', 'WIDGET_SYNC_NOTIFY_AGAIN'],
  ];
  const serving = [
    ['--serve <address|off>', 'off', 'WIDGET_SYNC_SERVE'],
    ['--serve-host <name,...>', 'none', 'WIDGET_SYNC_SERVE_HOST'],
    ['--serve-snapshot <off|none|declared>', 'off', 'WIDGET_SYNC_SERVE_SNAPSHOT'],
  ];
  const logging = [
    ['--log-level <level>', 'info', 'WIDGET_SYNC_LOG_LEVEL'],
    ['--log-format <format>', 'auto', 'WIDGET_SYNC_LOG_FORMAT'],
  ];

  test.each([
    [
      'run',
      [
        ...accounts,
        ...asking,
        ...deciding,
        root,
        maxChanges,
        keepHistory,
        allow,
        ...watching,
        ...telling,
        ...serving,
        ...logging,
      ],
      ['--sandbox'],
    ],
    [
      'apply',
      [...accounts, ...asking, ...deciding, root, maxChanges, keepHistory, allow, ...logging],
      [
        '--account <name>',
        '--sandbox',
        '--json',
        '--force',
        '--checksum <sum>',
        '--since <commit>',
      ],
    ],
    [
      'plan',
      [...accounts, ...asking, ...deciding, root, maxChanges, allow, ...logging],
      [
        '--account <name>',
        '--sandbox',
        '--json',
        '--format <text|json|markdown>',
        '--output <format=file>',
        '--pictures <url>',
        '--detailed-exitcode',
        '--since <commit>',
        '--snapshot <file|url>',
        '--max-age <age>',
        '--values <all|git>',
        '--full',
      ],
    ],
    [
      'snapshot',
      [...accounts, ...asking, state, root, allow, ...logging],
      [
        '--account <name>',
        '--sandbox',
        '--values <none|declared>',
        '--output <file>',
        '--since <commit>',
      ],
    ],
    [
      'validate',
      [listed, root, allow],
      [
        '--account <name>',
        '--json',
        '--format <text|json|github|gitlab|sarif|junit>',
        '--output <format=file>',
        '--strict',
      ],
    ],
    ['render', [root, allow], ['--json']],
    [
      'import',
      [...accounts, ...asking, state, root, ...logging],
      ['--account <name>', '--json', '--only <id>', '--update'],
    ],
    [
      'status',
      [...accounts, state, apiUrl],
      [
        '--account <name>',
        '--widget <id|file|name>',
        '--only <state,...>',
        '--max-age <duration>',
        '--watch',
        '--json',
      ],
    ],
    [
      'where',
      [...accounts, state, root, apiUrl],
      ['--account <name>', '--json', '--wait <duration>'],
    ],
    [
      'history',
      [...accounts, state],
      [
        '--account <name>',
        '--json',
        '--full',
        '--limit <n>',
        '--widget <file|id>',
        '--since <time>',
        '--until <time>',
        '--commit <sha>',
        '--field <name>',
      ],
    ],
    ['store', [state, pooler], ['--account <name>']],
    [
      'sandbox',
      [root],
      [
        '--port <n>',
        '--seed <dir>',
        '--put <merge|replace>',
        '--list <whole|brief>',
        '--faults <file>',
      ],
    ],
  ])(
    'of %s names every flag, with its default and its environment variable',
    async (command, flags, others) => {
      const { code, stdout, stderr } = await runHere([command, '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const words = stdout.replaceAll(/\s+/g, ' ');
      for (const [flag, fallback, variable] of flags) {
        const from = words.indexOf(` ${flag} `);
        expect(from, flag).toBeGreaterThan(-1);
        const end = words.indexOf(')', from);
        expect(words.slice(from, end + 1)).toContain(`(default: ${fallback}, env: ${variable})`);
      }
      for (const flag of others) expect(words).toContain(` ${flag} `);
      const named = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, name]) => name);
      expect(named).toHaveLength(flags.length + others.length + 1);
    },
  );

  test('names the commands, and --version the version', async () => {
    const help = await runHere(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const name of 'run apply plan validate import status history sandbox'.split(' ')) {
      expect(help.stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
    const version = await runCommand(['--version'], { cwd: temporaryDirectory() });
    const file = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(version).toEqual({ code: 0, stderr: '', stdout: `${file.version}\n` });
  });
});
