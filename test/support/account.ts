// An account with its widgets, a directory of files that declare them, and the built command between
// the two: what tests of live state have in common.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import type { Json, JsonObject } from '../../src/base/json/json.ts';
import type { PlanJson } from '../../src/render/plan-json.ts';
import type { SandboxRequest } from '../../src/sandbox/request-log.ts';
import {
  type Sandbox,
  type SandboxOptions,
  startSandbox,
} from '../../src/sandbox/start-sandbox.ts';
import {
  type Finished,
  type LogLine,
  makeCheckout,
  type Running,
  runCommand,
  type Started,
  startCommand,
  temporaryDirectory,
  writeFile,
} from './command.ts';
import { runIn } from './program.ts';
import { widgetId } from './sandbox.ts';
import { startHere } from './start-here.ts';
import { asDaemon as asTreeDaemon, patienceMs, type Daemon as TreeDaemon } from './watched-tree.ts';

export interface AccountOptions extends Omit<SandboxOptions, 'widgets'> {
  /** What the widgets 0 to n - 1 hold at first, beside the API's defaults. */
  readonly live: readonly JsonObject[];
  /** The directory of files belongs to no checkout. */
  readonly isPlain?: true;
}

type CommandName =
  | 'apply'
  | 'plan'
  | 'snapshot'
  | 'preview'
  | 'validate'
  | 'import'
  | 'status'
  | 'history';

export interface Account {
  /** The directory of widget files. */
  readonly dir: string;
  readonly sandbox: Sandbox;
  /** Writes `w<n>.yaml`. */
  declare(n: number, fields: JsonObject, sync?: JsonObject): void;
  /** The n-th widget as the account holds it. */
  live(n: number): JsonObject;
  /** What a person does in the dashboard. */
  edit(n: number, fields: JsonObject): void;
  /** Runs where `widgets` is the directory of files and the state is kept. A later flag wins. */
  command(name: CommandName, ...args: string[]): Promise<Finished>;
  /** As `command`, without a process of its own. */
  quickly(name: CommandName, ...args: string[]): Promise<Finished>;
  /** What `plan --json` prints. */
  plan(...args: string[]): Promise<PlanJson>;
  /** Starts the daemon; resolves when it has done what it finds to be done at its start. */
  watch(...flags: string[]): Promise<Daemon & Started>;
  /** As `watch`, without a process of its own. */
  watchHere(...flags: string[]): Promise<Daemon>;
  /** All requests of what is done meanwhile, in order of arrival. */
  requestsOf(act: () => Promise<unknown>): Promise<SandboxRequest[]>;
}

export interface Daemon extends Omit<TreeDaemon, 'stop'> {
  /** The warnings and errors so far. */
  complaints(): LogLine[];
  /** Sends a signal and waits until what it leads to is done. */
  sweep(signal?: 'SIGHUP' | 'SIGUSR2'): Promise<void>;
  /** SIGTERM, and the end. */
  stop(): Promise<void>;
}

export async function openAccount({ live, isPlain, ...options }: AccountOptions): Promise<Account> {
  const root = temporaryDirectory();
  const dir = join(root, 'widgets');
  mkdirSync(dir);
  if (isPlain === undefined) makeCheckout(root);
  const widgets = live.map((fields, n) => ({ widgetId: widgetId(n), fields }));
  const sandbox = await startSandbox({ ...options, widgets });
  onTestFinished(() => sandbox.close());
  const where = { cwd: root, env: { INSIGHTO_API_KEY: 'in-test', NO_PROXY: '*' } };
  const wordsOf = (name: CommandName, args: string[]) => [
    name,
    ...targetOf(name, sandbox),
    ...args,
  ];
  const quietly = ['--resync', 'off', '--log-level', 'debug'];
  const daemonWords = ['run', ...targetOf('apply', sandbox), ...quietly];
  const command: Account['command'] = (name, ...args) => runCommand(wordsOf(name, args), where);
  return {
    dir,
    sandbox,
    declare: (n, fields, sync) => writeFile(dir, `w${n}.yaml`, fileText(n, fields, sync)),
    live: (n) => sandbox.widget(widgetId(n)) ?? {},
    edit: (n, fields) => sandbox.edit(widgetId(n), fields),
    command,
    quickly: (name, ...args) => runIn(where, wordsOf(name, args)),
    async plan(...args) {
      const { stdout, stderr } = await runIn(where, wordsOf('plan', ['--json', ...args]));
      expect(stderr).toBe('');
      return JSON.parse(stdout) as PlanJson;
    },
    watch: (...flags) => settled(startCommand([...daemonWords, ...flags], where)),
    watchHere(...flags) {
      const place = [dir, '--state', join(root, '.widget-sync')];
      return settled(startHere([...daemonWords, ...place, ...flags], where.env));
    },
    async requestsOf(act) {
      const since = sandbox.requests.length;
      await act();
      return sandbox.requests.slice(since);
    },
  };
}

function targetOf(name: CommandName, { url }: Sandbox): string[] {
  if (name === 'validate' || name === 'history') return [];
  return name === 'status' ? ['--api-url', url] : ['--api-url', url, '--rate', '2000/s'];
}

function fileText(n: number, fields: JsonObject, sync: JsonObject | undefined): string {
  return stringify({ widget_id: widgetId(n), ...fields, ...(sync !== undefined && { sync }) });
}

const triggerOf = { SIGHUP: 'signal', SIGUSR2: 'resend' } as const;

/** What is to be done at the start is done. */
async function settled<Kind extends Running>(started: Kind): Promise<Daemon & Kind> {
  const daemon = asDaemon(started);
  const first = await daemon.waitForLog(({ msg }) => msg === 'looked', patienceMs);
  await daemon.said('applied', Number(first['update']));
  return daemon;
}

function asDaemon<Kind extends Running>(started: Kind): Daemon & Kind {
  const daemon = asTreeDaemon(started);
  const { lines, said } = daemon;
  return {
    ...daemon,
    complaints: () => started.log().filter(({ level }) => level === 'warn' || level === 'error'),
    async sweep(signal = 'SIGHUP') {
      const looks = () => lines('looked').filter((line) => line['trigger'] === triggerOf[signal]);
      const [looked, applied] = [looks().length, lines('applied').length];
      started.signal(signal);
      await started.waitForLog(() => looks().length > looked, patienceMs);
      await said('applied', applied + Number(looks()[looked]?.['update']));
    },
    async stop() {
      expect(await daemon.stop()).toMatchObject({ code: 0, stderr: '' });
    },
  };
}

/** How many requests of each kind. */
export function countKinds(requests: readonly SandboxRequest[]) {
  const kinds = { list: 0, get: 0, put: 0 };
  for (const { method, widgetId: one } of requests) {
    kinds[method === 'PUT' ? 'put' : one === null ? 'list' : 'get'] += 1;
  }
  return kinds;
}

export function putsOf(requests: readonly SandboxRequest[]): SandboxRequest[] {
  return requests.filter(({ method }) => method === 'PUT');
}

/** The fields of the only write there was, which concerned the n-th widget. */
export function onlyPut(requests: readonly SandboxRequest[], n: number): Json {
  const puts = putsOf(requests);
  expect(puts.map((put) => put.widgetId)).toEqual([widgetId(n)]);
  return puts[0]?.body ?? null;
}

export function times<Item>(count: number, make: (n: number) => Item): Item[] {
  return Array.from({ length: count }, (_, n) => make(n));
}

export function textOf(dir: string, file: string): string {
  return readFileSync(join(dir, file), 'utf8');
}
