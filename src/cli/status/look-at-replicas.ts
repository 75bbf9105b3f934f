// The replicas that share the accounts which are shown; nothing of it is loaded where the store is files.
import { StateError } from '../../base/errors.ts';
import type { Settings } from '../../config/settings.ts';
import { type ReplicasStatus, replicasStatus } from '../../status/over-accounts/replicas-status.ts';
import type { ProcessContext } from '../process-context.ts';

/** Null where nobody shares them, or the store cannot be asked: then each account says why. */
export async function lookAtReplicas(
  settings: Settings,
  names: ReadonlySet<string>,
  { env }: Pick<ProcessContext, 'env'>,
): Promise<ReplicasStatus | null> {
  if (settings.store === 'files') return null;
  const { openStore, PostgresReplicas } = await import('../wiring/open-store.ts');
  try {
    const { database } = openStore(settings, env);
    const { sessions, accounts } = await new PostgresReplicas(database, 'status').look();
    const holds = accounts.flatMap(({ name, holder }): [string, string][] =>
      holder === null || !names.has(name) ? [] : [[name, holder]],
    );
    const known = sessions.map(({ number: session, ...one }) => ({ session, ...one }));
    return replicasStatus(known, new Map(holds));
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return null;
  }
}
