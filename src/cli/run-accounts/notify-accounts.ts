// The notifications of a process that follows many accounts: one file of targets, and for each account what it
// has told so far, which its own state keeps. That an account is not followed is told beside them. Nothing of
// it is loaded without `--notify`.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Log } from '../../base/log.ts';
import type { Settings } from '../../config/settings.ts';
import type { Notifying } from '../../observe/notify/notifying.ts';
import type { ProcessContext } from '../process-context.ts';
import { notifyThrough, openOutlet } from '../wiring/notify-run.ts';
import type { RunEvent } from './account-run.ts';
import type { RunningAccounts } from './running-accounts.ts';

interface NotifyingProcess {
  readonly settings: Pick<Settings, 'notify' | 'notifyAgain' | 'state'>;
  /** The file of accounts. */
  readonly path: string;
}

export interface NotifyingOfAccounts {
  /** To be called before any account is followed. */
  follow(accounts: RunningAccounts): void;
  /** What happens to an account, before its listeners hear of it. */
  onEvent(name: string, event: RunEvent): void;
  /** The process ends by then (monotonic clock): what waits for its next try has it now. */
  hurry(stopByMs: number): void;
  /** Once no account is followed any more. */
  stop(): Promise<void>;
}

/** Null where nobody is to be told. Throws `UsageError` where the file of targets cannot be used. */
export async function openAccountsNotifying(
  { settings, path }: NotifyingProcess,
  log: Log,
  context: ProcessContext,
): Promise<NotifyingOfAccounts | null> {
  const shared = await openOutlet(settings, log, context);
  if (shared === null) return null;
  const { outletOfAccount } = await import('../../observe/notify/outlet/shared-outlet.ts');
  const { openUnfollowedNotices } = await import('./notify-unfollowed.ts');
  const { clock } = context;
  const tellUnfollowed = await openUnfollowedNotices({
    ...{ outlet: outletOfAccount(shared, clock), clock, log, newId: randomUUID },
    ...{ againMs: settings.notifyAgain, source: { directory: '', host: hostname() } },
    ...{ state: settings.state, file: resolve(path) },
  });
  const followed = new Map<string, Notifying>();
  /** Accounts that are being left for good. */
  const gone = new Set<string>();
  let unfollowed: ReturnType<typeof tellUnfollowed> | null = null;
  let stopByMs = Number.POSITIVE_INFINITY;
  const leftMs = () => Math.max(0, stopByMs - clock.monotonicMs());
  return {
    follow(accounts) {
      unfollowed = tellUnfollowed(accounts);
      accounts.listen({
        async onFollow(account) {
          const { name } = account;
          const outlet = outletOfAccount(shared, clock);
          const job = { ...account, settings };
          followed.set(name, await notifyThrough(outlet, job, context, name));
        },
        async onLeave({ name }) {
          const notifying = followed.get(name);
          await (gone.has(name) ? notifying?.leave(leftMs()) : notifying?.stop(leftMs()));
          followed.delete(name);
        },
      });
    },
    onEvent(name, event) {
      if (event.kind !== 'leaving') return;
      if (event.why === 'gone') gone.add(name);
      else gone.delete(name);
    },
    hurry(byMs) {
      stopByMs = byMs;
      shared.hurry();
    },
    async stop() {
      await unfollowed?.stop(leftMs());
      await shared.stop(leftMs());
    },
  };
}
