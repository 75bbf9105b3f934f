// All accounts of the process as one list. What has moved is looked at again when somebody asks, and the list
// is another one only where something that it shows is.
import type { Clock } from '../../base/clock.ts';
import type { AccountSummary } from '../../status/over-accounts/account-summary.ts';
import {
  type AccountCounts,
  type AccountsStatus,
  accountsStatus,
} from '../../status/over-accounts/accounts-status.ts';

export interface PlacedProblem {
  readonly place: string;
  readonly message: string;
}

/** The accounts as the process has them at the moment. */
export interface ListedAccounts {
  /** Of those that this process is to follow. */
  readonly names: () => readonly string[];
  /** Of those that other replicas follow; none where there are none. */
  readonly elsewhere: () => readonly string[];
  /** Somebody wants to see them all. */
  readonly asked: () => void;
  /** Why it is not followed; null: it is, or is about to be. */
  readonly trouble: (name: string) => string | null;
  /** Null: it has gone. */
  readonly summary: (name: string, now: Date) => AccountSummary | null;
  /** What is wrong with the file of accounts, and holds none of them. */
  readonly problems: () => readonly PlacedProblem[];
  /** Among replicas: whether this one could go on with accounts that others follow. */
  readonly standsBy: () => boolean;
}

interface Kept {
  readonly summary: AccountSummary;
  /** What the list shows of it, to compare. */
  readonly shown: string;
}

/** A loop that stands still has no event that would tell of it. */
const allAgainMs = 10_000;

export class AccountsList {
  readonly #listed: ListedAccounts;
  readonly #clock: Pick<Clock, 'now' | 'monotonicMs'>;
  readonly #kept = new Map<string, Kept>();
  readonly #moved = new Set<string>();
  #all: AccountsStatus | null = null;
  #lookedAtAllMs = Number.NEGATIVE_INFINITY;
  #problems = '';
  #changes = 0;

  constructor(listed: ListedAccounts, clock: Pick<Clock, 'now' | 'monotonicMs'>) {
    this.#listed = listed;
    this.#clock = clock;
  }

  /** Something has happened in that account. */
  moved(name: string): void {
    this.#moved.add(name);
  }

  /** An account has come or gone, or the file of accounts is another one. */
  movedAll(): void {
    this.#lookedAtAllMs = Number.NEGATIVE_INFINITY;
  }

  /** The newest, the worst first; the same value as long as nothing moves. */
  status(): AccountsStatus {
    this.#refresh();
    this.#all ??= accountsStatus([...this.#kept.values()].map(({ summary }) => summary));
    return this.#all;
  }

  /** Of those that this process is to follow. */
  statesHere(): AccountCounts {
    this.#refresh();
    const all = [...this.#kept.values()].map(({ summary }) => summary);
    return accountsStatus(all.filter(({ replica }) => replica === undefined)).states;
  }

  summaryOf(name: string): AccountSummary | null {
    this.#refresh();
    return this.#kept.get(name)?.summary ?? null;
  }

  /** How often something that is shown has changed. */
  get changes(): number {
    this.#refresh();
    return this.#changes;
  }

  #refresh(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#lookedAtAllMs >= allAgainMs) {
      this.#lookedAtAllMs = nowMs;
      const names = [...this.#listed.names(), ...this.#listed.elsewhere()];
      const known = new Set(names);
      for (const name of [...names, ...this.#kept.keys()]) this.#moved.add(name);
      const problems = this.#listed.problems().map(problemText).join('\n');
      if (problems !== this.#problems) this.#changed();
      this.#problems = problems;
      for (const name of this.#kept.keys()) if (!known.has(name)) this.#forget(name);
    }
    for (const name of this.#moved) this.#lookAt(name);
    this.#moved.clear();
  }

  #lookAt(name: string): void {
    const summary = this.#listed.summary(name, this.#clock.now());
    if (summary === null) {
      this.#forget(name);
      return;
    }
    // The time of a pass is not shown: each account has one every few moments.
    const shown = JSON.stringify({ ...summary, lastPass: null });
    if (this.#kept.get(name)?.shown === shown) return;
    this.#kept.set(name, { summary, shown });
    this.#changed();
  }

  #forget(name: string): void {
    if (this.#kept.delete(name)) this.#changed();
  }

  #changed(): void {
    this.#changes += 1;
    this.#all = null;
  }
}

export function problemText({ place, message }: PlacedProblem): string {
  return `${place}: ${message}`;
}
