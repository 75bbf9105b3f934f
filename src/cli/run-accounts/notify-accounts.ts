// The notifications of a process that follows many accounts: one file of targets, and for each account what it
// has told so far, which its own state keeps. Nothing of it is loaded without `--notify`.
import type { Log } from '../../base/log.ts';
import type { Settings } from '../../config/settings.ts';
import type { Notifying } from '../../observe/notify/notifying.ts';
import type { ProcessContext } from '../process-context.ts';
import { notifyThrough, openOutlet } from '../wiring/notify-run.ts';
import type { RunningAccounts } from './running-accounts.ts';

export interface NotifyingOfAccounts {
  /** To be called before any account is followed. */
  follow(accounts: RunningAccounts): void;
  /** The process ends by then (monotonic clock): what waits for its next try has it now. */
  hurry(stopByMs: number): void;
  /** Once no account is followed any more. */
  stop(): Promise<void>;
}

/** Null where nobody is to be told. Throws `UsageError` where the file of targets cannot be used. */
export async function openAccountsNotifying(
  settings: Settings,
  log: Log,
  context: ProcessContext,
): Promise<NotifyingOfAccounts | null> {
  const shared = await openOutlet(settings, log, context);
  if (shared === null) return null;
  const { outletOfAccount } = await import('../../observe/notify/outlet/shared-outlet.ts');
  const { clock } = context;
  const followed = new Map<string, Notifying>();
  let stopByMs = Number.POSITIVE_INFINITY;
  const leftMs = () => Math.max(0, stopByMs - clock.monotonicMs());
  return {
    follow(accounts) {
      accounts.listen({
        async onFollow(account) {
          const { name } = account;
          const outlet = outletOfAccount(shared, clock);
          const job = { ...account, settings };
          followed.set(name, await notifyThrough(outlet, job, context, name));
        },
        async onLeave({ name }) {
          await followed.get(name)?.stop(leftMs());
          followed.delete(name);
        },
      });
    },
    hurry(byMs) {
      stopByMs = byMs;
      shared.hurry();
    },
    stop: () => shared.stop(leftMs()),
  };
}
