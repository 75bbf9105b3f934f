// The accounts of one process: follows what the file of accounts says, and gives each account a run of its
// own. None of them waits for another.
import { isDeepStrictEqual } from 'node:util';
import type { AccountsFile, AccountsLook, AccountsProblem } from '../../accounts/account-entry.ts';
import type { SweepTrigger } from '../../sync/events.ts';
import { AccountRun, type AccountRunDeps, type RunEvent, type Wanted } from './account-run.ts';
import type {
  AccountsListener,
  FollowedAccount,
  RunningAccount,
  RunningAccounts,
} from './running-accounts.ts';

export interface SupervisorDeps extends Omit<AccountRunDeps, 'onChange' | 'onEvent'> {
  readonly file: Pick<AccountsFile, 'look'>;
  readonly onEvent: (name: string, event: RunEvent) => void;
  /** What is wrong with the file, each time when that is another. */
  readonly onProblems: (problems: readonly AccountsProblem[]) => void;
}

export class Supervisor implements RunningAccounts {
  readonly #deps: SupervisorDeps;
  readonly #runs = new Map<string, AccountRun>();
  /** As each account was wanted last. */
  readonly #wanted = new Map<string, Wanted>();
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
    for (const [name, one] of wanted) this.#want(name, one);
    for (const name of this.#runs.keys()) {
      if (!wanted.has(name)) this.#want(name, gone);
    }
    if (!isDeepStrictEqual(problems, look.problems)) this.#deps.onProblems(look.problems);
    this.#changed();
  }

  /** Looks at everything that is live in every account; those that wait are tried again. */
  sweep(trigger: SweepTrigger): void {
    for (const run of this.#runs.values()) run.sweep(trigger);
  }

  /** One deadline for all. Resolves once nothing runs, or it is over and some account still has not ended. */
  async stop({ deadlineMs }: { readonly deadlineMs: number }): Promise<{ unended: string[] }> {
    this.#isStopping = true;
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
      onChange: () => this.#changed(),
      onEvent: (event) => onEvent(name, event),
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

  #changed(): void {
    this.#list = null;
    for (const { onChange } of this.#listeners) onChange?.();
  }
}

const gone: Wanted = { kind: 'gone' };

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
