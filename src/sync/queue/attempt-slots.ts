// The slots that one attempt uses, one after another. The account's page names what each may write.
import type { RateLimiter, Slot } from '../rate/rate-limiter.ts';
import type { PendingChange } from './pending-change.ts';

export class AttemptSlots {
  readonly #pending: Pick<PendingChange, 'change'>;
  readonly #limiter: Pick<RateLimiter, 'take'>;
  #slot: Slot | null = null;

  constructor(pending: Pick<PendingChange, 'change'>, limiter: Pick<RateLimiter, 'take'>) {
    this.#pending = pending;
    this.#limiter = limiter;
  }

  /** Releases the slot before. Null as `RateLimiter.take`, and where the page names another content by now. */
  async take(priority: number, signal: AbortSignal): Promise<Slot | null> {
    this.release();
    let named = this.#pending.change;
    const writes = () => {
      named = this.#pending.change;
      return { widgetId: named.widgetId, hash: named.hash };
    };
    this.#slot = await this.#limiter.take(priority, signal, writes);
    if (named.hash !== this.#pending.change.hash) this.release();
    return this.#slot;
  }

  release(): void {
    this.#slot?.release();
    this.#slot = null;
  }
}
