// The right to write the state of one account. Whoever lost it writes nothing and sends nothing, whatever
// it still has in hand.
import { sharedController } from '../base/abort.ts';

/** The right to write the state of one account, and to send for it. */
export interface Tenure {
  /** Grows with each holder. */
  readonly token: string;
  /**
   * As of this very moment, by this process's own clocks. Once false, it is never true again, and `ended`
   * follows.
   */
  isMine(): boolean;
  /** Aborted once it is over, for good; the reason is a `TenureLostError`. */
  readonly ended: AbortSignal;
}

/** Of a state that a lock of the system gives to one process until that ends. */
export const forGood: Tenure = {
  token: '0',
  isMine: () => true,
  ended: sharedController().signal,
};
