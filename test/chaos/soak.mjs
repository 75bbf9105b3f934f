// `npm run soak -- --rounds N --seed S [--only kill|storm|laws]`: chaos for long, with a line for each
// round; or the laws, each round with cases by another seed.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    only: { type: 'string', default: 'all' },
  },
});

for (const name of ['rounds', 'seed']) {
  if (!/^\d{1,10}$/.test(values[name])) throw new Error(`--${name}: expected a whole number`);
}
if (Number(values.rounds) === 0) throw new Error('--rounds: expected at least 1');
if (!['all', 'kill', 'storm', 'laws'].includes(values.only)) {
  throw new Error('--only: expected kill, storm or laws');
}

const rounds = Number(values.rounds);
const firstSeed = Number(values.seed);
const root = fileURLToPath(new URL('../..', import.meta.url));

if (values.only === 'laws') await soakLaws();
else await soakChaos();

async function soakChaos() {
  Object.assign(process.env, {
    SOAK_ROUNDS: values.rounds,
    SOAK_SEED: values.seed,
    SOAK_ONLY: values.only,
  });
  await runTests({ include: ['test/chaos/soak.ts'] });
}

/** Ends at the first round in which a law does not hold. */
async function soakLaws() {
  const include = await findLaws();
  for (let round = 0; round < rounds && !process.exitCode; round += 1) {
    const seed = firstSeed + round;
    process.env['LAWS_SEED'] = String(seed);
    // Laws are the tests that say by which seed they run.
    await runTests({ include, testNamePattern: /\(with seed=/, reporters: ['minimal'] });
    process.stdout.write(`round ${round + 1} of ${rounds}, seed ${seed}\n`);
  }
}

async function findLaws() {
  const files = await readdir(join(root, 'test'), { recursive: true });
  const tests = files.filter((file) => file.endsWith('.test.ts')).map((file) => join('test', file));
  const texts = await Promise.all(tests.map((file) => readFile(join(root, file), 'utf8')));
  return tests.filter((_, at) => texts[at].includes('/law.ts'));
}

async function runTests(options) {
  const vitest = await startVitest('test', [], { root, watch: false, ...options });
  await vitest.close();
}
