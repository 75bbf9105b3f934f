// Three accounts of one tree, each with a server and a key of its own, and one daemon for all of them.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../../../src/base/errors.ts';
import type { JsonObject } from '../../../src/base/json/json.ts';
import type { FaultRule } from '../../../src/sandbox/faults/fault-rules.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/start-sandbox.ts';
import { Daemon } from '../daemon.ts';
import { type Dice, rollDice } from '../dice.ts';
import { Faults, journaling } from '../faulty-requests.ts';
import { Journal } from '../journal.ts';
import type { Kept } from './agency-checks.ts';
import { drawFailure } from './agency-schedule.ts';
import { type AccountName, AgencyTree, accountNames, everyPlace, idOf } from './agency-tree.ts';

export interface AgencyAccount {
  readonly name: AccountName;
  readonly sandbox: Sandbox;
  readonly journal: Journal;
  readonly faults: Faults;
  /** Every key that it has ever had. */
  readonly keys: string[];
}

export interface AgencyWorld {
  readonly dice: Dice;
  readonly tree: AgencyTree;
  readonly accounts: Readonly<Record<AccountName, AgencyAccount>>;
  readonly daemon: Daemon;
  readonly root: string;
  readonly logFile: string;
  readonly isPublished: boolean;
  /** What juniper answers as long as it is not healed. */
  readonly failure: FaultRule;
  /** Requests that carried what must not be in them. */
  readonly leaks: readonly string[];
  acceptKey(account: AccountName, key: string): void;
  writeKey(account: AccountName, key: string): void;
  kept(account: AccountName): Kept;
  close(): Promise<void>;
}

/** Some of what is in a key is written otherwise in a URL. */
export function newKey(account: AccountName, n: number): string {
  return `in-chaos/${account}/${n}+key`;
}

export async function openAgencyWorld(seed: number): Promise<AgencyWorld> {
  const dice = rollDice(seed);
  const isPublished = dice.lucky(0.5);
  const failure = drawFailure(dice);
  // Else it is the folder of the file of accounts.
  const namedRoot = dice.lucky(0.5) ? ['--root', 'tree'] : [];
  const root = mkdtempSync(join(tmpdir(), 'widget-sync-agency-'));
  for (const name of ['keys', 'state']) mkdirSync(join(root, name));
  const accounts = await openAccounts(() => daemon.runs);
  accounts.juniper.faults.set({ seed: 1, rules: [failure] });
  const urlOf = (name: AccountName) => accounts[name].sandbox.url;
  const tree = new AgencyTree({ root, isPublished, urlOf });
  const logFile = join(root, 'daemon.log');
  const daemon = new Daemon({
    cwd: root,
    args: [
      ...['run', '--accounts', 'tree/accounts.yaml', '--state', 'state', ...namedRoot],
      ...['--rescan', '1s', '--log-level', 'debug', '--log-format', 'json'],
    ],
    keyFile: null,
    clockFile: join(root, 'clock'),
    logFile,
    onEnd: () => {},
  });
  const leaks: string[] = [];
  const stopListening = listenFor(accounts, leaks);
  const clear = () => {
    daemon.killAtOnce();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', clear);
  const world: AgencyWorld = {
    ...{ dice, tree, accounts, daemon, root, logFile, isPublished, failure, leaks },
    acceptKey(name, key) {
      const { keys, sandbox } = accounts[name];
      if (!keys.includes(key)) keys.push(key);
      sandbox.setApiKey(key);
    },
    writeKey(name, key) {
      const { keys } = accounts[name];
      if (!keys.includes(key)) keys.push(key);
      const path = join(root, 'keys', name);
      writeFileSync(`${path}.new`, key);
      renameSync(`${path}.new`, path);
    },
    kept: (account) => ({
      account,
      widgets: new Map(
        accounts[account].sandbox.widgets().map((widget) => [String(widget['id']), widget]),
      ),
      records: recordsIn(join(root, 'state', account, 'widgets')),
    }),
    async close() {
      await daemon.kill();
      daemon.close();
      stopListening();
      for (const { sandbox } of Object.values(accounts)) await sandbox.close();
      process.off('exit', clear);
      clear();
    },
  };
  for (const name of accountNames) {
    world.acceptKey(name, newKey(name, 0));
    world.writeKey(name, newKey(name, 0));
  }
  return world;
}

async function openAccounts(runOf: () => number): Promise<AgencyWorld['accounts']> {
  const open = async (name: AccountName): Promise<AgencyAccount> => {
    const [journal, faults] = [new Journal(runOf), new Faults()];
    const widgets = everyPlace()
      .filter(({ account }) => account === name)
      .map((place) => ({ widgetId: idOf(place), fields: { display_name: 'seeded' } }));
    const onRequest = journaling(journal, faults, () => sandbox);
    const sandbox: Sandbox = await startSandbox({ widgets, onRequest });
    return { name, sandbox, journal, faults, keys: [] };
  };
  const [fernwood, harbor, juniper] = [
    await open('fernwood'),
    await open('harbor'),
    await open('juniper'),
  ];
  return { fernwood, harbor, juniper };
}

/** The log of a sandbox has no keys: what a request carried is read before the sandbox does. */
function listenFor(accounts: AgencyWorld['accounts'], leaks: string[]): () => void {
  const all = Object.values(accounts);
  const hear = (message: unknown) => {
    const { request } = message as { readonly request: IncomingMessage };
    const receiver = all.find(({ sandbox }) => sandbox.port === request.socket.localPort);
    if (receiver === undefined) return;
    const head = decodeURIComponent(`${request.url} ${JSON.stringify(request.headers)}`);
    for (const { name, keys } of all) {
      if (name !== receiver.name && keys.some((key) => head.includes(key))) {
        leaks.push(`a request to ${receiver.name} carried the key of ${name}`);
      }
    }
    const [key = ''] = /(?<=api_key=)[^& ]+/.exec(head) ?? [];
    if (!receiver.keys.includes(key)) leaks.push(`a request to ${receiver.name} without its key`);
  };
  subscribe('http.server.request.start', hear);
  return () => unsubscribe('http.server.request.start', hear);
}

function recordsIn(directory: string): ReadonlyMap<string, JsonObject> {
  return new Map(
    namesIn(directory)
      .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
      .map((name) => [
        name.slice(0, -'.json'.length),
        JSON.parse(readFileSync(join(directory, name), 'utf8')),
      ]),
  );
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
