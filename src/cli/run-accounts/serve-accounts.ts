// Opens the server of `run --accounts --serve`, and shows it every account as it comes and goes. Nothing of it is
// loaded without the flag.

import type { Log } from '../../base/log.ts';
import { version } from '../../base/version.ts';
import type { Settings } from '../../config/settings.ts';
import type { ServingOptions } from '../../observe/serve/serving.ts';
import type { ListedAccounts } from '../../observe/serve-accounts/accounts-list.ts';
import type { ShownAccounts } from '../../observe/serve-accounts/start-accounts-serving.ts';
import { accountBase } from '../../render/status-page/accounts-page.ts';
import { unknownAccount } from '../../status/account-status.ts';
import {
  type AccountSeen,
  accountSummary,
  heldFor,
  notRunningFor,
} from '../../status/over-accounts/account-summary.ts';
import { ownCommand, type ProcessContext } from '../process-context.ts';
import { commandForAccount } from '../wiring/command-with.ts';
import { openServer, serveDepsOf } from '../wiring/open-serving.ts';
import type { AccountsElsewhere } from './accounts-elsewhere.ts';
import type { FollowedAccount, RunningAccount, RunningAccounts } from './running-accounts.ts';

export interface ServingOfAccounts {
  /** To be called before any account is followed. */
  show(accounts: RunningAccounts): void;
  close(): Promise<void>;
}

/** Null where nothing is to be served. Throws `UsageError` where it cannot listen. */
export async function openAccountsServing(
  settings: Settings,
  log: Log,
  context: ProcessContext,
): Promise<ServingOfAccounts | null> {
  if (settings.serve === null) return null;
  const { startAccountsServing } = await import(
    '../../observe/serve-accounts/start-accounts-serving.ts'
  );
  const { openAccountsMetrics } = await import('../../observe/metrics/accounts-metrics.ts');
  const start = (options: ServingOptions) => startAccountsServing(options);
  const { server, sayServing } = await openServer(
    { settings, serve: settings.serve, start },
    log,
    context,
  );
  const { clock } = context;
  const openElsewhere = await elsewhereOpener(settings, log, context);
  let elsewhere: AccountsElsewhere | null = null;
  return {
    show(accounts) {
      sayServing();
      const followed = new Map<string, FollowedAccount>();
      const listed = listedOf(accounts, followed, () => elsewhere);
      const metrics = openAccountsMetrics({
        ...{ version, clock, states: () => shown.statesHere() },
        problems: () => problemsOf(accounts).length,
      });
      const onBug = (err: unknown) => log.error({ err }, 'a page could not be made; this is a bug');
      const shown = server.show({ version, listed, metrics, onBug });
      elsewhere = openElsewhere?.(accounts, shown) ?? null;
      accounts.listen({
        onFollow(account) {
          const { name, parts, reporter } = account;
          followed.set(name, account);
          parts.events.subscribe(metrics.follow(name, () => reporter.current()));
          parts.events.subscribe(shown.follow(name, depsOf(account, context)));
        },
        onLeave({ name }) {
          followed.delete(name);
          metrics.leave(name);
          shown.leave(name);
        },
        onChange: () => shown.changed(),
      });
    },
    async close() {
      await elsewhere?.stop();
      await server.close();
    },
  };
}

/** Null where nobody shares the accounts. */
async function elsewhereOpener(settings: Settings, log: Log, context: ProcessContext) {
  if (settings.store === 'files') return null;
  const { AccountsElsewhere } = await import('./accounts-elsewhere.ts');
  return (accounts: RunningAccounts, shown: ShownAccounts) =>
    new AccountsElsewhere({
      ...{ settings, context, log },
      entries: () => accounts.elsewhere(),
      isWatched: () => shown.isWatched(),
      onChange: () => shown.changed(),
    });
}

function depsOf(account: FollowedAccount, context: ProcessContext) {
  const { name, settings, reporter, liveness } = account;
  return serveDepsOf(
    { ...account, serveSnapshot: settings.serveSnapshot },
    { reporter, liveness },
    {
      place: { base: accountBase(name), account: name },
      // One account's are asked for by its name.
      metrics: null,
      command: commandForAccount({ settings, program: ownCommand(context.env) }, name),
      context,
    },
  );
}

function listedOf(
  accounts: RunningAccounts,
  followed: ReadonlyMap<string, FollowedAccount>,
  elsewhere: () => AccountsElsewhere | null,
): ListedAccounts {
  const find = (name: string) => accounts.list().find((one) => one.name === name) ?? null;
  return {
    names: () => accounts.list().map(({ name }) => name),
    trouble: (name) => troubleOf(find(name))?.says ?? null,
    elsewhere: () => elsewhere()?.names() ?? [],
    asked: () => elsewhere()?.asked(),
    summary(name, now) {
      const account = find(name);
      if (account === null) return elsewhere()?.summary(name) ?? null;
      return accountSummary(seenOf(account, followed.get(name) ?? null), now);
    },
    problems: () => problemsOf(accounts),
    standsBy: () => accounts.standsBy(),
  };
}

/** What holds an account is said where the account stands. */
function problemsOf(accounts: RunningAccounts) {
  return accounts.problems().filter(({ holds }) => holds.length === 0);
}

function troubleOf(account: RunningAccount | null): AccountSeen['trouble'] {
  const says = account?.message ?? 'it cannot be followed now';
  if (account?.state === 'held') return heldFor(says);
  return account?.state === 'waiting' ? notRunningFor(says) : null;
}

function seenOf(account: RunningAccount, followed: FollowedAccount | null): AccountSeen {
  const { name, entry } = account;
  const isStalled = followed !== null && !followed.liveness.isAlive;
  return {
    name,
    status: followed?.reporter.current() ?? unknownAccount,
    daemon: isStalled ? 'gone' : 'running',
    trouble: troubleOf(account),
    suspend: entry?.suspend ?? null,
  };
}
