// Three replicas on one PostgreSQL, each with a checkout of its own and a link of its own, and three accounts, each
// with a server.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { systemClock } from '../../../src/base/clock.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/start-sandbox.ts';
import { commitAll, git } from '../../documents/repository.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { runHere } from '../../support/program.ts';
import { widgetId } from '../../support/sandbox.ts';
import { Daemon } from '../daemon.ts';
import { type Dice, rollDice } from '../dice.ts';
import { Faults, journaling } from '../faulty-requests.ts';
import { Journal } from '../journal.ts';
import { type Budget, type Commit, nameOf } from './fleet-checks.ts';
import {
  type AccountName,
  accountNames,
  everyPlace,
  type Place,
  type ReplicaName,
  replicaNames,
  timeoutMs,
  widgetCount,
} from './fleet-schedule.ts';
import { openLink, type SeverableLink } from './severable-link.ts';

export interface FleetAccount {
  readonly sandbox: Sandbox;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly key: string;
}

export interface FleetReplica {
  readonly daemon: Daemon;
  readonly link: SeverableLink;
  readonly logFile: string;
  /** The checkout is as the repository is now. */
  pull(): void;
}

export interface FleetWorld {
  readonly dice: Dice;
  readonly accounts: Readonly<Record<AccountName, FleetAccount>>;
  readonly replicas: Readonly<Record<ReplicaName, FleetReplica>>;
  readonly postgres: TestPostgres;
  readonly commits: readonly Commit[];
  /** Asks the store as it would be asked by hand. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  commit(places: readonly Place[]): void;
  /** Of the repository, which is the newest. */
  readonly accountsFile: string;
  /** The variables by which a command finds the store. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Few, so that they are all used; within a minute even by replicas that take over long after each other. */
export const budgets: Readonly<Record<AccountName, Budget>> = {
  fernwood: { limit: 5, windowMs: 1000 },
  harbor: { limit: 5, windowMs: 1000 },
  juniper: { limit: 60, windowMs: 60_000 },
};

export async function openFleetWorld(seed: number): Promise<FleetWorld> {
  const root = mkdtempSync(join(tmpdir(), 'widget-sync-fleet-'));
  const postgres = await startPostgres();
  const database = await postgres.makeDatabase();
  const env = environmentOf(postgres, database);
  const { code, stderr } = await runHere(['store', 'init'], env);
  if (code !== 0) throw new Error(stderr);
  const accounts = await openAccounts(root);
  const origin = makeRepository(root, accounts);
  const replicas = await openReplicas({ root, origin: origin.path, port: postgres.port, env });
  const all = Object.values(replicas);
  const clear = () => {
    for (const { daemon } of all) daemon.killAtOnce();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', clear);
  return {
    dice: rollDice(seed),
    ...{ accounts, replicas, postgres, env },
    commits: origin.commits,
    accountsFile: join(origin.path, 'accounts.yaml'),
    commit: origin.commit,
    query: (sql) => postgres.query(database, sql),
    async close() {
      for (const { daemon, link } of all) {
        await daemon.kill();
        daemon.close();
        await link.close();
      }
      for (const { sandbox } of Object.values(accounts)) await sandbox.close();
      await postgres.stop();
      process.off('exit', clear);
      clear();
    },
  };
}

function environmentOf(postgres: TestPostgres, database: string): Record<string, string> {
  const entries = Object.entries(postgres.envOf(database));
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? '']));
}

async function openAccounts(root: string): Promise<FleetWorld['accounts']> {
  mkdirSync(join(root, 'keys'));
  const open = async (name: AccountName): Promise<FleetAccount> => {
    // Which of several processes sent a request is not to be seen.
    const [journal, faults] = [new Journal(() => 1), new Faults()];
    const key = `in-chaos/${name}/replicas+key`;
    const widgets = Array.from({ length: widgetCount }, (_, n) => ({
      widgetId: widgetId(n),
      fields: { display_name: 'seeded' },
    }));
    const onRequest = journaling(journal, faults, () => sandbox);
    const sandbox: Sandbox = await startSandbox({ apiKey: key, widgets, onRequest });
    writeFileSync(join(root, 'keys', name), key);
    chmodSync(join(root, 'keys', name), 0o600);
    return { sandbox, journal, faults, key };
  };
  const [fernwood, harbor, juniper] = [
    await open('fernwood'),
    await open('harbor'),
    await open('juniper'),
  ];
  return { fernwood, harbor, juniper };
}

function makeRepository(root: string, accounts: FleetWorld['accounts']) {
  const path = join(root, 'origin');
  const commits: Commit[] = [];
  const entries = accountNames.map((name) => [
    name,
    {
      directory: `clients/${name}/widgets`,
      key_file: join(root, 'keys', name),
      api_url: accounts[name].sandbox.url,
      rate: `${budgets[name].limit}/${budgets[name].windowMs === 1000 ? 's' : 'm'}`,
    },
  ]);
  const defaults = { timeout: `${timeoutMs / 1000}s`, resync: 'off' };
  for (const name of accountNames) {
    mkdirSync(join(path, `clients/${name}/widgets`), { recursive: true });
  }
  git(path, 'init', '-q', '-b', 'main', '--template=');
  writeFileSync(
    join(path, 'accounts.yaml'),
    stringify({ defaults, accounts: Object.fromEntries(entries) }),
  );
  const commit = (places: readonly Place[]) => {
    const number = commits.length + 1;
    for (const place of places) {
      writeFileSync(
        join(path, `clients/${place.account}/widgets/w${place.widget}.yaml`),
        `widget_id: ${widgetId(place.widget)}\nwidget_type: chat\ndisplay_name: ${nameOf(place, number)}\n`,
      );
    }
    // Said before anybody can have it.
    commits.push({ number, atMs: systemClock.monotonicMs(), places });
    commitAll(path, `${1_790_000_000 + 60 * number} +0000`);
  };
  commit(everyPlace);
  return { path, commits, commit };
}

interface Fleet {
  readonly root: string;
  readonly origin: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

async function openReplicas(fleet: Fleet): Promise<FleetWorld['replicas']> {
  const open = async (name: ReplicaName): Promise<FleetReplica> => {
    const { root, origin, port, env } = fleet;
    const clone = join(root, name);
    git(root, 'clone', '-q', `file://${origin}`, clone);
    const link = await openLink(port);
    const logFile = join(root, `${name}.log`);
    const daemon = new Daemon({
      cwd: clone,
      args: [
        ...['run', '--accounts', 'accounts.yaml', '--store', 'postgres'],
        ...['--rescan', '1s', '--log-level', 'debug', '--log-format', 'json'],
      ],
      keyFile: null,
      clockFile: join(root, 'clock'),
      env: { ...env, PGPORT: `${link.port}` },
      logFile,
      onEnd: () => {},
    });
    const pull = () => {
      git(clone, 'fetch', '-q', 'origin', 'main');
      git(clone, 'reset', '-q', '--hard', 'FETCH_HEAD');
    };
    return { daemon, link, logFile, pull };
  };
  const [one, two, three] = replicaNames;
  return { one: await open(one), two: await open(two), three: await open(three) };
}
