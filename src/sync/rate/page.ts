// The page of an account, as its limiter keeps it: which requests are under way, and when the others ended. Its
// writes go one after another, and whoever waits shares the next: of two at a time the older could come last.
import { TenureLostError } from '../../base/errors.ts';
import type { RateUsage, UnderWay } from '../../state/state-store.ts';

export class Page {
  /** The store is given the very list: it goes on changing. */
  readonly #underWay: UnderWay[] = [];
  #usage: RateUsage | null = null;
  /** The write that has not begun; null: none is asked for. */
  #next: Promise<void> | null = null;
  /** The last write that was asked for. */
  #last: Promise<void> = Promise.resolve();
  #isLost = false;

  /** Before the first request. */
  resume(usage: RateUsage): void {
    this.#usage = usage;
  }

  /** How many requests are under way. */
  get underWay(): number {
    return this.#underWay.length;
  }

  /** Whether it was refused, since another process sends for the account: nothing more may start. */
  get isLost(): boolean {
    return this.#isLost;
  }

  add(request: UnderWay): void {
    this.#underWay.push(request);
  }

  /** Whether it was under way. */
  remove(request: UnderWay): boolean {
    const at = this.#underWay.indexOf(request);
    if (at !== -1) this.#underWay.splice(at, 1);
    return at !== -1;
  }

  ended(atMs: number): void {
    this.#usage?.ended(atMs);
  }

  /** Resolves once the store has all of it as it is now, or has refused it. */
  keep(): Promise<void> {
    this.#next ??= this.#last.then(() => {
      this.#next = null;
      return this.#usage?.keep(this.#underWay).catch((error: unknown) => this.#lose(error));
    });
    this.#last = this.#next;
    return this.#next;
  }

  #lose(error: unknown): void {
    if (!(error instanceof TenureLostError)) throw error;
    this.#isLost = true;
  }
}
