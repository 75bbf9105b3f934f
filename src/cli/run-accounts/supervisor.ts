// The accounts of one process: follows what the file of accounts says, and gives each account a run of its
// own. None of them waits for another.
import { isDeepStrictEqual } from 'node:util';
import type {
  AccountEntry,
  AccountsFile,
  AccountsLook,
  AccountsProblem,
} from '../../accounts/account-entry.ts';
import type { HeldTenure } from '../../replicas/session-tenure.ts';
import type { SweepTrigger } from '../../sync/events.ts';
import { AccountRun, type AccountRunDeps, type RunEvent, type Wanted } from './account-run.ts';
import type {
  AccountsListener,
  FollowedAccount,
  RunningAccount,
  RunningAccounts,
} from './running-accounts.ts';

/** Among replicas: who shares the accounts. */
export interface Sharing {
  /** Those that this process is able to follow. */
  want(accounts: ReadonlySet<string>): void;
  /** Nothing of it runs here any more. */
  release(account: string, tenure: HeldTenure): void;
}

export interface SupervisorDeps extends Omit<AccountRunDeps, 'onChange' | 'onEvent' | 'onIdle'> {
  readonly file: Pick<AccountsFile, 'look'>;
  /** Absent or null: nobody shares them, and all are followed here. */
  readonly sharing?: Sharing | null;
  readonly onEvent: (name: string, event: RunEvent) => void;
  /** What is wrong with the file, each time when that is another. */
  readonly onProblems: (problems: readonly AccountsProblem[]) => void;
}

export class Supervisor implements RunningAccounts {
  readonly #deps: SupervisorDeps;
  readonly #runs = new Map<string, AccountRun>();
  /** As each account was wanted last. */
  readonly #wanted = new Map<string, Wanted>();
  /** As the file has them, by name. */
  #entries: ReadonlyMap<string, AccountEntry> = new Map();
  /** Under which accounts are held here; those that are to go elsewhere are not among them. */
  readonly #tenures = new Map<string, HeldTenure>();
  /** Under which something of an account may still run. */
  readonly #running = new Map<string, HeldTenure>();
  readonly #listeners = new Set<AccountsListener>();
  #look: AccountsLook = { accounts: [], held: [], namedVariables: [], problems: [] };
  /** Null: it was changed since it was asked for. */
  #list: readonly RunningAccount[] | null = null;
  #isStopping = false;

  constructor(deps: SupervisorDeps) {
    this.#deps = deps;
  }

  list(): readonly RunningAccount[] {
    this.#list ??= [...this.#runs.values()]
      .map(({ shown }) => shown)
      .filter(({ state }) => state !== 'elsewhere')
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.#list;
  }

  problems(): readonly AccountsProblem[] {
    return this.#look.problems;
  }

  listen(listener: AccountsListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async followed(account: FollowedAccount): Promise<void> {
    await Promise.all([...this.#listeners].map(({ onFollow }) => onFollow?.(account)));
  }

  async left(account: FollowedAccount): Promise<void> {
    await Promise.all([...this.#listeners].map(({ onLeave }) => onLeave?.(account)));
  }

  /** Looks at the file, and gives each account whatever it says by now. */
  look(): void {
    if (this.#isStopping) return;
    const look = this.#deps.file.look();
    if (look === this.#look) return;
    const { problems } = this.#look;
    this.#look = look;
    const wanted = wantedBy(look);
    this.#entries = new Map(look.accounts.map((entry) => [entry.name, entry]));
    this.#deps.sharing?.want(new Set(this.#entries.keys()));
    for (const [name, one] of wanted) this.#want(name, this.#hereOrElsewhere(name, one));
    for (const name of this.#runs.keys()) {
      if (!wanted.has(name)) this.#want(name, gone);
    }
    if (!isDeepStrictEqual(problems, look.problems)) this.#deps.onProblems(look.problems);
    this.#changed();
  }

  /** Another replica let it go, or nobody ever had it: it is followed here from now on. */
  claimed(name: string, tenure: HeldTenure): void {
    this.#tenures.set(name, tenure);
    this.#running.set(name, tenure);
    tenure.ended.addEventListener('abort', () => this.#letGo(name, tenure), { once: true });
    if (tenure.ended.aborted) this.#letGo(name, tenure);
    this.#shareAgain(name);
  }

  /** Another replica is to follow it: it is left in good order, and then released. */
  giveBack(name: string): void {
    const tenure = this.#tenures.get(name);
    if (tenure !== undefined) this.#letGo(name, tenure);
  }

  /** Looks at everything that is live in every account; those that wait are tried again. */
  sweep(trigger: SweepTrigger): void {
    for (const run of this.#runs.values()) run.sweep(trigger);
  }

  /** One deadline for all. Resolves once nothing runs, or it is over and some account still has not ended. */
  async stop({ deadlineMs }: { readonly deadlineMs: number }): Promise<{ unended: string[] }> {
    this.#isStopping = true;
    this.#deps.sharing?.want(new Set());
    const ended = new AbortController();
    const unended = new Set(this.#runs.keys());
    const stopping = [...this.#runs].map(async ([name, run]) => {
      await run.stop({ deadlineMs });
      unended.delete(name);
    });
    const all = Promise.all(stopping).finally(() => ended.abort());
    await Promise.race([all, this.#deps.clock.sleep(deadlineMs + graceMs, ended.signal)]);
    return { unended: [...unended].sort() };
  }

  #letGo(name: string, tenure: HeldTenure): void {
    if (this.#tenures.get(name) !== tenure) return;
    this.#tenures.delete(name);
    this.#shareAgain(name);
  }

  #shareAgain(name: string): void {
    if (this.#isStopping) return;
    const entry = this.#entries.get(name);
    // What else the file says of it stands, and nothing of it runs.
    if (entry === undefined) return this.#release(name);
    this.#want(name, this.#hereOrElsewhere(name, { kind: 'entry', entry }));
    this.#changed();
  }

  #hereOrElsewhere(name: string, wanted: Wanted): Wanted {
    if (wanted.kind !== 'entry' || !this.#deps.sharing) return wanted;
    const tenure = this.#tenures.get(name);
    return tenure === undefined ? elsewhere : { ...wanted, tenure };
  }

  #release(name: string): void {
    const tenure = this.#running.get(name);
    if (tenure === undefined) return;
    this.#running.delete(name);
    this.#tenures.delete(name);
    this.#deps.sharing?.release(name, tenure);
  }

  #want(name: string, wanted: Wanted): void {
    const before = this.#wanted.get(name);
    if (isDeepStrictEqual(before, wanted)) return;
    this.#wanted.set(name, wanted);
    const run = this.#runs.get(name);
    if (run === undefined) this.#begin(name, wanted);
    else run.want(wanted);
  }

  #begin(name: string, wanted: Wanted): void {
    const { onEvent } = this.#deps;
    const run = new AccountRun(name, wanted, {
      ...this.#deps,
      onChange: () => this.#changedOne(name),
      onEvent: (event) => onEvent(name, event),
      onIdle: () => this.#release(name),
    });
    this.#runs.set(name, run);
    void run.ended.then(() => this.#forget(name));
  }

  #forget(name: string): void {
    if (this.#isStopping) return;
    const wanted = this.#wanted.get(name) ?? gone;
    this.#runs.delete(name);
    // It came back in the very moment in which it ended.
    if (wanted.kind !== 'gone') this.#begin(name, wanted);
    else this.#wanted.delete(name);
    this.#changed();
  }

  /** Each account changes a few times as it begins: to go through all of them each time takes the square of them. */
  #changedOne(name: string): void {
    const run = this.#runs.get(name);
    // It has ended meanwhile.
    if (run === undefined) return;
    const { shown } = run;
    this.#changed(shown.state === 'elsewhere' ? null : shown);
  }

  #changed(account: RunningAccount | null = null): void {
    this.#list = null;
    for (const { onChange } of this.#listeners) onChange?.(account);
  }
}

const gone: Wanted = { kind: 'gone' };
const elsewhere: Wanted = { kind: 'elsewhere' };

/** What ends with the requests in flight, such as the last write of the state, takes a moment more. */
const graceMs = 2000;

function wantedBy({ accounts, held }: AccountsLook): ReadonlyMap<string, Wanted> {
  const entries = accounts.map((entry): [string, Wanted] => [entry.name, { kind: 'entry', entry }]);
  const others = held.map(({ name, message }): [string, Wanted] => [
    name,
    { kind: 'held', message },
  ]);
  return new Map([...entries, ...others]);
}
