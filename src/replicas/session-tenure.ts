// How long a session, and what it holds, is this process's own. Said before the store could think otherwise:
// it ends a session that was silent for `silenceMs`, and this process counts on less.
import { sharedController } from '../base/abort.ts';
import { TenureLostError } from '../base/errors.ts';
import type { Tenure } from '../state/tenure.ts';
import { type Moment, momentOf, passedMs, type ReplicaClock } from './furthest-clock.ts';

export interface SessionRules {
  readonly beatMs: number;
  /** Below `silenceMs`: a session is over for its own process before it is over for others. */
  readonly holdMs: number;
}

export const sessionRules: SessionRules = { beatMs: 1000, holdMs: 3000 };

/**
 * Of one session: until `holdMs` after the moment before the last beat that succeeded was sent, or until it is seen
 * that this time cannot be measured.
 */
export class SessionTerm {
  readonly #clock: ReplicaClock;
  readonly #holdMs: number;
  readonly #over = sharedController();
  #from: Moment;

  /** `from`: a moment before the session was begun. */
  constructor(clock: ReplicaClock, holdMs: number, from: Moment) {
    this.#clock = clock;
    this.#holdMs = holdMs;
    this.#from = from;
  }

  /** Aborted once it is over. Time that has passed is seen by who asks: `leftMs`. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** 0: it is over, and stays so. */
  leftMs(): number {
    if (this.#over.signal.aborted) return 0;
    const left = this.#holdMs - passedMs(this.#from, momentOf(this.#clock));
    if (left > 0) return left;
    this.end();
    return 0;
  }

  /** A beat that was sent after this moment has succeeded. */
  renew(sentAt: Moment): void {
    // An answer that comes too late revives nothing.
    if (this.leftMs() > 0) this.#from = sentAt;
  }

  end(): void {
    this.#over.abort();
  }
}

/** What whoever uses a tenure can say of it. */
export interface HeldTenure extends Tenure {
  /** A write was refused: it is over, whatever else is known of it. */
  refused(why: TenureLostError): void;
}

/** Of one account, as a session claimed it. */
export class SessionTenure implements HeldTenure {
  readonly token: string;
  readonly #term: SessionTerm;
  readonly #ended = sharedController();

  constructor(token: string, term: SessionTerm) {
    this.token = token;
    this.#term = term;
  }

  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  isMine(): boolean {
    return !this.#ended.signal.aborted && this.#term.leftMs() > 0;
  }

  refused(why: TenureLostError): void {
    this.#ended.abort(why);
  }

  /** `why`: the end of a sentence. */
  end(why: string): void {
    this.refused(new TenureLostError(why));
  }
}
