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
  /** Whether it counts as alive: what others let go of may come to this one. */
  isAlive(): boolean;
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

/** What there is of one account, each null where there is none. */
interface Kept {
  run: AccountRun | null;
  /** As it was wanted last. */
  wanted: Wanted | null;
  /** As the file has it. */
  entry: AccountEntry | null;
  /** Under which it is held here; not where it is to go elsewhere. */
  tenure: HeldTenure | null;
  /** Under which something of it may still run. */
  running: HeldTenure | null;
}

export class Supervisor implements RunningAccounts {
  readonly #deps: SupervisorDeps;
  /** By name; those of which there is anything. */
  readonly #accounts = new Map<string, Kept>();
  readonly #listeners = new Set<AccountsListener>();
  #look: AccountsLook = { accounts: [], held: [], namedVariables: [], problems: [] };
  /** Null: it was changed since it was asked for. */
  #list: readonly RunningAccount[] | null = null;
  #isStopping = false;

  constructor(deps: SupervisorDeps) {
    this.#deps = deps;
  }

  list(): readonly RunningAccount[] {
    this.#list ??= this.#runs()
      .map(({ shown }) => shown)
      .filter(({ state }) => state !== 'elsewhere')
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.#list;
  }

  elsewhere(): readonly AccountEntry[] {
    return [...this.#accounts.values()].flatMap(({ entry, run }) =>
      entry !== null && run?.shown.state === 'elsewhere' ? [entry] : [],
    );
  }

  problems(): readonly AccountsProblem[] {
    return this.#look.problems;
  }

  standsBy(): boolean {
    return this.#look.accounts.length > 0 && this.#deps.sharing?.isAlive() === true;
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
    for (const kept of this.#accounts.values()) kept.entry = null;
    for (const entry of look.accounts) this.#of(entry.name).entry = entry;
    this.#deps.sharing?.want(new Set(look.accounts.map(({ name }) => name)));
    for (const [name, one] of wanted) this.#want(name, this.#hereOrElsewhere(name, one));
    for (const { name } of this.#runs()) {
      if (!wanted.has(name)) this.#want(name, gone);
    }
    if (!isDeepStrictEqual(problems, look.problems)) this.#deps.onProblems(look.problems);
    this.#changed();
  }

  /** Another replica let it go, or nobody ever had it: it is followed here from now on. */
  claimed(name: string, tenure: HeldTenure): void {
    Object.assign(this.#of(name), { tenure, running: tenure });
    tenure.ended.addEventListener('abort', () => this.#letGo(name, tenure), { once: true });
    if (tenure.ended.aborted) this.#letGo(name, tenure);
    this.#shareAgain(name);
  }

  /** Another replica is to follow it: it is left in good order, and then released. */
  giveBack(name: string): void {
    const tenure = this.#accounts.get(name)?.tenure ?? null;
    if (tenure !== null) this.#letGo(name, tenure);
  }

  /** Looks at everything that is live in every account; those that wait are tried again. */
  sweep(trigger: SweepTrigger): void {
    for (const run of this.#runs()) run.sweep(trigger);
  }

  /** One deadline for all. Resolves once nothing runs, or it is over and some account still has not ended. */
  async stop({ deadlineMs }: { readonly deadlineMs: number }): Promise<{ unended: string[] }> {
    this.#isStopping = true;
    this.#deps.sharing?.want(new Set());
    const ended = new AbortController();
    const runs = this.#runs();
    const unended = new Set(runs.map(({ name }) => name));
    const stopping = runs.map(async (run) => {
      await run.stop({ deadlineMs });
      unended.delete(run.name);
    });
    const all = Promise.all(stopping).finally(() => ended.abort());
    await Promise.race([all, this.#deps.clock.sleep(deadlineMs + graceMs, ended.signal)]);
    return { unended: [...unended].sort() };
  }

  #letGo(name: string, tenure: HeldTenure): void {
    const kept = this.#accounts.get(name);
    if (kept?.tenure !== tenure) return;
    kept.tenure = null;
    this.#shareAgain(name);
  }

  #shareAgain(name: string): void {
    if (this.#isStopping) return;
    const entry = this.#accounts.get(name)?.entry ?? null;
    // What else the file says of it stands, and nothing of it runs.
    if (entry === null) return this.#release(name);
    this.#want(name, this.#hereOrElsewhere(name, { kind: 'entry', entry }));
    this.#changed();
  }

  #hereOrElsewhere(name: string, wanted: Wanted): Wanted {
    if (wanted.kind !== 'entry' || !this.#deps.sharing) return wanted;
    const tenure = this.#accounts.get(name)?.tenure ?? null;
    return tenure === null ? elsewhere : { ...wanted, tenure };
  }

  #release(name: string): void {
    const kept = this.#accounts.get(name);
    const tenure = kept?.running ?? null;
    if (kept === undefined || tenure === null) return;
    Object.assign(kept, { tenure: null, running: null });
    this.#tidy(name);
    this.#deps.sharing?.release(name, tenure);
  }

  #want(name: string, wanted: Wanted): void {
    const kept = this.#of(name);
    if (isDeepStrictEqual(kept.wanted, wanted)) return;
    kept.wanted = wanted;
    if (kept.run === null) this.#begin(name, wanted);
    else kept.run.want(wanted);
  }

  #begin(name: string, wanted: Wanted): void {
    const { onEvent } = this.#deps;
    const run = new AccountRun(name, wanted, {
      ...this.#deps,
      onChange: () => this.#changedOne(name),
      onEvent: (event) => onEvent(name, event),
      onIdle: () => this.#release(name),
    });
    this.#of(name).run = run;
    void run.ended.then(() => this.#forget(name));
  }

  #forget(name: string): void {
    if (this.#isStopping) return;
    const kept = this.#of(name);
    const { wanted } = kept;
    kept.run = null;
    // It came back in the very moment in which it ended.
    if (wanted !== null && wanted.kind !== 'gone') this.#begin(name, wanted);
    else kept.wanted = null;
    this.#tidy(name);
    this.#changed();
  }

  #runs(): AccountRun[] {
    return [...this.#accounts.values()].flatMap(({ run }) => run ?? []);
  }

  #of(name: string): Kept {
    const known = this.#accounts.get(name);
    if (known !== undefined) return known;
    const none: Kept = { run: null, wanted: null, entry: null, tenure: null, running: null };
    this.#accounts.set(name, none);
    return none;
  }

  #tidy(name: string): void {
    const isNone = Object.values(this.#of(name)).every((one) => one === null);
    if (isNone) this.#accounts.delete(name);
  }

  /** Each account changes a few times as it begins: to go through all of them each time takes the square of them. */
  #changedOne(name: string): void {
    const run = this.#accounts.get(name)?.run ?? null;
    // It has ended meanwhile.
    if (run === null) return;
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
