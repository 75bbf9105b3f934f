// The account that a command sends to and remembers: the one that it names, or a sandbox made for this run.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { AccountEntry } from '../../accounts/account-entry.ts';
import type { KeySource } from '../../api/api-key.ts';
import { messageOf, StateError, UsageError } from '../../base/errors.ts';
import { holdsRegistered } from '../../base/secrets.ts';
import type { Rate } from '../../config/rate.ts';
import type { Settings } from '../../config/settings.ts';
import type { RootWords } from '../../documents/tree/source-root.ts';
import { openWidgetDirectory } from '../../documents/widget-directory.ts';
import type { ProcessContext } from '../process-context.ts';
import { rootWords } from './root-words.ts';

/** The request to every command that looks at the state. */
export interface Request {
  readonly directory: string;
  readonly settings: Settings;
  readonly useSandbox: boolean;
  /** The account as the file of accounts has it; absent where the command line names it. */
  readonly entry?: AccountEntry;
  /** `--since`: the commit that counts as applied where nothing is recorded; absent where none was named. */
  readonly since?: string;
}

/** One account, the directory that declares its widgets, and where its state is kept. */
export interface Account {
  /** Tells it from the others of a process. */
  readonly name: string;
  /** Its name in the file of accounts; absent: the command line names the only one. */
  readonly listedAs?: string;
  readonly apiUrl: string;
  /** Throws `UsageError` where there is no key. */
  readonly keySource: () => KeySource;
  /** The widget directory, as the user named it. */
  readonly directory: string;
  /** What says below which folder its fragments may lie. */
  readonly root: RootWords;
  readonly state: string;
  readonly rate: Rate;
  /** The most requests at once. */
  readonly concurrency: number;
  /** For one whole request. */
  readonly timeoutMs: number;
  /** The most room for its history; null: all there is. */
  readonly keepHistoryBytes: number | null;
  readonly policy: Pick<Settings, 'live' | 'drift' | 'released' | 'maxChanges' | 'allow'>;
  /** Nothing of it is written for now, for this reason; null or absent: it may be. */
  readonly suspend?: AccountEntry['suspend'];
  /** Made for this one run: it has no past that could be missed. */
  readonly isSandbox: boolean;
}

export interface ApiTarget {
  readonly account: Account;
  readonly close: () => Promise<void>;
}

type Needed = Pick<ProcessContext, 'env' | 'clock'>;

/** The one account that a command line names. */
export async function openApiTarget(request: Request, { env, clock }: Needed): Promise<ApiTarget> {
  const { directory, settings, useSandbox, entry } = request;
  const { rate, concurrency, timeout: timeoutMs, keepHistory: keepHistoryBytes } = settings;
  const { live, drift, released, maxChanges, allow } = settings;
  const policy = { live, drift, released, maxChanges, allow };
  const limits = { rate, concurrency, timeoutMs, keepHistoryBytes };
  const root = rootWords(settings);
  const wanted = { name: directory, directory, root, ...limits, policy };
  refuseKeyIn('the path of the widget directory', resolve(directory));
  if (!useSandbox) {
    const { apiUrl, state } = settings;
    refuseKeyIn('--api-url (WIDGET_SYNC_API_URL)', apiUrl);
    const sent = { ...wanted, apiUrl, state, isSandbox: false };
    const account =
      entry === undefined
        ? { ...sent, keySource: () => keySourceFrom(env) }
        : { ...sent, ...(await ofEntry(entry, env)) };
    return { account, close: async () => {} };
  }
  for (const [name, instead] of [
    ['apiUrl', '--sandbox takes the place of the API: leave --api-url (WIDGET_SYNC_API_URL) away'],
    ['state', '--sandbox keeps a state of its own, for as long as it runs: leave --state away'],
  ] as const) {
    const given = settings.given.get(name);
    // The image sets WIDGET_SYNC_STATE for everybody; only the flag was said for this command.
    if (given === 'flag' || (given !== undefined && name === 'apiUrl'))
      throw new UsageError(instead);
  }
  const { close, ...sandbox } = await openSandbox(directory, root, clock);
  return { account: { ...wanted, ...sandbox, isSandbox: true }, close };
}

async function ofEntry({ name, key, suspend }: AccountEntry, env: NodeJS.ProcessEnv) {
  const { keySourceOf } = await import('../../accounts/account-keys.ts');
  return { name, listedAs: name, suspend, keySource: () => keySourceOf(name, key, env) };
}

/** Records name both, and are told by them: hidden, they would be those of any other. */
function refuseKeyIn(what: string, text: string): void {
  if (!holdsRegistered(text)) return;
  throw new UsageError(
    `${what} holds the API key, and would be recorded and logged: take the key out of it`,
  );
}

async function openSandbox(path: string, root: RootWords, clock: ProcessContext['clock']) {
  const { documents } = openWidgetDirectory(path, { ...root, clock, notes: false }).load();
  // A server takes its time to load, and hardly any command needs one.
  const { sandboxKey, startSandbox } = await import('../../sandbox/start-sandbox.ts');
  const { seedFromDocuments } = await import('../../sandbox/seed.ts');
  // The sandbox forgets everything at the end, so what was applied to it has to be forgotten too.
  const state = await makeTemporaryDirectory();
  const remove = () => rm(state, { recursive: true, force: true });
  const widgets = seedFromDocuments(documents, 'stale');
  const sandbox = await startSandbox({ widgets }).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return {
    apiUrl: sandbox.url,
    state,
    keySource: (): KeySource => ({ kind: 'value', value: sandboxKey }),
    async close() {
      await sandbox.close();
      await remove();
    },
  };
}

async function makeTemporaryDirectory(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), 'widget-sync-'));
  } catch (error) {
    throw new StateError(
      `--sandbox needs a temporary directory: ${messageOf(error)}; set TMPDIR to a writable one`,
    );
  }
}

function keySourceFrom(env: NodeJS.ProcessEnv): KeySource {
  const value = env['INSIGHTO_API_KEY'] ?? '';
  const path = env['INSIGHTO_API_KEY_FILE'] ?? '';
  if (value !== '' && path !== '') {
    throw new UsageError(
      'both INSIGHTO_API_KEY and INSIGHTO_API_KEY_FILE are set: unset one of them',
    );
  }
  if (path !== '') return { kind: 'file', path };
  if (value !== '') return { kind: 'value', value };
  const empty = ['INSIGHTO_API_KEY', 'INSIGHTO_API_KEY_FILE'].find((name) => env[name] === '');
  if (empty !== undefined) {
    throw new UsageError(`no API key: ${empty} is empty: is a secret of that name not set?`);
  }
  throw new UsageError(
    'no API key: set INSIGHTO_API_KEY, or INSIGHTO_API_KEY_FILE to the path of a file that holds it ' +
      '(the key is made on the Settings page of the dashboard and begins with in-); ' +
      '`widget-sync run --sandbox` tries without one',
  );
}
