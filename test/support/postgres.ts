// A PostgreSQL of the test's own, and a pooler before it. Both come with Debian; where there is none, the
// tests that need it are skipped, and say so.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { folderOfRun } from './folder-of-run.ts';
import { tlsCertificate, tlsHost, tlsKey } from './https-proxy.ts';

/** Where Debian has its programs, the newest version first, and where others have theirs. */
const folders = [
  ...listed('/usr/lib/postgresql')
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => `/usr/lib/postgresql/${version}/bin`),
  ...(process.env['PATH'] ?? '').split(':'),
];
const bin = folders.find((folder) => existsSync(join(folder, 'initdb')));

export const hasPostgres = bin !== undefined;
const pgbouncer = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find((path) => existsSync(path));
export const hasPgBouncer = hasPostgres && pgbouncer !== undefined;

if (!hasPostgres) {
  process.stderr.write(
    '\nSKIPPED: the tests of the store on PostgreSQL need it: apt-get install postgresql\n\n',
  );
} else if (!hasPgBouncer) {
  process.stderr.write(
    '\nSKIPPED: the tests behind a pooler need PgBouncer: apt-get install pgbouncer\n\n',
  );
}

function listed(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Its programs, by their names. */
export function postgresProgram(name: string): string {
  return join(bin ?? '', name);
}

export interface TestPostgres {
  readonly port: number;
  /** The variables by which a client finds this database. */
  envOf(database: string): NodeJS.ProcessEnv;
  /** Makes an empty one. Resolves with its name. */
  makeDatabase(): Promise<string>;
  /** As the superuser. */
  query(database: string, sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** It is gone at once, as by a crash. */
  crash(): Promise<void>;
  /** After a crash. */
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

const host = '127.0.0.1';
/** The name that the server can prove. */
export const postgresHost = tlsHost;
export const postgresRoot = tlsCertificate;

/** A server does not run as root: as whom Debian runs it then. */
const asPostgres =
  process.getuid?.() === 0
    ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups']
    : [];

function run(words: readonly string[]): void {
  const [program = '', ...args] = [...asPostgres, ...words];
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function start(words: readonly string[]): ChildProcess {
  const [program = '', ...args] = [...asPostgres, ...words];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  // Tests that are broken off leave none behind.
  const stop = () => void child.kill('SIGQUIT');
  process.once('exit', stop);
  child.once('exit', () => process.off('exit', stop));
  return child;
}

/** A folder that the server's user may use. */
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'widget-sync-postgres-'));
  if (asPostgres.length > 0) execFileSync('chown', ['postgres', folder]);
  chmodSync(folder, 0o700);
  return folder;
}

/**
 * A cluster takes more than half a second of a processor to make, and little to copy: the first one of a run is
 * kept, untouched, for all others. Whoever finds none makes its own, so that nobody waits.
 */
function makeCluster(data: string): void {
  const kept = join(folderOfRun(), 'postgres');
  if (existsSync(kept)) {
    run(['cp', '-a', kept, data]);
    return;
  }
  const initdb = ['-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C', '-N'];
  run([postgresProgram('initdb'), ...initdb, '--wal-segsize=1', '--no-instructions']);
  const copy = `${kept}-${randomUUID()}`;
  // As the tests' own user, who alone may write there; the owner of the files stays.
  execFileSync('cp', ['-a', data, copy]);
  try {
    renameSync(copy, kept);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    rmSync(copy, { recursive: true });
  }
}

/** `settings`: lines of postgresql.conf. */
export async function startPostgres(settings: readonly string[] = []): Promise<TestPostgres> {
  const folder = makeFolder();
  const data = join(folder, 'data');
  makeCluster(data);
  const port = await freePort();
  const config = [
    `port = ${port}`,
    `listen_addresses = '${host}'`,
    `unix_socket_directories = '${folder}'`,
    `hba_file = '${join(folder, 'hba.conf')}'`,
    'ssl = on',
    `ssl_cert_file = '${join(folder, 'server.crt')}'`,
    `ssl_key_file = '${join(folder, 'server.key')}'`,
    'fsync = off',
    'full_page_writes = off',
    'shared_buffers = 16MB',
    'max_connections = 60',
    ...settings,
  ];
  // Anybody may come as anybody but as these three.
  const hba = [
    `host all secured ${host}/32 scram-sha-256`,
    `hostnossl all encrypted ${host}/32 reject`,
    `hostssl all plain ${host}/32 reject`,
    `host all all ${host}/32 trust`,
  ];
  writeFileSync(join(folder, 'hba.conf'), `${hba.join('\n')}\n`, { mode: 0o644 });
  writeFileSync(join(folder, 'server.crt'), tlsCertificate, { mode: 0o644 });
  writeFileSync(join(folder, 'server.key'), tlsKey, { mode: 0o600 });
  if (asPostgres.length > 0) execFileSync('chown', ['postgres', join(folder, 'server.key')]);
  writeFileSync(join(folder, 'more.conf'), `${config.join('\n')}\n`, { mode: 0o644 });
  chmodSync(folder, 0o755);
  const words = ['-D', data, '-c', `config_file=${join(folder, 'more.conf')}`];
  const begin = async () => {
    const child = start([postgresProgram('postgres'), ...words]);
    const over = new Promise<void>((resolve) => child.on('exit', () => resolve()));
    await untilAnswers(port, child);
    return { child, over };
  };
  let running = await begin();
  const end = async (signal: NodeJS.Signals) => {
    running.child.kill(signal);
    await running.over;
  };
  return {
    port,
    envOf: (database) => {
      return { PGHOST: host, PGPORT: `${port}`, PGUSER: 'postgres', PGDATABASE: database };
    },
    async makeDatabase() {
      const name = `test_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
      await query(port, 'postgres', `create database ${name}`);
      return name;
    },
    query: (database, sql, values) => query(port, database, sql, values),
    crash: () => end('SIGQUIT'),
    async startAgain() {
      running = await begin();
    },
    async stop() {
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function query(port: number, database: string, sql: string, values: unknown[] = []) {
  const client = new pg.Client({ host, port, user: 'postgres', database });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}

async function untilAnswers(port: number, child: ChildProcess): Promise<void> {
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  for (let n = 0; child.exitCode === null; n += 1) {
    try {
      await query(port, 'postgres', 'select 1');
      return;
    } catch (error) {
      if (n > 600) throw error;
      await sleep(25);
    }
  }
  throw new Error(`the server did not start: ${said}`);
}

/** Below those that systems give out by themselves, so that nobody is given one before the server has it. */
const firstPort = 12_000;
const portsAWorker = 200;
/** Of the workers of one run each has ports of its own. */
const worker = Number(process.env['VITEST_POOL_ID'] ?? 0);
let portsTaken = 0;

async function freePort(): Promise<number> {
  for (;;) {
    portsTaken += 1;
    const port = firstPort + worker * portsAWorker + (portsTaken % portsAWorker);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

export interface TestPooler {
  /** As `--pooler` takes it. */
  readonly address: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** PgBouncer in transaction mode, with fewer connections to the server than clients may have. */
export async function startPooler(postgres: TestPostgres): Promise<TestPooler> {
  const folder = makeFolder();
  const port = await freePort();
  const lines = [
    '[databases]',
    `* = host=${host} port=${postgres.port} user=postgres`,
    '[pgbouncer]',
    `listen_addr = ${host}`,
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    'default_pool_size = 3',
  ];
  const path = join(folder, 'pgbouncer.ini');
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o644 });
  chmodSync(folder, 0o755);
  const child = start([pgbouncer ?? '', '-q', path]);
  const over = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  await untilListens(port, child);
  return {
    address: `${host}:${port}`,
    port,
    async stop() {
      child.kill('SIGINT');
      const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
      await over;
      clearTimeout(timer);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilListens(port: number, child: ChildProcess): Promise<void> {
  for (let n = 0; n < 600 && child.exitCode === null; n += 1) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, host, () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (isThere) return;
    await sleep(10);
  }
  throw new Error('the pooler did not start');
}

/** To be called once by a file of tests: they share one server. */
export function sharePostgres(): { readonly postgres: () => TestPostgres } {
  let shared: TestPostgres | null = null;
  beforeAll(async () => {
    if (hasPostgres) shared = await startPostgres();
  });
  afterAll(async () => {
    await shared?.stop();
  });
  return {
    postgres: () => {
      if (shared === null) throw new Error('there is no PostgreSQL: apt-get install postgresql');
      return shared;
    },
  };
}

/** Runs a program of PostgreSQL, such as pg_dump, as who runs the test. Returns what it prints. */
export function runProgram(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd = process.cwd(),
): string {
  const { status, stdout, stderr } = spawnSync(postgresProgram(name), args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${name}: ${stderr}`);
  return stdout;
}
