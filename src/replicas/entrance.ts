// Says at which position each account is sent for, before anything is: of hundreds of accounts that come to a new
// position in one moment, those that ask while the store answers share the next statement.
import type { ClaimedTenure } from './replica-store.ts';
import type { Entered, SourceStore, Standpoint } from './source-store.ts';

interface Waiting {
  readonly account: ClaimedTenure;
  readonly at: Standpoint;
  readonly resolve: (entered: Entered) => void;
  readonly reject: (error: unknown) => void;
}

export class Entrance {
  readonly #store: Pick<SourceStore, 'enter'>;
  #waiting: Waiting[] = [];
  #isAsking = false;

  constructor(store: Pick<SourceStore, 'enter'>) {
    this.#store = store;
  }

  /** As `SourceStore.enter` of the one account. Throws `StateError`. */
  enter(account: ClaimedTenure, at: Standpoint): Promise<Entered> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ account, at, resolve, reject });
      if (!this.#isAsking) void this.#ask();
    });
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const group = this.#take(first.at);
      try {
        const accounts = group.map(({ account }) => account);
        const entered = await this.#store.enter(accounts, first.at);
        for (const [index, one] of group.entries()) one.resolve(entered[index] ?? 'not-mine');
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#isAsking = false;
  }

  /** Those that come to this position, each account once. */
  #take({ source, position }: Standpoint): Waiting[] {
    const named = new Set<string>();
    const isTaken = ({ account, at }: Waiting) => {
      const isSame = at.source === source && at.position === position;
      if (!isSame || named.has(account.name)) return false;
      named.add(account.name);
      return true;
    };
    const taken = new Set(this.#waiting.filter(isTaken));
    this.#waiting = this.#waiting.filter((one) => !taken.has(one));
    return [...taken];
  }
}
