// Opens one account of a process and begins to follow it, as `run` does with its only one.
import type { AccountEntry } from '../../accounts/account-entry.ts';
import type { Log } from '../../base/log.ts';
import { refuseUnusable } from '../../documents/tree/root-path.ts';
import { type Following as Followed, openLoop, sayFollowing, sayStarted } from '../commands/run.ts';
import type { ProcessContext } from '../process-context.ts';
import { openApiTarget } from '../wiring/account.ts';
import { requestOf } from '../wiring/asked-accounts.ts';
import { refuseSamePlace } from '../wiring/state-directory-checks.ts';
import { openAccount, type Shared, type WritingParts } from '../wiring/wire.ts';
import type { Failure, Following } from './account-run.ts';
import type { Places } from './places.ts';
import type { FollowedAccount } from './running-accounts.ts';

export interface FollowDeps {
  readonly context: ProcessContext;
  /** Of the process, but for its log, of which each account gets a child. */
  readonly shared: Shared;
  readonly places: Places;
  readonly pace: NonNullable<Followed['pace']>;
  /** Among replicas: opens the state of the account, which this process holds. */
  readonly openState: Shared['openState'];
  /** Among replicas: whether the files are the newest that any of them has followed. */
  readonly inOrder: Followed['inOrder'];
  /** The names of all accounts. */
  readonly listed: () => readonly string[];
  readonly onFollow: (account: FollowedAccount) => Promise<void>;
  readonly onLeave: (account: FollowedAccount) => Promise<void>;
  /** Something that the exit code has to tell, and that was said. */
  readonly onWidgetBug: () => void;
}

/**
 * Resolves once the account is followed; with null where the signal aborts before that. Throws `UsageError`
 * or `StateError` where it cannot be followed now.
 */
export async function followAccount(
  entry: AccountEntry,
  signal: AbortSignal,
  deps: FollowDeps,
): Promise<Following | null> {
  return await deps.places.within(signal, async () => {
    const request = requestOf(entry);
    const { shared, context, openState } = deps;
    const log = shared.log.child({ account: entry.name });
    // The directory may still be to come; a file in its place never becomes one.
    refuseUnusable(request.directory);
    refuseSamePlace(request.directory, request.settings.state);
    const { account } = await openApiTarget(request, context);
    const parts = await openAccount(account, 'run', { ...shared, log, openState });
    try {
      if (!signal.aborted) return await begin({ entry, parts, log }, deps);
    } catch (error) {
      await parts.close();
      throw error;
    }
    await parts.close();
    return null;
  });
}

interface Opened {
  readonly entry: AccountEntry;
  readonly parts: WritingParts;
  readonly log: Log;
}

async function begin({ entry, parts, log }: Opened, deps: FollowDeps): Promise<Following> {
  const { name, settings } = entry;
  const following = { parts, settings, log, pace: deps.pace, inOrder: deps.inOrder };
  let isBroken = (_bug: Failure) => {};
  const broken = new Promise<Failure>((resolve) => {
    isBroken = resolve;
  });
  const { ended } = parts.state.tenure;
  const lose = () => isBroken({ error: ended.reason });
  const { loop, reporter, liveness } = openLoop(
    following,
    { ...deps.context, account: { name, listed: deps.listed } },
    {
      onBug: (error) => isBroken({ error }),
      onWidgetBug: deps.onWidgetBug,
    },
  );
  const shown: FollowedAccount = { name, parts, settings, log, reporter, liveness };
  sayStarted(following);
  try {
    await deps.onFollow(shown);
    await reporter.start();
    await loop.start();
  } catch (error) {
    await loop.stop({ deadlineMs: 0 });
    await deps.onLeave(shown);
    throw error;
  }
  ended.addEventListener('abort', lose);
  if (ended.aborted) lose();
  sayFollowing(following);
  return {
    shown,
    broken,
    sweep: (trigger) => loop.sweep(trigger),
    async stop(deadline) {
      ended.removeEventListener('abort', lose);
      try {
        await loop.stop(deadline);
        await reporter.stop();
      } finally {
        if (parts.events.hasBug) deps.onWidgetBug();
        await deps.onLeave(shown).finally(() => parts.close());
      }
    },
  };
}
