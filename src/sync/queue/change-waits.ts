// The waits of changes before they line up: after a failure, and while what an earlier process was sending may
// still arrive.
import type { SendFailure } from '../../model/send-failure.ts';
import { backOff, backoffOf, noteUnread, type PendingChange } from './pending-change.ts';
import type { QueueDeps, QueuePolicy } from './queue-deps.ts';

export class ChangeWaits {
  readonly #deps: QueueDeps;
  readonly #backoff: QueuePolicy['backoff'];
  readonly #lineUp: (pending: PendingChange) => void;

  /** `lineUp`: what follows each wait. */
  constructor(
    deps: QueueDeps,
    { backoff }: Pick<QueuePolicy, 'backoff'>,
    lineUp: (pending: PendingChange) => void,
  ) {
    this.#deps = deps;
    this.#backoff = backoff;
    this.#lineUp = lineUp;
  }

  afterFailure(pending: PendingChange, error: SendFailure): void {
    const { emit, clock, limiter } = this.#deps;
    noteUnread(pending, error);
    const sleepMs = backoffOf(pending, error, { ...this.#deps, backoff: this.#backoff });
    const retryInMs = Math.max(sleepMs, limiter.wait?.forMs ?? 0);
    const { change, attempts } = pending;
    emit({ kind: 'change-retried', change, error, attempts, retryInMs });
    this.#wait(pending, sleepMs, { failure: error, retryAtMs: clock.monotonicMs() + retryInMs });
  }

  /** False where nothing that may still arrive concerns it. */
  holds(pending: PendingChange): boolean {
    const { emit, clock, inherited } = this.#deps;
    const { change, failure } = pending;
    const untilMs = inherited.heldUntilMs(change);
    if (untilMs === null) return false;
    const forMs = untilMs - clock.monotonicMs();
    emit({ kind: 'change-held', change, forMs });
    this.#wait(pending, forMs, { failure, retryAtMs: untilMs });
    return true;
  }

  #wait(pending: PendingChange, sleepMs: number, until: Parameters<typeof backOff>[1]): void {
    const signal = backOff(pending, until);
    void this.#deps.clock.sleep(sleepMs, signal).then(() => {
      if (!signal.aborted) this.#lineUp(pending);
    });
  }
}
