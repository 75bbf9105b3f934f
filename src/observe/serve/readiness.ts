// Whether the daemon does its work, as a readiness probe asks: once a pass went through, and while the key
// is not refused. An outage of the API later leaves it ready, as nobody else could do better.
import { oneLine } from '../../base/text.ts';
import { type Listener, listenerOf } from '../../sync/events.ts';

export class Readiness {
  #hasPassed = false;
  #inTheWay: string | null = null;
  #refused: string | null = null;

  readonly hear: Listener = listenerOf({
    'plan-made': () => {
      this.#hasPassed = true;
    },
    'files-unsettled': ({ unsettled }) => {
      this.#inTheWay = unsettled.message;
    },
    'work-failed': ({ error }) => {
      this.#inTheWay = error.message;
    },
    'sending-halted': ({ error }) => {
      this.#refused = error.message;
    },
    'sending-resumed': () => {
      this.#refused = null;
    },
  });

  /** Whether the first pass has come to something, be it that it cannot be made. */
  get isSettled(): boolean {
    return this.#hasPassed || this.#inTheWay !== null || this.#refused !== null;
  }

  /** One line: why it is not ready; null where it is. */
  get reason(): string | null {
    if (this.#refused !== null) return oneLine(this.#refused, longestReason);
    if (this.#hasPassed) return null;
    return oneLine(this.#inTheWay ?? 'no pass has gone through yet', longestReason);
  }
}

/** Characters. */
const longestReason = 500;
