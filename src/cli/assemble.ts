// The parts that the commands have in common, put together from settings and surroundings.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type PQueue from 'p-queue';
import { type ApiKey, type KeySource, openApiKey } from '../api/api-key.ts';
import { parseApiUrl } from '../api/base-url.ts';
import { createWidgetApi } from '../api/client.ts';
import { readProxySettings } from '../api/connections.ts';
import { refuseUnusable, requireRoot } from '../documents/root-path.ts';
import { openWidgetDirectory, type WidgetDirectory } from '../documents/widget-directory.ts';
import { messageOf, StateError, UsageError } from '../errors.ts';
import type { Log } from '../log.ts';
import { nothingLive } from '../plan/types.ts';
import { seedFromDocuments } from '../sandbox/seed.ts';
import { sandboxKey, startSandbox } from '../sandbox/start-sandbox.ts';
import type { Settings } from '../settings.ts';
import { type AppliedState, openState, readState, type StateStore } from '../state/store.ts';
import { oneShotBackoff } from '../sync/backoff.ts';
import { Breaker, daemonBreaker } from '../sync/breaker.ts';
import { openBudget } from '../sync/budget.ts';
import { narrateLive } from '../sync/narrate-live.ts';
import type { Attempt } from '../sync/outcome.ts';
import type { RateGate } from '../sync/rate-gate.ts';
import { LiveReader } from '../sync/read-live.ts';
import { type SendRequest, sendChange } from '../sync/send-change.ts';
import { Unrecorded } from '../sync/unrecorded.ts';
import { version } from '../version.ts';
import { testSecretsAreHidden } from './secrets-self-test.ts';
import type { Surroundings } from './surroundings.ts';

/** What every command that looks at the state is asked. */
export interface Request {
  readonly directory: string;
  readonly settings: Settings;
  readonly useSandbox: boolean;
}

/** Where to send and where to remember: the account itself, or a sandbox made for this one run. */
interface Target {
  readonly apiUrl: string;
  readonly stateDirectory: string;
  readonly keySource: (env: NodeJS.ProcessEnv) => KeySource;
  readonly close: () => Promise<void>;
}

/** What a command needs to look. */
export interface ReadingParts<State extends AppliedState = AppliedState> {
  readonly directory: WidgetDirectory;
  readonly state: State;
  readonly live: Pick<LiveReader, 'read' | 'readAccount' | 'readable'>;
  close(): Promise<void>;
}

/** What a command needs to look and to write. */
export interface WritingParts extends ReadingParts<StateStore> {
  readonly live: LiveReader;
  readonly key: ApiKey;
  readonly gate: RateGate;
  readonly requests: PQueue;
  /** Null for a one-shot command. */
  readonly breaker: Breaker | null;
  readonly apiUrl: string;
  readonly stateDirectory: string;
  readonly send: (request: SendRequest) => Promise<Attempt>;
}

/** Attempts of one read. A daemon looks again by itself, a one-shot command has only this chance. */
export const readAttempts = { daemon: 2, oneShot: 6 } as const;

/** For `plan` and `import`: no lock, nothing created; with `--live off` no key either. */
export async function openForReading(
  request: Request,
  log: Log,
  world: Surroundings,
): Promise<ReadingParts> {
  const target = await openTarget(request, world.clock);
  return await closeOnFailure(target, async () => {
    const state = await readState(stateOptions(target, log));
    const directory = openDirectory(request, state, world);
    if (request.settings.live === 'off') {
      return { directory, state, live: nothingToRead, close: target.close };
    }
    await testSecretsAreHidden(logSetting(request, world));
    const { live, api } = openAccount({ request, target, log, kind: 'oneShot' }, world);
    const close = async () => {
      await api.close();
      await target.close();
    };
    return { directory, state, live, close };
  });
}

const nothingToRead: ReadingParts['live'] = {
  readable: false,
  read: async () => nothingLive,
  readAccount: async () => nothingLive,
};

/** For `apply` and `run`: with the state directory to ourselves. */
export async function openForWriting(
  request: Request & { command: 'apply' | 'run' },
  log: Log,
  world: Surroundings,
): Promise<WritingParts> {
  const { clock } = world;
  const { command } = request;
  // The daemon waits for a directory that is still to come: beside git-sync it often is.
  (command === 'run' ? refuseUnusable : requireRoot)(request.directory);
  await testSecretsAreHidden(logSetting(request, world));
  const target = await openTarget(request, clock);
  return await closeOnFailure(target, async () => {
    const kind = command === 'run' ? 'daemon' : 'oneShot';
    const account = openAccount({ request, target, log, kind }, world);
    const unrecorded = new Unrecorded();
    const state = await openState({ ...stateOptions(target, log), command, clock });
    return {
      ...target,
      ...account,
      directory: openDirectory(request, state, world),
      state,
      send: (change) => sendChange(change, { ...account, state, clock, unrecorded }),
      async close() {
        await account.api.close();
        await state.close();
        await target.close();
      },
    };
  });
}

async function closeOnFailure<Parts>(target: Target, open: () => Promise<Parts>): Promise<Parts> {
  try {
    return await open();
  } catch (error) {
    await target.close();
    throw error;
  }
}

function stateOptions({ stateDirectory, apiUrl }: Target, log: Log) {
  return {
    directory: stateDirectory,
    apiUrl,
    reader: version,
    warn: (message: string, fields: object) => log.warn(fields, message),
  };
}

function openDirectory({ directory }: Request, state: AppliedState, { clock }: Surroundings) {
  const remember = (digest: string) => state.knownContent(digest);
  return openWidgetDirectory(directory, { remember, clock });
}

interface AccountRequest {
  readonly request: Request;
  readonly target: Target;
  readonly log: Log;
  readonly kind: keyof typeof readAttempts;
}

function logSetting({ settings }: Request, { stdout, stderr }: Surroundings) {
  return {
    logFormat: settings.logFormat,
    isTerminal: stdout.isTerminal || stderr.isTerminal,
  };
}

/** Everything that speaks to the API, on one budget. */
function openAccount({ request, target, log, kind }: AccountRequest, world: Surroundings) {
  const { env, clock, random } = world;
  const { live: mode, rate, concurrency, timeout: timeoutMs } = request.settings;
  refuseTracing(env);
  const proxy = readProxySettings(env);
  const onLoose = (detail: string) => log.warn({ detail }, 'others can get at the API key');
  const key = openApiKey(target.keySource(env), { onLoose });
  const api = createWidgetApi({ baseUrl: target.apiUrl, key, timeoutMs, version, clock, proxy });
  // A one-shot command has its attempts, ends with them, and would only be made to last longer.
  const breaker = kind === 'daemon' ? new Breaker(daemonBreaker, world) : null;
  const { gate, requests } = openBudget({ rate, concurrency }, { clock, breaker });
  const live = new LiveReader(
    { live: mode, backoff: oneShotBackoff, maxAttempts: readAttempts[kind] },
    { api, gate, requests, clock, random, observer: narrateLive(log) },
  );
  return { api, gate, requests, breaker, live, key };
}

async function openTarget(
  { directory, settings, useSandbox }: Request,
  clock: Surroundings['clock'],
): Promise<Target> {
  if (!useSandbox) {
    return {
      apiUrl: parseApiUrl(settings.apiUrl),
      stateDirectory: settings.state,
      keySource: keySourceFrom,
      close: async () => {},
    };
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
  return await openSandbox(directory, clock);
}

async function openSandbox(path: string, clock: Surroundings['clock']): Promise<Target> {
  const { documents } = openWidgetDirectory(path, { clock }).load();
  // The sandbox forgets everything at the end, so what was applied to it has to be forgotten too.
  const stateDirectory = await makeTemporaryDirectory();
  const remove = () => rm(stateDirectory, { recursive: true, force: true });
  const widgets = seedFromDocuments(documents, 'stale');
  const sandbox = await startSandbox({ widgets }).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return {
    apiUrl: sandbox.url,
    stateDirectory,
    keySource: () => ({ kind: 'value', value: sandboxKey }),
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

/** These make undici print every request's path, which carries the key, around every filter. */
function refuseTracing(env: NodeJS.ProcessEnv): void {
  const traced = (env['NODE_DEBUG'] ?? '').toLowerCase().split(',');
  if (!traced.some((name) => /\*|^\s*(undici|fetch)\s*$/.test(name))) return;
  throw new UsageError(
    'NODE_DEBUG would print the API key: take undici, fetch and any * out of it',
  );
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
  throw new UsageError(
    'no API key: set INSIGHTO_API_KEY, or INSIGHTO_API_KEY_FILE to the path of a file that holds it ' +
      '(the key is made on the Settings page of the dashboard and begins with in-), ' +
      '`widget-sync run --sandbox` tries without one',
  );
}
