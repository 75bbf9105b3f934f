// Keeps where each state is why its account cannot be followed, for `status` and whoever else only looks.
import { StateError, TenureLostError } from '../../base/errors.ts';
import { KeyedQueue } from '../../base/keyed-queue.ts';
import type { Log } from '../../base/log.ts';
import { removeUnfollowedFile, writeUnfollowedFile } from '../wiring/account-state.ts';
import type { RunningAccount, RunningAccounts } from './running-accounts.ts';

/** Null: nothing is in the way any more. Throws `StateError`. */
export type KeepUnfollowed = (account: StatePlace, says: string | null) => Promise<void>;

interface StatePlace {
  readonly name: string;
  readonly state: string;
}

const besideState: KeepUnfollowed = async ({ state }, says) => {
  await (says === null ? removeUnfollowedFile(state) : writeUnfollowedFile(state, says));
};

/** To be called before any account is followed. `stop`: nobody is to be followed any more. */
export function recordUnfollowed(
  accounts: RunningAccounts,
  log: Pick<Log, 'warn'>,
  keepIn: KeepUnfollowed = besideState,
): { stop(): Promise<void> } {
  /** By the place of its state: what stands there; null: nothing. */
  const written = new Map<string, { readonly name: string; readonly says: string | null }>();
  const turns = new KeyedQueue();
  const keep = (name: string, state: string, says: string | null) => {
    if (written.get(state)?.says === says) return;
    written.set(state, { name, says });
    turns
      .take(state, () => keepIn({ name, state }, says))
      .catch((error: unknown) => {
        // Whoever holds it now says how it is.
        if (error instanceof TenureLostError) return;
        if (!(error instanceof StateError)) throw error;
        log.warn({ error: error.message }, 'status will not say why an account is not followed');
      });
  };
  const keepOf = ({ name, state, entry, message }: RunningAccount): string | null => {
    const place = entry?.settings.state ?? null;
    // One that is tried again has not begun yet; what holds an entry stands in the file of accounts itself.
    if (place !== null && state !== 'opening')
      keep(name, place, state === 'waiting' ? message : null);
    return place;
  };
  const leave = accounts.listen({
    onChange(account) {
      if (account !== null) return void keepOf(account);
      const named = new Set(accounts.list().map(keepOf));
      for (const [state, { name }] of written) if (!named.has(state)) keep(name, state, null);
    },
  });
  return {
    async stop() {
      leave();
      for (const [state, { name }] of written) keep(name, state, null);
      await turns.settled();
    },
  };
}
