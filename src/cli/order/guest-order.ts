// The order of revisions as a command of one person meets it: it acts on the newest files and on what comes after them,
// and gives nothing a position, since nobody says that others are to follow it. Loaded only with `--store postgres`.
import { dirname, resolve } from 'node:path';
import type { AccountEntry } from '../../accounts/account-entry.ts';
import type { Settings } from '../../config/settings.ts';
import { Entrance } from '../../replicas/entrance.ts';
import { SourceFollower } from '../../replicas/source-follower.ts';
import type { InOrder } from '../../sync/loop/look.ts';
import type { ProcessContext } from '../process-context.ts';
import { openStore, postgresSources } from '../wiring/open-store.ts';
import { homeOf, inOrderFor } from './in-order.ts';

/** To be called once the command holds the account, by that token. */
export function guestOrder(
  { entry, token }: { readonly entry: AccountEntry; readonly token: string },
  settings: Pick<Settings, 'accounts' | 'pooler'>,
  { env, clock }: Pick<ProcessContext, 'env' | 'clock'>,
): InOrder {
  const store = postgresSources(openStore(settings, env).database);
  const follower = new SourceFollower({
    ...{ store, clock, as: 'guest' },
    // It shares nothing with anybody, and so never learns that nobody has the newest.
    ...{ living: () => null, session: () => null, onForced: () => {} },
  });
  const home = homeOf(dirname(resolve(settings.accounts ?? '.')));
  // Files without a commit are as the person who names them has them.
  const inOrder = inOrderFor(
    { entry: { ...entry, files: 'shared' }, token },
    { follower, entrance: new Entrance(store), clock, home: () => home },
  );
  return async (tree) => {
    const unsettled = await inOrder(tree);
    // Nobody pulls for it while it waits.
    return unsettled?.code === 'behind' ? { ...unsettled, retryInMs: null } : unsettled;
  };
}
