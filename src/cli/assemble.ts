// The parts that the commands have in common, put together from settings and surroundings.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiKey, type KeySource, openApiKey } from '../api/api-key.ts';
import { parseApiUrl } from '../api/base-url.ts';
import { createWidgetApi } from '../api/client.ts';
import { readProxySettings } from '../api/connections.ts';
import { requireDirectory } from '../documents/read-tree.ts';
import { openWidgetDirectory, type WidgetDirectory } from '../documents/widget-directory.ts';
import { UsageError } from '../errors.ts';
import type { Log } from '../log.ts';
import { seedFromDocuments } from '../sandbox/seed.ts';
import { sandboxKey, startSandbox } from '../sandbox/start-sandbox.ts';
import type { Settings } from '../settings.ts';
import { type AppliedState, openState, readState, type StateStore } from '../state/store.ts';
import type { Attempt } from '../sync/outcome.ts';
import { RateGate } from '../sync/rate-gate.ts';
import { type SendRequest, sendChange } from '../sync/send-change.ts';
import { version } from '../version.ts';
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

export interface ReadingParts {
  readonly directory: WidgetDirectory;
  readonly state: AppliedState;
  close(): Promise<void>;
}

export interface WritingParts {
  readonly directory: WidgetDirectory;
  readonly state: StateStore;
  readonly key: ApiKey;
  readonly apiUrl: string;
  readonly stateDirectory: string;
  readonly send: (request: SendRequest) => Promise<Attempt>;
  close(): Promise<void>;
}

/** For `plan`: no key, no lock, nothing created. */
export async function openForReading(
  request: Request,
  log: Log,
  { clock }: Surroundings,
): Promise<ReadingParts> {
  const target = await openTarget(request, clock);
  return await closeOnFailure(target, async () => {
    const state = await readState(stateOptions(target, log));
    const remember = (digest: string) => state.knownContent(digest);
    const directory = openWidgetDirectory(request.directory, { remember, clock });
    return { directory, state, close: target.close };
  });
}

/** For `apply` and `run`: with the key, and the state directory to ourselves. */
export async function openForWriting(
  request: Request & { command: string },
  log: Log,
  { env, clock }: Surroundings,
): Promise<WritingParts> {
  refuseTracing(env);
  const { directory: path, settings, command } = request;
  const proxy = readProxySettings(env);
  requireDirectory(path);
  const target = await openTarget(request, clock);
  return await closeOnFailure(target, async () => {
    const key = openApiKey(target.keySource(env));
    const state = await openState({ ...stateOptions(target, log), command, clock });
    const remember = (digest: string) => state.knownContent(digest);
    const directory = openWidgetDirectory(path, { remember, clock });
    const { apiUrl: baseUrl, stateDirectory } = target;
    const timeoutMs = settings.timeout;
    const api = createWidgetApi({ baseUrl, key, timeoutMs, version, clock, proxy });
    const gate = new RateGate(settings.rate, clock);
    return {
      directory,
      state,
      key,
      apiUrl: baseUrl,
      stateDirectory,
      send: (change) => sendChange(change, { api, gate, state, clock }),
      async close() {
        await api.close();
        await state.close();
        await target.close();
      },
    };
  });
}

function stateOptions({ stateDirectory, apiUrl }: Target, log: Log) {
  return {
    directory: stateDirectory,
    apiUrl,
    reader: version,
    warn: (message: string, fields: object) => log.warn(fields, message),
  };
}

async function closeOnFailure<Parts>(target: Target, open: () => Promise<Parts>): Promise<Parts> {
  try {
    return await open();
  } catch (error) {
    await target.close();
    throw error;
  }
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
  if (settings.given.has('apiUrl')) {
    throw new UsageError(
      '--sandbox takes the place of the API: leave --api-url (WIDGET_SYNC_API_URL) away',
    );
  }
  const { documents } = openWidgetDirectory(directory, { clock }).load();
  const sandbox = await startSandbox({ widgets: seedFromDocuments(documents, 'stale') });
  // The sandbox forgets everything at the end, so what was applied to it has to be forgotten too.
  const temporary = await mkdtemp(join(tmpdir(), 'widget-sync-'));
  return {
    apiUrl: sandbox.url,
    stateDirectory: settings.given.has('state') ? settings.state : temporary,
    keySource: () => ({ kind: 'value', value: sandboxKey }),
    async close() {
      await sandbox.close();
      await rm(temporary, { recursive: true, force: true });
    },
  };
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
      'or try without one: --sandbox',
  );
}
