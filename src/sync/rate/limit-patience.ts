// How long a command that has to end waits for a limit of the API.
import type { Clock } from '../../base/clock.ts';
import type { RequestOutcome } from './request-outcome.ts';

/**
 * The API may refuse everything for so long before a command that a person waits for gives up. Limits by the
 * minute, which are the longest that most APIs have, are over by then.
 */
export const limitPatienceMs = 120_000;

/**
 * For how long nothing but 429 has come. Any other answer or failure ends it, and a wait that the API
 * asked for (Retry-After) does not count: nothing was asked meanwhile, as it wished.
 */
export class RefusedTime {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #countedMs = 0;
  /** From when on time counts beside that; null: the last that was heard was no refusal. */
  #countsFromMs: number | null = null;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  get ms(): number {
    if (this.#countsFromMs === null) return 0;
    return this.#countedMs + Math.max(0, this.#clock.monotonicMs() - this.#countsFromMs);
  }

  ended(outcome: RequestOutcome): void {
    // Nothing was heard of the API.
    if (outcome.service === 'unclear') return;
    if (outcome.service !== 'limited') {
      this.#countsFromMs = null;
      return;
    }
    const mayAskAtMs = this.#clock.monotonicMs() + (outcome.error.retryAfterMs ?? 0);
    this.#countedMs = this.ms;
    this.#countsFromMs = Math.max(this.#countsFromMs ?? mayAskAtMs, mayAskAtMs);
  }
}

export function refusedWords(refusedForMs: number): string {
  return `the API has refused every request for ${Math.round(refusedForMs / 1000)} seconds (429)`;
}
