// Looks without a trigger: watchers lose events, and some file systems have none. How often
// depends on whether events can be relied on, and on what a look costs.
import { sharedController } from '../../base/abort.ts';
import { type Clock, wholeSecondBy } from '../../base/clock.ts';

export interface RescanPolicy {
  /** With events. */
  readonly rescanMs: number;
  /** Without; null: as often as costs a twentieth of the time at most. */
  readonly pollMs: number | null;
  /** Whether events are relied on before anything is known of them. */
  readonly begin: 'relying' | 'polling';
}

export interface RescanDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly onDue: () => void;
}

const looksApart = 20;
const pollBounds = { leastMs: 1000, mostMs: 30_000 };
/** Many replicas that were started together do not look together for ever. */
const jitter = 0.1;
/** A turn that is longer may be a second shorter: looks of many accounts then come together. */
const longTurnMs = 10_000;

export class Rescan {
  readonly #policy: RescanPolicy;
  readonly #deps: RescanDeps;
  readonly #stopping = sharedController();
  #turn = new AbortController();
  #isPolling: boolean;
  #lookMs = 0;

  constructor(policy: RescanPolicy, deps: RescanDeps) {
    this.#policy = policy;
    this.#isPolling = policy.begin === 'polling';
    this.#deps = deps;
  }

  /** Until stopped. */
  async run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const turn = new AbortController();
      this.#turn = turn;
      await this.#deps.clock.sleep(this.#nextTurnMs(), turn.signal);
      if (!turn.signal.aborted) this.#deps.onDue();
    }
  }

  stop(): void {
    this.#stopping.abort();
    this.#turn.abort();
  }

  get intervalMs(): number {
    const { rescanMs, pollMs } = this.#policy;
    if (!this.#isPolling) return rescanMs;
    const { leastMs, mostMs } = pollBounds;
    const fitting = Math.min(Math.max(looksApart * this.#lookMs, leastMs), mostMs);
    return pollMs ?? Math.min(rescanMs, fitting);
  }

  #nextTurnMs(): number {
    const { clock, random } = this.#deps;
    const turnMs = this.intervalMs * (1 - jitter * random());
    if (turnMs <= longTurnMs) return turnMs;
    const nowMs = clock.monotonicMs();
    return wholeSecondBy(nowMs + turnMs) - nowMs;
  }

  /** How long the last look at the files took. */
  looked(ms: number): void {
    this.#lookMs = ms;
  }

  set(state: RescanPolicy['begin']): void {
    const isPolling = state === 'polling';
    if (this.#isPolling === isPolling) return;
    this.#isPolling = isPolling;
    // The turn that is being waited out is of the other length.
    this.#turn.abort();
  }
}
