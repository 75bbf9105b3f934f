// The long runs: `npm run soak -- --help`.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';

const usage = `Usage: npm run soak -- [options]

Repeats for long what \`npm test\` shows a few times, to meet what is rare.

  --only <lane>   what to repeat (default: chaos)
  --rounds <n>    how often (default: 100; for tests, replicas and sources: 1)
  --seed <n>      of the first round; each further one has the next (default: the time)
  -h, --help      display this text

Lanes:
  chaos     the daemon among faults, edits, kills and storms, four kills for each storm
  kill      of these only the rounds that kill
  storm     of these only the rounds that do not
  accounts  three accounts of one tree among the same, one of which always fails
  fleet     three replicas of three accounts among kills, stalls, cut links, older checkouts, and losses of
            PostgreSQL
  laws      every law with all its examples, each round with others
  tests     all tests at full length: more repetitions, files and widgets, all examples, both shapes of
            everything, and a process for each command
  replicas  of these only those of replicas: 100,000 drawn schedules, 50 kills, 100 stops
  sources   of these only those that change files beside the daemon: editors, git, git-sync, ConfigMaps

A failure names its seed. Chaos prints a line for each round and keeps the log of a world that failed.
`;

const chaosLanes = ['chaos', 'kill', 'storm'];
/** Those of the tests in which files change beside the daemon, at moments that chance gives. */
const sources = [
  'git-operations',
  'published-trees',
  'published-fragments',
  'roots',
  'editors',
  'edits',
  'no-events',
];

const root = fileURLToPath(new URL('../..', import.meta.url));
const options = readOptions();

if (options === null) process.stdout.write(usage);
else if (options.lane === 'accounts') await soakChaos(options, 'test/chaos/accounts/soak.ts');
else if (options.lane === 'fleet') await soakChaos(options, 'test/chaos/replicas/soak.ts');
else if (chaosLanes.includes(options.lane)) await soakChaos(options);
else await soakTests(options);

function readOptions() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
      only: { type: 'string', default: 'chaos' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const lanes = [...chaosLanes, 'accounts', 'fleet', 'laws', 'tests', 'replicas', 'sources'];
  if (!lanes.includes(values.only)) throw new Error(`--only: expected one of ${lanes.join(', ')}`);
  const usual = ['tests', 'replicas', 'sources'].includes(values.only) ? 1 : 100;
  const { rounds = String(usual), seed } = values;
  for (const [name, value] of Object.entries({ rounds, seed })) {
    if (!/^\d{1,10}$/.test(value)) throw new Error(`--${name}: expected a whole number`);
  }
  if (Number(rounds) === 0) throw new Error('--rounds: expected at least 1');
  return { lane: values.only, rounds: Number(rounds), seed: Number(seed) };
}

async function soakChaos({ lane, rounds, seed }, suite = 'test/chaos/soak.ts') {
  Object.assign(process.env, { SOAK_ROUNDS: rounds, SOAK_SEED: seed, SOAK_ONLY: lane });
  await runTests({ include: [suite] });
}

/** Ends at the first round in which a test fails. */
async function soakTests({ lane, rounds, seed: firstSeed }) {
  const run = await settingsOf(lane);
  for (let round = 0; round < rounds && !process.exitCode; round += 1) {
    const seed = firstSeed + round;
    Object.assign(process.env, lane === 'laws' ? {} : { SOAK_TESTS: '1', TEST_SEED: seed });
    process.env['LAWS_SEED'] = String(seed);
    await runTests(run);
    process.stdout.write(`round ${round + 1} of ${rounds}, seed ${seed}\n`);
  }
}

async function settingsOf(lane) {
  // Processes of their own for all commands: no more workers than cores.
  const long = { maxWorkers: '100%', testTimeout: 600_000 };
  if (lane === 'tests') return long;
  if (lane === 'replicas') {
    return { ...long, include: ['test/replicas/**/*.test.ts', 'test/e2e/replicas.test.ts'] };
  }
  const include = sources.map((name) => `test/e2e/${name}.test.ts`);
  if (lane === 'sources') return { ...long, include };
  // Laws are the tests that say by which seed they run.
  return { include: await findLaws(), testNamePattern: /\(with seed=/, reporters: ['minimal'] };
}

async function findLaws() {
  const files = await readdir(join(root, 'test'), { recursive: true });
  const tests = files.filter((file) => file.endsWith('.test.ts')).map((file) => join('test', file));
  const texts = await Promise.all(tests.map((file) => readFile(join(root, file), 'utf8')));
  return tests.filter((_, at) => texts[at].includes('/law.ts'));
}

async function runTests(overrides) {
  const vitest = await startVitest('test', [], { root, watch: false, ...overrides });
  await vitest.close();
}
