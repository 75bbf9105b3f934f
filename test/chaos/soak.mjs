// `npm run soak -- --rounds N --seed S [--only kill|storm]`: chaos for long, with a line for each round.
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
if (!['all', 'kill', 'storm'].includes(values.only)) {
  throw new Error('--only: expected kill or storm');
}

Object.assign(process.env, {
  SOAK_ROUNDS: values.rounds,
  SOAK_SEED: values.seed,
  SOAK_ONLY: values.only,
});
const vitest = await startVitest('test', [], {
  root: fileURLToPath(new URL('../..', import.meta.url)),
  include: ['test/chaos/soak.ts'],
  watch: false,
});
await vitest.close();
