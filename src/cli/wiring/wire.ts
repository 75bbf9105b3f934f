// The parts that the commands have in common, put together from settings and surroundings.
import { resolve } from 'node:path';
import type PQueue from 'p-queue';
import { type ApiKey, openApiKey } from '../../api/api-key.ts';
import { createWidgetApi } from '../../api/client.ts';
import { openSockets } from '../../api/sockets/http-pool.ts';
import { chooseProxy } from '../../api/sockets/proxy.ts';
import { oneShotBackoff } from '../../base/backoff.ts';
import { UsageError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { version } from '../../base/version.ts';
import { refuseUnusable, requireRoot } from '../../documents/tree/root-path.ts';
import { openWidgetDirectory, type WidgetDirectory } from '../../documents/widget-directory.ts';
import type { Attempt } from '../../model/outcome.ts';
import { blindView } from '../../model/plan.ts';
import { narrateRate } from '../../observe/log-rate.ts';
import { narrateLive } from '../../observe/log-reads.ts';
import { openState, readState, type StateStore } from '../../state/file/file-store.ts';
import { keepLearntLimit, readLearntLimit } from '../../state/file/usage/learnt-limit.ts';
import { openSpent, type Spent } from '../../state/file/usage/rate-usage.ts';
import type { AppliedState } from '../../state/record-index.ts';
import { LiveReader } from '../../sync/live/live-reader.ts';
import type { SendRequest } from '../../sync/queue/queue-deps.ts';
import { sendChange } from '../../sync/queue/send-change.ts';
import { Unrecorded } from '../../sync/queue/unsaved-records.ts';
import type { ApiPace } from '../../sync/rate/api-pace.ts';
import { Breaker, daemonBreaker } from '../../sync/rate/circuit-breaker.ts';
import type { RateGate } from '../../sync/rate/rate-limiter.ts';
import { openBudget } from '../../sync/rate/request-budget.ts';
import type { Surroundings } from '../process-context.ts';
import { openTarget, type Request, type Target } from './api-target.ts';
import { testSecretsAreHidden } from './secrets-check.ts';
import { refuseSamePlace } from './state-directory-checks.ts';

/** What a command needs to look. */
export interface ReadingParts<State extends AppliedState = AppliedState> {
  readonly directory: WidgetDirectory;
  readonly state: State;
  readonly live: Pick<LiveReader, 'read' | 'readAccount' | 'readable'>;
  readonly apiUrl: string;
  readonly stateDirectory: string;
  close(): Promise<void>;
}

/** What a command needs to look and to write. */
export interface WritingParts extends ReadingParts<StateStore> {
  readonly live: LiveReader;
  readonly key: ApiKey;
  readonly gate: RateGate;
  readonly pace: ApiPace;
  readonly requests: PQueue;
  readonly spent: Pick<Spent, 'earlierMs'>;
  /** Null for a one-shot command. */
  readonly breaker: Breaker | null;
  readonly send: (request: SendRequest) => Promise<Attempt>;
}

/** Attempts of one read. A daemon looks again by itself, a one-shot command has only this chance. */
const readAttempts = { daemon: 2, oneShot: 6 } as const;

/** For `plan` and `import`: no lock, nothing created; with `--live off` no key either. */
export async function openForReading(
  request: Request,
  log: Log,
  world: Surroundings,
): Promise<ReadingParts> {
  const target = await openTarget(request, world.clock);
  return await closeOnFailure(target, async () => {
    const state = await readState(stateOptions(target, request, log));
    const directory = openDirectory(request, state, world);
    if (request.settings.live === 'off') {
      return { ...target, directory, state, live: nothingToRead };
    }
    testSecretsAreHidden(logSetting(request, true));
    const account = openAccount({ request, target, log, kind: 'oneShot' }, world);
    const { live, api } = account;
    // Kept to as well, and left as it is: only who holds the directory writes there.
    const earlier = await readLearntLimit(stateOptions(target, request, log));
    account.pace.resume({ earlier, keep: () => {} });
    const close = async () => {
      await api.close();
      await target.close();
    };
    return { ...target, directory, state, live, close };
  });
}

const nothingToRead: ReadingParts['live'] = {
  readable: false,
  read: async () => blindView,
  readAccount: async () => ({ ...blindView, missing: 0 }),
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
  refuseSamePlace(request.directory, request.settings.state);
  const { stdout } = world;
  testSecretsAreHidden(logSetting(request, command !== 'run' || stdout.isTerminal));
  const target = await openTarget(request, clock);
  return await closeOnFailure(target, async () => {
    const kind = command === 'run' ? 'daemon' : 'oneShot';
    const account = openAccount({ request, target, log, kind }, world);
    const unrecorded = new Unrecorded();
    const { released, rate } = request.settings;
    const options = stateOptions(target, request, log);
    const state = await openState({ ...options, command, clock });
    const spent = await openSpent({ ...options, rate, clock });
    account.gate.resume(spent);
    account.pace.resume({
      earlier: await readLearntLimit(options),
      keep: keepLearntLimit(options),
    });
    return {
      ...target,
      ...account,
      spent,
      directory: openDirectory(request, state, world),
      state,
      send: (change) => sendChange(change, { ...account, state, clock, unrecorded, released }),
      async close() {
        await account.api.close();
        account.pace.close();
        spent.close();
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

function stateOptions({ stateDirectory, apiUrl }: Target, { directory }: Request, log: Log) {
  return {
    directory: stateDirectory,
    apiUrl,
    reader: version,
    root: resolve(directory),
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

/** A one-shot command logs for people, and a daemon does on a terminal. */
function logSetting({ settings }: Request, isForPeople: boolean) {
  return { logFormat: settings.logFormat, isTerminal: isForPeople };
}

/** Everything that speaks to the API, on one budget. */
function openAccount({ request, target, log, kind }: AccountRequest, world: Surroundings) {
  const { env, clock, random } = world;
  const { live: mode, rate, concurrency, timeout: timeoutMs } = request.settings;
  refuseTracing(env);
  const proxy = chooseProxy(new URL(target.apiUrl), env);
  const onLoose = (detail: string) => log.warn({ detail }, 'others can get at the API key');
  const key = openApiKey(target.keySource(env), { onLoose });
  // A person waits for a one-shot command, mostly with the wrong --api-url.
  const movedForGood = kind === 'oneShot' ? 'never' : 'later';
  const sockets = openSockets(timeoutMs);
  const connection = { baseUrl: target.apiUrl, key, timeoutMs, version, clock, proxy, sockets };
  const asked = createWidgetApi({ ...connection, movedForGood });
  const close = async () => {
    await asked.close();
    await sockets.close();
  };
  const api = { ...asked, close };
  // A one-shot command has its attempts, ends with them, and would only be made to last longer.
  const breaker = kind === 'daemon' ? new Breaker(daemonBreaker, world) : null;
  const { gate, pace, requests } = openBudget({ rate, concurrency }, { clock, breaker });
  const narrator = narrateRate(log, clock);
  gate.listen(narrator);
  pace.listen(narrator);
  const live = new LiveReader(
    { live: mode, backoff: oneShotBackoff, maxAttempts: readAttempts[kind] },
    { api, gate, requests, clock, random, observer: narrateLive(log) },
  );
  return { api, gate, pace, requests, breaker, live, key };
}

/** These make undici print every request's path, which carries the key, around every filter. */
function refuseTracing(env: NodeJS.ProcessEnv): void {
  const traced = (env['NODE_DEBUG'] ?? '').toLowerCase().split(',');
  if (!traced.some((name) => /\*|^\s*(undici|fetch)\s*$/.test(name))) return;
  throw new UsageError(
    'NODE_DEBUG would print the API key: take undici, fetch and any * out of it',
  );
}
