// Keeps beside each state why its account cannot be followed, for `status` and whoever else only looks.
import { StateError } from '../../base/errors.ts';
import { KeyedQueue } from '../../base/keyed-queue.ts';
import type { Log } from '../../base/log.ts';
import { removeUnfollowed, writeUnfollowed } from '../wiring/account-state.ts';
import type { RunningAccount, RunningAccounts } from './running-accounts.ts';

/** To be called before any account is followed. `stop`: nobody is to be followed any more. */
export function recordUnfollowed(
  accounts: RunningAccounts,
  log: Pick<Log, 'warn'>,
): { stop(): Promise<void> } {
  /** By the directory of its state: what stands there; null: nothing. */
  const written = new Map<string, string | null>();
  const turns = new KeyedQueue();
  const keep = (state: string, says: string | null) => {
    if (written.get(state) === says) return;
    written.set(state, says);
    const write = () => (says === null ? removeUnfollowed(state) : writeUnfollowed(state, says));
    turns.take(state, write).catch((error: unknown) => {
      if (!(error instanceof StateError)) throw error;
      log.warn({ error: error.message }, 'status will not say why an account is not followed');
    });
  };
  const leave = accounts.listen({
    onChange() {
      const named = new Set<string>();
      for (const account of accounts.list()) {
        const state = account.entry?.settings.state;
        if (state === undefined) continue;
        named.add(state);
        // One that is tried again has not begun yet.
        if (account.state !== 'opening') keep(state, whyNot(account));
      }
      for (const state of written.keys()) if (!named.has(state)) keep(state, null);
    },
  });
  return {
    async stop() {
      leave();
      for (const state of written.keys()) keep(state, null);
      await turns.settled();
    },
  };
}

/** What holds an entry stands in the file of accounts itself. */
function whyNot({ state, message }: RunningAccount): string | null {
  return state === 'waiting' ? message : null;
}
