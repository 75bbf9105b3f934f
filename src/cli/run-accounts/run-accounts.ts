// `run --accounts`: one daemon for all accounts of a file.
import { openAccountsFile } from '../../accounts/open-accounts-file.ts';
import { openSockets } from '../../api/sockets/http-pool.ts';
import type { Log } from '../../base/log.ts';
import { Ticker } from '../../base/ticker.ts';
import { Timers } from '../../base/timers.ts';
import { version } from '../../base/version.ts';
import type { Settings } from '../../config/settings.ts';
import { listenForSweeps } from '../commands/run.ts';
import { openLog } from '../logging.ts';
import {
  type ExitCode,
  exitCode,
  type ProcessContext,
  stopDeadlineMs,
  stopRequested,
} from '../process-context.ts';
import { refuseKeyOfOne } from '../wiring/asked-accounts.ts';
import { checkProcess } from '../wiring/secrets-check.ts';
import type { Shared } from '../wiring/wire.ts';
import { followAccount } from './follow-account.ts';
import { logAccounts } from './log-accounts.ts';
import { type NotifyingOfAccounts, openAccountsNotifying } from './notify-accounts.ts';
import { Places } from './places.ts';
import { recordUnfollowed } from './record-unfollowed.ts';
import { openAccountsServing, type ServingOfAccounts } from './serve-accounts.ts';
import type { SharedAccounts, SharingReplica } from './share-accounts.ts';
import { Supervisor } from './supervisor.ts';
import { filesFirst, oneByOne } from './turns.ts';

export interface AccountsRequest {
  /** Of the process. */
  readonly settings: Settings;
  /** The file of accounts, as the user named it. */
  readonly path: string;
}

/** What it names is looked at that often, and taken once two looks have found the same. */
const lookMs = 1000;
/** Opened at once: the disk serves no more of them faster. */
const places = { most: 4, longestMs: 5000 };

export async function runAccounts(
  { settings, path }: AccountsRequest,
  context: ProcessContext,
): Promise<ExitCode> {
  const log = openLog(settings, context, 'log');
  const share = await openSharing(settings, context);
  const stored = share?.settings ?? settings;
  const sweeps = listenForSweeps(context);
  // Before anything else: a port that is in use is no reason to have begun.
  const serving = await openAccountsServing(settings, log, context);
  try {
    checkProcess(context);
    const { env, clock, random } = context;
    const file = openAccountsFile(path, { settings: stored, env });
    refuseKeyOfOne(file.look(), path, env);
    const notifying = await openAccountsNotifying({ settings, path }, log, context);
    const sockets = openSockets(longestConnectMs);
    try {
      const shared = { env, clock, random, log, sockets };
      const daemon = { file, path, settings: stored, shared, sweeps, serving, notifying, share };
      return await followUntilStopped(daemon, context);
    } finally {
      await sockets.close();
    }
  } finally {
    await serving?.close();
    await share?.close();
    // Not before: from then on either signal ends the process.
    sweeps.stop();
  }
}

/** Null where nobody shares the accounts. Throws `UsageError`. */
async function openSharing(
  settings: Settings,
  context: ProcessContext,
): Promise<SharedAccounts | null> {
  if (settings.store === 'files') return null;
  const { openSharedAccounts } = await import('./share-accounts.ts');
  return openSharedAccounts(settings, context);
}

/** A request has its own deadline; this ends connections that nobody waits for any more. */
const longestConnectMs = 30_000;

interface Daemon {
  readonly file: ReturnType<typeof openAccountsFile>;
  readonly path: string;
  readonly settings: Settings;
  readonly shared: Shared;
  readonly sweeps: ReturnType<typeof listenForSweeps>;
  readonly serving: ServingOfAccounts | null;
  readonly notifying: NotifyingOfAccounts | null;
  readonly share: SharedAccounts | null;
}

async function followUntilStopped(daemon: Daemon, context: ProcessContext): Promise<ExitCode> {
  const { shared, path, sweeps } = daemon;
  const { log } = shared;
  let code: ExitCode = exitCode.ok;
  const fail = () => {
    code = exitCode.failed;
  };
  const onPlaced = () => look();
  const replica = daemon.share?.start({ log, fail, file: daemon.file, onPlaced }) ?? null;
  const supervisor = openSupervisor(daemon, { context, fail, sharing: replica });
  replica?.follow(supervisor);
  log.info({ version, accounts: path, state: daemon.settings.state }, 'started');
  daemon.serving?.show(supervisor);
  daemon.notifying?.follow(supervisor);
  const unfollowed = recordUnfollowed(supervisor, log, replica?.keepUnfollowed);
  sweeps.listener = (trigger) => supervisor.sweep(trigger);
  const looking = new AbortController();
  const look = lookSafely(supervisor, log, fail);
  look();
  if (replica === null && supervisor.list().length === 0) {
    log.warn({ accounts: path }, 'there is no account to follow: it is looked for every second');
  }
  const looked = new Timers(context.clock, looking.signal).every(lookMs, look);
  await stopRequested(context.stop);
  sweeps.listener = () => {};
  looking.abort();
  await looked;
  log.info('stopping: requests in flight may end');
  // One deadline for all: whoever stops a process waits for it, and then kills it.
  daemon.notifying?.hurry(context.clock.monotonicMs() + stopDeadlineMs);
  const { unended } = await supervisor.stop({ deadlineMs: stopDeadlineMs });
  if (unended.length > 0) {
    fail();
    log.error({ accounts: unended }, 'did not end in time, and are left as they are');
  }
  await replica?.stop();
  await unfollowed.stop();
  await daemon.notifying?.stop();
  log.info('stopped');
  return code;
}

interface Supervising {
  readonly context: ProcessContext;
  readonly fail: () => void;
  readonly sharing: SharingReplica | null;
}

function openSupervisor(
  { file, shared, notifying, share }: Daemon,
  { context, fail, sharing }: Supervising,
): Supervisor {
  const { clock, random } = context;
  const opening = new Places({ ...places, clock });
  const follow = {
    context,
    shared,
    places: opening,
    pace: { ticker: new Ticker(clock), turn: filesFirst(oneByOne(), opening) },
    onWidgetBug: fail,
  };
  const told = logAccounts(shared.log, fail);
  const supervisor: Supervisor = new Supervisor({
    ...{ file: sharing?.order.file ?? file, clock, random, stopDeadlineMs, sharing },
    onProblems: told.onProblems,
    onEvent(name, event) {
      told.onEvent(name, event);
      notifying?.onEvent(name, event);
    },
    follow: (entry, signal, tenure) =>
      followAccount(entry, signal, {
        ...follow,
        openState: tenure === null ? undefined : share?.openHeld(tenure),
        inOrder: tenure === null ? undefined : sharing?.order.inOrderFor(entry, tenure.token),
        listed: () => supervisor.list().map(({ name }) => name),
        onFollow: (account) => {
          account.parts.key.onRefresh(() => file.hint());
          return supervisor.followed(account);
        },
        onLeave: (account) => supervisor.left(account),
      }),
  });
  return supervisor;
}

/** A bug there keeps the accounts as they are, and says so once. */
function lookSafely(supervisor: Supervisor, log: Log, fail: () => void): () => void {
  let isSaid = false;
  return () => {
    try {
      supervisor.look();
    } catch (error) {
      if (!isSaid) log.error({ err: error }, 'unexpected error; this is a bug');
      isSaid = true;
      fail();
    }
  };
}
