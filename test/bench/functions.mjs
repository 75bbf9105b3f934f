// `npm run build && node test/bench/functions.mjs`: how many functions the built daemon runs from the edit
// of one field until it is live and recorded, and in how many files, by the coverage of V8. Named functions
// count, callbacks without a name do not. A function counts where it ran for each of the edits, so that a
// timer or a rescan that happens to fall between does not.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const usage = `Usage: npm run build && node test/bench/functions.mjs [options]

Counts the named functions of src/ that run from the edit of one field until it is live and recorded.

  --list        also print their names, by file
  --rounds <n>  edits to make; a function counts where it ran for each of them (default: 5)
  -h, --help    display this text
`;

const { values } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error('--rounds: expected at least 1');

const modules = new URL('../../build/', import.meta.url);
const entry = fileURLToPath(new URL('main.js', modules));
const preload = fileURLToPath(new URL('coverage.mjs', import.meta.url));
/** Longer than all that an applied change leads to afterwards: the status, another look. */
const settledMs = 2500;
/** Of a command that never says what is waited for. */
const longestMs = 120_000;

function print(text) {
  process.stdout.write(`${text}\n`);
}

const widgetId = '11111111-1111-4111-8111-111111111111';

function widgetText(color) {
  return [
    `widget_id: ${widgetId}`,
    'widget_type: chat',
    'display_name: Ava',
    'intro_message: Hello, how can we help you today?',
    `header_color: "${color}"`,
    'user_opening_messages: [Where is my order?, Talk to a human]',
    'style_params: { position: bottom-right, offset: { x: 24, y: 24 } }',
    '',
  ].join('\n');
}

/** A checkout with one committed file, as it is meant to be used. */
function makeCheckout(root) {
  mkdirSync(join(root, 'widgets'), { recursive: true });
  writeFileSync(join(root, 'widgets', 'ava.yaml'), widgetText('#000000'));
  const who = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com'];
  for (const words of [
    ['init', '-q'],
    ['add', 'widgets'],
    [...who, 'commit', '-qm', 'Add Ava'],
  ]) {
    const { status, stderr } = spawnSync('git', words, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(`git ${words.join(' ')}: ${stderr}`);
  }
}

function start(words, options) {
  const child = spawn(process.execPath, words, options);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const giveUp = setTimeout(() => child.kill('SIGKILL'), longestMs);
  /** Takes lines until one matches. */
  const waitFor = async (wanted) => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${words.join(' ')}: ended before a line with ${wanted}`);
      if (wanted.test(value)) return value;
    }
  };
  const stop = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    clearTimeout(giveUp);
    child.kill('SIGTERM');
    await ended;
  };
  return { child, waitFor, stop };
}

/** The functions that ran since it was last asked, as `file name`. */
function takeCoverage({ child }) {
  const taken = new Promise((resolve) => child.once('message', resolve));
  child.send('take');
  return taken;
}

async function measure(root) {
  makeCheckout(root);
  const env = { PATH: process.env.PATH, HOME: root, NO_PROXY: '*' };
  const pipes = { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] };
  const sandbox = start([entry, 'sandbox', '--port', '0', '--seed', 'widgets'], pipes);
  const [, apiUrl] = /(http:[\w/.:]+)/.exec(await sandbox.waitFor(/http:/));
  const daemon = start(
    ['--import', preload, entry, 'run', '--api-url', apiUrl, '--resync', 'off', '--rescan', '1h'],
    {
      ...pipes,
      env: { ...env, INSIGHTO_API_KEY: 'in-sandbox', COVERAGE_BELOW: modules.href },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  );
  const edit = async (color) => {
    writeFileSync(join(root, 'widgets', 'ava.yaml'), widgetText(color));
    await daemon.waitFor(/"applied"/);
    const ran = await takeCoverage(daemon);
    await sleep(settledMs);
    await takeCoverage(daemon);
    return ran;
  };
  try {
    await daemon.waitFor(/"looked"/);
    await sleep(settledMs);
    // The first one also runs what runs once.
    await edit('#000001');
    const ran = [];
    for (let n = 0; n < rounds; n += 1) ran.push(await edit(`#00001${n % 10}`));
    await sleep(settledMs);
    return { ran, idle: await takeCoverage(daemon) };
  } finally {
    await daemon.stop();
    await sandbox.stop();
  }
}

async function report() {
  const root = mkdtempSync(join(tmpdir(), 'widget-sync-functions-'));
  try {
    const { ran, idle } = await measure(root);
    const each = ran[0].filter((name) => ran.every((names) => names.includes(name)));
    const files = new Set(each.map((name) => name.split(' ')[0]));
    if (values.list) print(`${each.sort().join('\n')}\n`);
    print(`one edited field runs ${each.length} functions in ${files.size} files`);
    print(`by edit: ${ran.map((names) => names.length).join(', ')}; without any: ${idle.length}`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

if (values.help) process.stdout.write(usage);
else await report();
