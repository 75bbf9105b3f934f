// What a store on PostgreSQL costs a replica: `node test/bench/store.mjs [accounts] [widgets of each]`, after
// `npm run build`. It starts a server of its own, which syncs to its disk as any does.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../build/base/clock.js';
import { importState } from '../../build/state/between/import-state.js';
import { openDatabase } from '../../build/state/postgres/database/open-database.js';
import { makeSchema } from '../../build/state/postgres/database/schema.js';
import { plant } from './accounts.mjs';

const [accounts = 200, widgets = 20] = process.argv.slice(2).map(Number);
const root = mkdtempSync(join(tmpdir(), 'widget-sync-bench-'));
const print = (text) => process.stdout.write(`${text}\n`);
const load = () => readFileSync('/proc/loadavg', 'utf8').split(' ')[0];
const seconds = (ms) => (ms / 1000).toFixed(1);

const server = await startServer(join(root, 'server'));
const database = openDatabase({ env: server.env, pooler: null });
const ask = (sql) => database.ask({ what: 'cannot measure', sql });
await makeSchema(database);
const fleet = await plant(join(root, 'fleet'), { accounts, widgets });
await fleet.record();
for (let n = 0; n < accounts; n += 1) {
  const [directory, account] = [fleet.stateOf(n), fleet.nameOf(n)];
  await importState({ directory, account, database, version: '0.0.0', clock: systemClock });
}

const shape = `${accounts} accounts of ${widgets} widgets`;
const daemon = await fleet.startWith(server.env);
print(
  `${shape} (load ${load()}): all looked at after ${seconds(daemon.upMs)} s (${seconds(daemon.upCpuMs)} s of CPU)`,
);
await systemClock.sleep(5000);
const transactions = async () => {
  const [row] = await ask(
    `select xact_commit::float8 as n from pg_stat_database where datname = current_database()`,
  );
  return row.n;
};
const idle = { atMs: performance.now(), transactions: await transactions() };
const percent = await daemon.idlePercent(10_000);
const perSecond =
  ((await transactions()) - idle.transactions) / ((performance.now() - idle.atMs) / 1000);
print(
  `${shape} (load ${load()}): idle ${percent.toFixed(1)} % of a core, ${perSecond.toFixed(0)} transactions a second, ${daemon.memoryMb().toFixed(0)} MB`,
);
await edit('with the store', fleet, daemon);
const [{ lines }] = await ask(`select count(*)::int as lines from widget_sync.history`);
print(`${lines} lines of history are kept`);
await daemon.stop();
const files = await plant(join(root, 'files'), { accounts, widgets });
await files.record();
const alone = await files.start();
await systemClock.sleep(5000);
await edit('with files', files, alone);
await alone.stop();
await files.close();
await database.close();
await fleet.close();
await server.stop();
rmSync(root, { recursive: true, force: true });
process.exit(0);

/** Every widget of every account, at one moment. */
async function edit(how, edited, running) {
  const cpuBeforeMs = running.cpuMs();
  const puts = [];
  const all = new Promise((resolve) => {
    edited.onWrite((atMs) => {
      puts.push(atMs);
      if (puts.length === accounts * widgets) resolve();
    });
  });
  edited.editAll();
  await all;
  const tookMs = Math.max(...puts) - Math.min(...puts);
  // Until all of it is confirmed.
  await systemClock.sleep(2000);
  const cpuMs = running.cpuMs() - cpuBeforeMs;
  print(
    `${shape} (load ${load()}) ${how}: all edited at once: ${(puts.length / (tookMs / 1000)).toFixed(0)} PUT/s, ${(cpuMs / puts.length).toFixed(2)} ms of CPU each`,
  );
  for (const [msg, count] of running.warnings) print(`  logged ${count} times: ${msg}`);
}

async function startServer(data) {
  const folder = '/usr/lib/postgresql';
  const [version] = readdirSync(folder).sort((a, b) => Number(b) - Number(a));
  const bin = join(folder, version, 'bin');
  const isRoot = process.getuid() === 0;
  const as = isRoot ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];
  execFileSync('mkdir', ['-m', '755', data]);
  if (isRoot) execFileSync('sh', ['-c', `chmod 755 ${root} && chown postgres ${data}`]);
  const run = ([program, ...words]) => execFileSync(program, words, { stdio: 'ignore' });
  const initdb = ['-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C'];
  run([...as, join(bin, 'initdb'), ...initdb]);
  const port = await freePort();
  const words = ['-D', data, '-p', String(port), '-k', data, '-h', '127.0.0.1'];
  const [program, ...more] = [...as, join(bin, 'postgres'), ...words];
  const child = spawn(program, more, { stdio: 'ignore' });
  const env = { PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: 'postgres' };
  const probe = openDatabase({ env, pooler: null });
  for (;;) {
    const isThere = await probe.ask({ what: 'cannot start', sql: 'select 1' }).catch(() => null);
    if (isThere !== null) break;
    await systemClock.sleep(100);
  }
  await probe.close();
  return {
    env,
    async stop() {
      child.kill('SIGINT');
      await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}

function freePort() {
  return new Promise((resolve) => {
    const socket = createServer().listen(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}
