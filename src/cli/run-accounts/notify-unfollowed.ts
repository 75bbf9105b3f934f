// Tells people which accounts of the process are not followed, and that the file which names them is not taken.
// Loaded with `--notify` only.
import type { AccountsProblem } from '../../accounts/account-entry.ts';
import type { Clock } from '../../base/clock.ts';
import { readTold, Teller, type TellerDeps } from '../../observe/notify/teller.ts';
import {
  type AccountsSeen,
  findUnfollowed,
  type Unfollowed,
} from '../../observe/notify/unfollowed-causes.ts';
import { openNotifiedAccounts } from '../wiring/account-state.ts';
import type { RunningAccount, RunningAccounts } from './running-accounts.ts';

export interface UnfollowedDeps extends Omit<TellerDeps, 'save' | 'see' | 'onResult'> {
  /** The absolute path of the file of accounts. */
  readonly file: string;
  /** The directory of all states. */
  readonly state: string;
}

/** Never rejects: where what was told cannot be read, what lasts is told again. */
export async function openUnfollowedNotices(
  deps: UnfollowedDeps,
): Promise<(accounts: RunningAccounts) => Teller> {
  const kept = await openNotifiedAccounts({ directory: deps.state, file: deps.file });
  const told = await readTold(kept.read, deps.log);
  return (accounts) => {
    const following = new Following(deps.clock);
    // What an earlier process has told of them is over only where this one knows which accounts there are.
    const isKnown = () => accounts.list().length > 0 || accounts.problems().length === 0;
    const teller = new Teller(told, {
      ...deps,
      save: kept.save,
      see: () => ({
        found: findUnfollowed(following.see(accounts)),
        ...{ hasPassed: isKnown(), hasAnswered: isKnown(), commit: null },
      }),
    });
    accounts.listen({
      onChange() {
        // At each change: an account that is tried again is not followed in between.
        following.see(accounts);
        teller.changed();
      },
    });
    return teller;
  };
}

/** Which accounts are not followed, and since when. */
class Following {
  readonly #clock: Pick<Clock, 'now'>;
  #unfollowed: ReadonlyMap<string, Unfollowed> = new Map();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  see(accounts: RunningAccounts): AccountsSeen {
    const undecided = new Set<string>();
    const unfollowed = accounts.list().flatMap((account) => {
      if (account.state === 'running') return [];
      const one = this.#seen(account);
      if (one === undefined) undecided.add(account.name);
      return one ?? [];
    });
    this.#unfollowed = new Map(unfollowed.map((one) => [one.name, one]));
    const refusals = accounts.problems().filter(isOfFile);
    return { unfollowed, undecided, refusals: refusals.map(saying) };
  }

  #seen({ name, state, message }: RunningAccount): Unfollowed | undefined {
    const before = this.#unfollowed.get(name);
    if (state !== 'waiting' && state !== 'held') return before;
    const since = before?.since ?? this.#clock.now();
    return { name, since, isHeld: state === 'held', says: message ?? 'it is tried again' };
  }
}

/** What holds an account is told of that account. */
function isOfFile({ holds }: AccountsProblem): boolean {
  return holds.length === 0;
}

function saying({ place, message }: AccountsProblem): string {
  return `${place}: ${message}`;
}
