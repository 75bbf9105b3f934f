// `npm run bench`: what the project costs, against the least that it could cost. Each figure is a
// ratio of two measurements of one run, alternating, since machines are shared and noisy.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  cpSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedController } from '../../build/base/abort.js';
import { systemClock } from '../../build/base/clock.js';
import {
  forgetSecrets,
  hideRegistered,
  hideSecrets,
  registerSecret,
} from '../../build/base/secrets.js';
import { patternOfSpellings } from '../../build/base/spelling/spellings.js';
import { openWidgetDirectory } from '../../build/documents/widget-directory.js';
import { nothingLive } from '../../build/model/plan.js';
import { makePlan } from '../../build/plan/make-plan.js';
import { sandboxKey, startSandbox } from '../../build/sandbox/start-sandbox.js';
import { openState } from '../../build/state/file/file-store.js';
import { defaultQuiet } from '../../build/sync/loop/debounce.js';
import { recordFindings } from '../../build/sync/queue/record-findings.js';
import { RateLimiter } from '../../build/sync/rate/rate-limiter.js';
import { measureAccounts, measureTrouble } from './accounts.mjs';
import { measureFragments } from './fragments.mjs';
import { measureMemory, measureWatched } from './operate.mjs';
import { measureOrigins } from './origins.mjs';

const root = mkdtempSync(join(tmpdir(), 'widget-sync-bench-'));
const policy = { send: 'changed', drift: 'correct', released: 'reset', nowMs: Date.now() };
const print = (text) => process.stdout.write(`${text}\n`);

function widgetText(n) {
  const id = n.toString(16).padStart(8, '0');
  return [
    `widget_id: ${id}-0000-4000-8000-0000${id}`,
    'widget_type: chat',
    `display_name: Widget ${n}`,
    'intro_message: Hello, how can we help you today?',
    'header_color: "#1f2937"',
    'user_opening_messages: [Where is my order?, Talk to a human]',
    'style_params: { position: bottom-right, offset: { x: 24, y: 24 } }',
    '',
  ].join('\n');
}

function makeWidgets(count, directory = join(root, String(count))) {
  for (let n = 0; n < count; n += 1) {
    const folder = join(directory, `client-${Math.floor(n / 100)}`);
    if (n % 100 === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `widget-${n}.yaml`), widgetText(n));
  }
  return directory;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function timed(act) {
  const startedMs = performance.now();
  act();
  return performance.now() - startedMs;
}

function bareLstat(directory) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    lstatSync(path);
    if (entry.isDirectory()) bareLstat(path);
  }
}

function compare(title, [name, act], [baseName, base], rounds = 7) {
  const ours = [];
  const bare = [];
  for (let round = 0; round < rounds; round += 1) {
    bare.push(timed(base));
    ours.push(timed(act));
  }
  const [a, b] = [median(ours), median(bare)];
  print(
    `${title}: ${name} ${a.toFixed(1)} ms, ${baseName} ${b.toFixed(1)} ms, ratio ${(a / b).toFixed(2)}`,
  );
}

async function looking() {
  const directory = makeWidgets(10_000);
  // As `run` looks: notes are shown by validate alone.
  const watched = openWidgetDirectory(directory, { notes: false });
  const first = timed(() => watched.load());
  // Files younger than a second are read again; the figure is about files that have settled.
  await systemClock.sleep(1200);
  watched.load();
  compare(
    'rescan of 10,000 unchanged files',
    ['a look', () => watched.look()],
    ['bare lstat', () => bareLstat(directory)],
    15,
  );
  const readAll = () => {
    for (const folder of readdirSync(directory)) {
      for (const name of readdirSync(join(directory, folder)))
        readFileSync(join(directory, folder, name));
    }
  };
  const bare = timed(readAll);
  print(
    `10,000 new files: first look ${first.toFixed(0)} ms, bare read ${bare.toFixed(0)} ms, ratio ${(first / bare).toFixed(1)}`,
  );
  const { documents, held } = watched.load();
  const views = { desired: documents, held, applied: new Map(), live: nothingLive, revision: null };
  compare(
    'plan of 10,000 new widgets',
    ['makePlan', () => makePlan(views, policy)],
    ['one look', () => watched.look()],
    3,
  );
}

async function pacing() {
  const clock = systemClock;
  const limiter = new RateLimiter({
    rate: { limit: 20, windowMs: 1000 },
    concurrency: Infinity,
    clock,
    breaker: null,
  });
  const { signal } = sharedController();
  const starts = [];
  const one = async () => {
    const slot = await limiter.take(0, signal);
    starts.push(performance.now());
    await clock.sleep(2);
    slot.ended();
  };
  await Promise.all(Array.from({ length: 100 }, one));
  const tightest = Math.min(...starts.slice(20).map((at, n) => at - starts[n]));
  const spanMs = starts[99] - starts[0];
  print(
    `100 starts at 20/s: took ${(spanMs / 4000).toFixed(3)} of the 4 s that the rate demands; 21 starts never within ${tightest.toFixed(0)} ms`,
  );
}

/** Records of widgets that were found as declared, against files that are made to last one by one. */
async function recording() {
  const { documents } = openWidgetDirectory(makeWidgets(1000)).load();
  const readAtMs = Date.now();
  const asDeclared = ({ widgetId, spec }) => [
    widgetId,
    { body: { id: widgetId, ...spec }, readAtMs },
  ];
  const live = { ...nothingLive, widgets: new Map(documents.map(asDeclared)) };
  const views = { desired: documents, held: [], applied: new Map(), revision: null, live };
  const plan = makePlan(views, policy);
  if (plan.adopted.length !== 1000) throw new Error('not all is adopted');
  const apiUrl = 'https://api.example.com';
  const ours = [];
  const bare = [];
  for (let round = 0; round < 3; round += 1) {
    const directory = join(root, `records-${round}`);
    const options = { directory, apiUrl, reader: '1', command: 'bench', clock: systemClock };
    const state = await openState({ ...options, warn: print });
    const startedMs = performance.now();
    await recordFindings(plan, { state, isBusy: () => false }, systemClock.now());
    ours.push(performance.now() - startedMs);
    await state.close();
    const records = join(directory, 'widgets');
    const contents = readdirSync(records).map((name) => readFileSync(join(records, name)));
    const aside = join(root, `aside-${round}`);
    mkdirSync(aside);
    const makeAll = () => {
      for (const [n, content] of contents.entries()) makeLast(join(aside, `${n}`), content);
    };
    bare.push(timed(makeAll));
  }
  const [a, b] = [median(ours), median(bare)];
  print(
    `records of 1,000 adopted widgets: ${a.toFixed(0)} ms, bare write, fsync and rename one by one ${b.toFixed(0)} ms, ratio ${(a / b).toFixed(2)}`,
  );
}

function makeLast(path, content) {
  const file = openSync(`${path}.tmp`, 'wx');
  writeSync(file, content);
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}.tmp`, path);
}

/** Two widgets more, over a fragment each: in a folder that is not walked, and above the widget directory. */
function extendTwo(directory) {
  mkdirSync(join(directory, '../.git'));
  mkdirSync(join(directory, '_kit'));
  const lines = widgetText(1000).split('\n').slice(1).join('\n');
  const extended = [
    ['within', join(directory, '_kit/kit.yaml'), '_kit/kit.yaml'],
    ['above', join(directory, '../_brand.yaml'), '../_brand.yaml'],
  ];
  return extended.map(([name, place, entry], n) => {
    const [id] = widgetText(1000 + n).split('\n');
    writeFileSync(place, lines);
    writeFileSync(join(directory, `${name}.yaml`), `${id}\nextends: ${entry}\n`);
    return (edit) => writeFileSync(place, lines.replace(/Widget \d+/, edit));
  });
}

/**
 * The built daemon among 1,000 files: from the write of one to the arrival of its request; and of a fragment
 * that reaches one widget.
 */
async function reacting() {
  const directory = makeWidgets(1000, join(root, 'reacting/widgets'));
  const [within, above] = extendTwo(directory);
  const { documents } = openWidgetDirectory(directory).load();
  if (documents.length !== 1002) throw new Error('a widget is held');
  const widgets = documents.map(({ widgetId, spec }) => ({ widgetId, fields: spec }));
  const sandbox = await startSandbox({ widgets });
  let arrived = () => {};
  sandbox.observe((request) => request.method === 'PUT' && arrived());
  const flags = ['--api-url', sandbox.url, '--rate', '1000/s', '--resync', 'off', '--rescan', '1h'];
  const state = join(root, 'state');
  const env = { PATH: process.env.PATH, INSIGHTO_API_KEY: sandboxKey, NO_PROXY: '*' };
  const entry = new URL('../../dist/main.js', import.meta.url).pathname;
  const daemon = spawn(process.execPath, [entry, 'run', directory, '--state', state, ...flags], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => {
    daemon.stdout.on('data', (text) => String(text).includes('"looked"') && resolve());
  });
  const flat = (edit, n) => {
    const place = join(directory, `client-${n % 10}`, `widget-${(n % 10) * 100}.yaml`);
    writeFileSync(place, widgetText((n % 10) * 100).replace(/Widget \d+/, edit));
  };
  const waits = new Map([flat, within, above].map((write) => [write, []]));
  for (let n = 0; n < 31; n += 1) {
    for (const [write, took] of waits) {
      // The answer of the one before, and its record, are not to be taken for the next request.
      await systemClock.sleep(300);
      const seen = new Promise((resolve) => {
        arrived = resolve;
      });
      const startedMs = performance.now();
      write(`Edit ${n}`, n);
      await seen;
      took.push(performance.now() - startedMs);
    }
  }
  daemon.kill('SIGTERM');
  await new Promise((resolve) => daemon.once('exit', resolve));
  await sandbox.close();
  const quiet = defaultQuiet.quietMs;
  const [middle, ofWithin, ofAbove] = [...waits.values()].map(median);
  print(
    `edit to request among 1,000 files: median ${middle.toFixed(0)} ms, of which ${quiet} ms are the wait for quiet, ratio ${(middle / quiet).toFixed(2)}`,
  );
  const beside = (ms) => `${ms.toFixed(0)} ms, ratio to a widget file ${(ms / middle).toFixed(2)}`;
  print(
    `edit of a fragment to request: in a folder that is not walked ${beside(ofWithin)}; above the widget directory ${beside(ofAbove)}`,
  );
}

/** The built command over 1,000 files: their pictures as a folder, against checking the same files. */
function drawing() {
  const directory = makeWidgets(1000);
  const folder = `${join(root, 'pictures')}/`;
  const state = join(root, 'no-state');
  const drawn = [];
  const checked = [];
  for (let n = 0; n < 3; n += 1) {
    checked.push(commandMs(['validate', directory]));
    drawn.push(commandMs(['preview', directory, '--out', folder, '--state', state]));
  }
  print(
    `pictures of 1,000 widgets: ${median(drawn).toFixed(0)} ms, ratio to checking the files ${(median(drawn) / median(checked)).toFixed(2)}`,
  );
}

function commandMs(words) {
  const entry = new URL('../../dist/main.js', import.meta.url).pathname;
  const startedMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [entry, ...words], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
  return performance.now() - startedMs;
}

/** A process of many accounts: its keys are looked up in each line, where once each had a pattern. */
function keys() {
  const drawn = (count) =>
    Array.from({ length: count }, () => `in-${randomBytes(20).toString('hex')}`);
  const line = JSON.stringify({
    level: 'info',
    file: 'clients/fernwood/ava.yaml',
    msg: 'sent "it"',
  });
  const perLineUs = (hide, rounds) =>
    (timed(() => {
      for (let n = 0; n < rounds; n += 1) hide(`${line}${n}`);
    }) /
      rounds) *
    1000;
  const few = drawn(1000);
  let patterns = [];
  // A pattern is compiled when it is first used.
  const compiled = timed(() => {
    patterns = few.map(patternOfSpellings);
    for (const pattern of patterns) line.search(pattern);
  });
  const bare = perLineUs((text) => patterns.reduce((rest, one) => rest.replace(one, ''), text), 50);
  const compare = (title, a, b, unit) =>
    print(
      `${title}: looked up ${a.toFixed(2)} ${unit}, by patterns ${b.toFixed(2)} ${unit}, ratio ${(a / b).toFixed(4)}`,
    );
  const register = (all) =>
    timed(() => {
      for (const key of all) registerSecret(key);
    });
  compare('1,000 keys registered', register(few), compiled, 'ms');
  compare('a line where 1,000 keys are known', perLineUs(hideRegistered, 50_000), bare, 'us');
  const ms = register(drawn(9000));
  const [plain, held] = ['', ` ${few[0]}`].map((end) =>
    perLineUs((text) => hideSecrets(text + end), 50_000),
  );
  print(
    `9,000 more: ${ms.toFixed(0)} ms; a line of the log ${plain.toFixed(1)} us, one that holds a key ${held.toFixed(1)} us`,
  );
  forgetSecrets();
}

/** The built daemon among 10,000 files, alone and with all that may watch it. */
async function beingWatched() {
  const directory = makeWidgets(10_000);
  const { documents } = openWidgetDirectory(directory, { notes: false }).load();
  await measureWatched({
    root: join(root, 'watched'),
    widgets: documents.map(({ widgetId, spec }) => ({ widgetId, fields: spec })),
    makeFiles: (into) => cpSync(directory, into, { recursive: true }),
    edit(into, n) {
      const text = widgetText(n * 100).replace(/Widget \d+/, `Edit ${n}`);
      writeFileSync(join(into, `client-${n}`, `widget-${n * 100}.yaml`), text);
    },
    rounds: 31,
    print,
  });
}

/** Takes minutes: only where it is asked for by name. */
async function passing() {
  const directory = makeWidgets(200);
  const { documents } = openWidgetDirectory(directory).load();
  await measureMemory({
    root: join(root, 'passing'),
    widgets: documents.map(({ widgetId, spec }) => ({ widgetId, fields: spec })),
    makeFiles: (into) => cpSync(directory, into, { recursive: true }),
    passes: 10_000,
    print,
  });
}

const fragments = () => measureFragments({ root: join(root, 'fragments'), print });
const origins = () => measureOrigins({ root, print });

/** Takes minutes: only where it is asked for by name. */
async function accounts() {
  await measureAccounts({ root, accounts: 300, widgets: 100, print });
  await measureAccounts({ root, accounts: 1000, widgets: 10, print });
  await measureTrouble({ root, print });
}

const parts = {
  looking,
  fragments,
  origins,
  recording,
  pacing,
  reacting,
  drawing,
  keys,
  beingWatched,
  passing,
  accounts,
};
const onlyWhereAsked = ['passing', 'accounts'];
const asked = process.argv.slice(2);

try {
  for (const [name, measure] of Object.entries(parts)) {
    const isMeant = asked.length === 0 ? !onlyWhereAsked.includes(name) : asked.includes(name);
    if (isMeant) await measure();
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
