// Whether the account can be read with the key in force, and what writes may rest on. Refuses to ask:
// it is told of answers and refusals.
import { ApiError } from '../../base/errors.ts';
import type { Emit } from '../events.ts';

//  reads with this key                     decisions and writes rest on
//  ─────────────────────────────────────   ────────────────────────────────────────────────────────
//  not wanted (--live off)                 hashes; only what git declares is sent: blind
//  refused, and never answered             the same, after one warning; each sweep asks again
//  refused, though answered once           what is live: what has to be read first waits until it is
//  answered, or not tried yet              what is live
//
// Blind, a server that resets what a body omits loses what people set in the dashboard. A refusal that
// may pass (a proxy, a rule of the day) is no leave for that once it is known that reading works.
export class ReadAccess {
  readonly #mode: 'auto' | 'off';
  readonly #emit: Emit;
  #hasAnswered = false;
  #hasGivenOne = false;
  #isRefused = false;

  constructor(mode: 'auto' | 'off', emit: Emit) {
    this.#mode = mode;
    this.#emit = emit;
  }

  get isOff(): boolean {
    return this.#mode === 'off';
  }

  get isBlind(): boolean {
    return this.isOff || (this.#isRefused && !this.#hasAnswered);
  }

  /** A read has succeeded: from then on a 404 speaks of the widget, not of the route. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** A widget was read by itself: from then on a list is never all there is. */
  get hasGivenOne(): boolean {
    return this.#hasGivenOne;
  }

  /** A widget was read by itself. */
  gaveOne(): void {
    this.#hasGivenOne = true;
    this.answered();
  }

  answered(): void {
    const wasBlind = this.isBlind;
    this.#hasAnswered = true;
    this.#isRefused = false;
    if (wasBlind && !this.isBlind) this.#emit({ kind: 'account-readable' });
  }

  /** The list refuses, and so do single reads. */
  refused(error: ApiError): void {
    const wasBlind = this.isBlind;
    this.#isRefused = true;
    if (this.isBlind && !wasBlind) this.#emit({ kind: 'account-unreadable', error });
  }

  /** Another key may be allowed to read. */
  reset(): void {
    this.#hasAnswered = false;
    this.#hasGivenOne = false;
    this.#isRefused = false;
  }
}

export function isRefusalToRead(error: unknown): error is ApiError {
  return (
    error instanceof ApiError && error.retry === 'never' && notForReading.has(error.status ?? 0)
  );
}

/** Not a 404, which may also be the API's word that the widget is not there. */
export function isRefusalOfOne(error: unknown): error is ApiError {
  return isRefusalToRead(error) && error.status !== 404;
}

/** Not allowed, no such route, no such method. A refused key is 401 and concerns the writes too. */
const notForReading: ReadonlySet<number> = new Set([403, 404, 405]);

/** A refusal that may pass, and that is not to be worked around meanwhile. */
export function forNow(refusal: ApiError): ApiError {
  const { status, scope, retryAfterMs, refusedFields } = refusal;
  const facts = { status, scope, retryAfterMs, refusedFields, retry: 'later' } as const;
  const message = `reads are refused for now, and nothing is sent without them: ${refusal.message}`;
  return new ApiError(message, facts);
}

/** For a write to a widget that the API says is not there. */
export function notInAccount(): ApiError {
  const facts = { status: 404, scope: 'widget', retryAfterMs: null, refusedFields: [] } as const;
  return new ApiError('the account has no widget with this id', { ...facts, retry: 'never' });
}
