// The parts that the commands have in common, put together from an account and what its process shares.
import { resolve } from 'node:path';
import type { ApiKey } from '../../api/api-key.ts';
import { openSockets, type Sockets } from '../../api/sockets/http-pool.ts';
import type { Log } from '../../base/log.ts';
import { version } from '../../base/version.ts';
import { refuseUnusable, requireRoot } from '../../documents/tree/root-path.ts';
import { refuseWrongRoot } from '../../documents/tree/source-root.ts';
import { openWidgetDirectory, type WidgetDirectory } from '../../documents/widget-directory.ts';
import type { Attempt } from '../../model/outcome.ts';
import { blindView } from '../../model/plan.ts';
import type { WidgetId } from '../../model/widget.ts';
import { EventStream } from '../../observe/events.ts';
import { logRate } from '../../observe/log-rate.ts';
import { logReads } from '../../observe/log-reads.ts';
import type { AppliedState, RateUsage, StateStore, StateView } from '../../state/state-store.ts';
import { forGood, type Tenure } from '../../state/tenure.ts';
import type { LiveReader } from '../../sync/live/live-reader.ts';
import { takeUpSuspects } from '../../sync/loop/notes/suspects.ts';
import { InheritedWrites } from '../../sync/queue/inherited-writes.ts';
import type { SendRequest } from '../../sync/queue/queue-deps.ts';
import { sendChange } from '../../sync/queue/send-change.ts';
import { UnsavedRecords } from '../../sync/queue/unsaved-records.ts';
import { UnsettledSends } from '../../sync/queue/unsettled-sends.ts';
import type { RateLimiter } from '../../sync/rate/rate-limiter.ts';
import type { ProcessContext } from '../process-context.ts';
import type { Assumed } from '../since/assume-since.ts';
import { type Account, openApiTarget, type Request } from './account.ts';
import { requireStateOf, stateBackend } from './account-state.ts';
import { leaveSuspects } from './parts/leave-suspects.ts';
import { openApi } from './parts/open-api.ts';
import { checkProcess } from './secrets-check.ts';
import { refuseSamePlace } from './state-directory-checks.ts';

/** The parts that the accounts of one process share. */
export interface Shared extends Pick<ProcessContext, 'env' | 'clock' | 'random'> {
  readonly sockets: Sockets;
  /** The log of the process; of several accounts, a child of it that names this one. */
  readonly log: Log;
  /** Where this process holds the account already. Default: it is to be taken. */
  readonly openState?: typeof stateBackend.open | undefined;
}

interface Parts {
  readonly account: Account;
  readonly directory: WidgetDirectory;
  /** Everything that happens, from what is read to what is sent. */
  readonly events: EventStream;
  /** What `--since` lets count as applied; absent without. */
  readonly assumed?: Assumed;
  close(): Promise<void>;
}

/** The parts that a command looks with. */
export interface ReadingParts extends Parts {
  readonly state: AppliedState;
  readonly view: StateView;
  readonly live: Pick<LiveReader, 'read' | 'readAccount' | 'readable'>;
}

/** The parts that a command looks and writes with. */
export interface WritingParts extends Parts {
  readonly state: StateStore;
  readonly live: LiveReader;
  readonly key: ApiKey;
  readonly limiter: RateLimiter;
  readonly usage: Pick<RateUsage, 'earlierMs'>;
  readonly inherited: InheritedWrites;
  readonly send: (request: SendRequest) => Promise<Attempt>;
}

/** The work of a command that writes: its parts, and its log. */
export interface WritingJob {
  readonly parts: WritingParts;
  readonly log: Log;
}

type WritingCommand = 'apply' | 'run';

/** For `plan` and `import`: no lock, nothing created; with `--live off` no key either. */
export async function openForReading(
  request: Request,
  log: Log,
  context: ProcessContext,
): Promise<ReadingParts> {
  if (request.settings.live !== 'off') checkProcess(context);
  return await withApiTarget(request, log, context, async (account, shared) => {
    const assumed = await assumedOf(request, account);
    const view = stateBackend.look(stateOptions(account, shared, assumed));
    await requireStateOf({ ...account, account: account.listedAs ?? null }, view);
    const state = await view.applied();
    const directory = openDirectory(account, state, { ...shared, assumed });
    const events = openEvents(shared);
    const looking = { account, directory, events, state, view, ...(assumed && { assumed }) };
    if (account.policy.live === 'off') {
      return { ...looking, live: nothingToRead, close: async () => {} };
    }
    const { live, api, limiter } = openApi(account, 'oneShot', { ...shared, events });
    // Kept to as well, and left as it is: only who holds the state writes there.
    limiter.pace.resume({ earlier: await view.learntLimit(), keep: () => {} });
    return { ...looking, live, close: () => api.close() };
  });
}

const nothingToRead: ReadingParts['live'] = {
  readable: false,
  read: async () => blindView,
  readAccount: async () => ({ ...blindView, missing: 0 }),
};

/** For `apply` and `run`: with the state to ourselves. */
export async function openForWriting(
  request: Request & { command: WritingCommand },
  log: Log,
  context: ProcessContext,
): Promise<WritingParts> {
  const { command } = request;
  // The daemon waits for a directory that is still to come: beside git-sync it often is.
  (command === 'run' ? refuseUnusable : requireRoot)(request.directory);
  refuseWrongRoot(request.directory, request.settings.root);
  refuseSamePlace(request.directory, request.settings.state);
  checkProcess(context);
  return await withApiTarget(request, log, context, async (account, shared) =>
    openAccount(account, command, shared, await assumedOf(request, account)),
  );
}

/** Only who names a commit loads what reads it. */
async function assumedOf({ since }: Request, account: Account): Promise<Assumed | undefined> {
  if (since === undefined) return undefined;
  const { assumeSince } = await import('../since/assume-since.ts');
  return assumeSince(since, account);
}

/** With the account that the request names, and sockets, both closed after all else. */
async function withApiTarget<Opened extends Parts>(
  request: Request,
  log: Log,
  { env, clock, random }: ProcessContext,
  open: (account: Account, shared: Shared) => Promise<Opened>,
): Promise<Opened> {
  const { account, close } = await openApiTarget(request, { env, clock });
  const sockets = openSockets(request.settings.timeout);
  const closeBoth = async () => {
    await sockets.close();
    await close();
  };
  try {
    const opened = await open(account, { env, clock, random, log, sockets });
    return {
      ...opened,
      async close() {
        try {
          await opened.close();
        } finally {
          await closeBoth();
        }
      },
    };
  } catch (error) {
    await closeBoth();
    throw error;
  }
}

/** Opens one account for writing; several may be open in a process, each with a state of its own. */
export async function openAccount(
  account: Account,
  command: WritingCommand,
  shared: Shared,
  assumed?: Assumed,
): Promise<WritingParts> {
  const { clock, random } = shared;
  const events = openEvents(shared);
  const kind = command === 'run' ? 'daemon' : 'oneShot';
  // Nothing is sent before the state is opened.
  let tenure: Tenure | null = null;
  const mayLeave = () => tenure?.isMine() ?? false;
  const lastLook = () => (tenure === forGood ? null : { mayLeave });
  const { api, ...budgeted } = openApi(account, kind, { ...shared, events, lastLook });
  const { limiter, live } = budgeted;
  const { keepHistoryBytes } = account;
  const opening = { ...stateOptions(account, shared, assumed), command, keepHistoryBytes };
  const state = await (shared.openState ?? stateBackend.open)(opening);
  tenure = state.tenure;
  const usage = await openUsage(state, account);
  await beginWithSuspects(state, clock);
  limiter.resume(usage);
  limiter.pace.resume({
    earlier: await state.learntLimit(),
    keep: (limit) => state.keepLearntLimit(limit),
  });
  const unsaved = new UnsavedRecords();
  const inherited = new InheritedWrites(usage.inherited, clock);
  const unsettled = new UnsettledSends(clock);
  const { released } = account.policy;
  const sending = { api, live, state, clock, random, unsaved, inherited, unsettled, released };
  return {
    ...budgeted,
    ...{ account, events, ...(assumed && { assumed }) },
    directory: openDirectory(account, state, { ...shared, assumed }),
    state,
    usage,
    inherited,
    send: (change) => sendChange(change, sending),
    async close() {
      await api.close();
      await leaveSuspects({ state, unsettled, clock, log: shared.log, kind });
      limiter.pace.close();
      await state.close();
    },
  };
}

/** Before anything is decided: who looks once hears of no later one. */
async function beginWithSuspects(state: StateStore, clock: Shared['clock']): Promise<void> {
  const { suspects } = state;
  if (suspects === null) return;
  try {
    const [isBusy, onDoubted] = [() => false, () => {}];
    await takeUpSuspects({ state, suspects, clock, isBusy, onDoubted });
  } catch (error) {
    await state.close();
    throw error;
  }
}

async function openUsage(state: StateStore, { rate, timeoutMs }: Account): Promise<RateUsage> {
  try {
    return await state.openRateUsage(rate, timeoutMs);
  } catch (error) {
    await state.close();
    throw error;
  }
}

function stateOptions(
  { state, apiUrl, directory, listedAs }: Account,
  { log, clock }: Shared,
  assumed: Assumed | undefined,
) {
  return {
    directory: state,
    apiUrl,
    account: listedAs ?? null,
    reader: version,
    root: resolve(directory),
    ...(assumed && { assumed: assumed.records }),
    clock,
    warn: (message: string, fields: object) => log.warn(fields, message),
  };
}

function openDirectory(
  { directory, root, policy, suspend = null }: Account,
  state: AppliedState,
  { clock, assumed }: Shared & { readonly assumed: Assumed | undefined },
) {
  const remember = (digest: string) => state.knownContent(digest);
  const extendsOf = (widgetId: WidgetId) => state.records.get(widgetId)?.extends;
  const { allow } = policy;
  const parsed = assumed?.parsed;
  const recorded = {
    ...{ remember, extendsOf },
    ...(parsed && { parsed: (digest: string) => parsed.get(digest) }),
  };
  const looking = { ...root, ...recorded, suspend, clock, allow, notes: false };
  return openWidgetDirectory(directory, looking);
}

/** The log of every command hears of reads and of the budget of requests. */
function openEvents({ log, clock }: Shared): EventStream {
  const events = new EventStream((err) => log.error({ err }, 'unexpected error; this is a bug'));
  events.subscribe(logReads(log));
  events.subscribe(logRate(log, clock));
  return events;
}
