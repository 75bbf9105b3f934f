// One account claimed by a command, which says who has it where it cannot be had.
import { setTimeout as sleep } from 'node:timers/promises';
import { StateError } from '../../../base/errors.ts';
import type { ReplicaSession } from '../../../replicas/replica-store.ts';
import { adviceForAccount, StateTakenError } from '../../holder.ts';
import type { Database } from '../database/database.ts';
import { findHolder } from './holder-of.ts';

/** A row is locked by a write that is refused or by another claim for so long at most, mostly for a moment. */
const patienceMs = 1000;
const pauseMs = 50;

/**
 * Resolves with the token. What looks held and is nobody's is tried again: somebody has a hand on its row. Throws
 * `StateTakenError` where another process holds it, and `StateError`.
 */
export async function claimOne(
  session: ReplicaSession,
  database: Database,
  account: string,
): Promise<string> {
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    const [answer] = await session.claim([account]);
    if (answer?.kind === 'claimed') return answer.token;
    const holder = await findHolder(database, account);
    if (holder !== null) {
      const known = holder.pid === null ? null : holder;
      throw new StateTakenError(`the account ${account}`, known, adviceForAccount(account));
    }
    if (waitedMs >= patienceMs) throw new StateError(lockedWords(account));
    await sleep(pauseMs);
  }
}

function lockedWords(account: string): string {
  return (
    `nobody holds the account ${account}, and something in PostgreSQL keeps its row locked all the same: try again, ` +
    'or see in pg_stat_activity who does not end a transaction'
  );
}
