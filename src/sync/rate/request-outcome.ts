// The outcome of a request, as it speaks of the service behind the API and not of one widget.
import { ApiError } from '../../base/errors.ts';

export type RequestOutcome =
  /** It answered: a confirmation, or a refusal that concerns a widget or the key. */
  | { readonly service: 'up' }
  /** It gave nothing that can be used; the same request may succeed later. */
  | { readonly service: 'down'; readonly error: ApiError; readonly about: string }
  /** It is up, and takes no more for now (429). */
  | { readonly service: 'limited'; readonly error: ApiError; readonly about: string }
  /** The request was called back, or something failed that has nothing to do with it. */
  | { readonly service: 'unclear' };

export interface Asking {
  /** Takes note of how the request ended. */
  readonly slot: { ended(outcome: RequestOutcome): void };
  /** Whom or what the request is about: several failures of one say little about the others. */
  readonly about: string;
  /** Calls the request back. */
  readonly signal: AbortSignal;
}

/** The end of a request that holds the slot: the slot ends with it. */
export async function inSlot<Answer>(
  { slot, about, signal }: Asking,
  request: Promise<Answer>,
): Promise<Answer> {
  try {
    const answer = await request;
    slot.ended({ service: 'up' });
    return answer;
  } catch (error) {
    slot.ended(requestOutcomeOf(error, about, signal));
    throw error;
  }
}

//  failure                                          service
//  ──────────────────────────────────────────────   ───────
//  no answer, because it was called back             unclear
//  429                                               limited
//  no answer; 408, 425, 5xx; unreadable 2xx          down
//  401, 403 to a key that was replaced meanwhile     up
//  any other 4xx                                     up
//  3xx                                               down: somebody in between answers in its place
//  what is no answer of the API at all: a bug        unclear
export function requestOutcomeOf(
  error: unknown,
  about: string,
  signal: AbortSignal,
): RequestOutcome {
  if (!(error instanceof ApiError)) return { service: 'unclear' };
  const { status, retry } = error;
  if (status === null && signal.aborted) return { service: 'unclear' };
  if (status === 401 || status === 403) return { service: 'up' };
  if (isLimit(error)) return { service: 'limited', error, about };
  return retry === 'later' ? { service: 'down', error, about } : { service: 'up' };
}

/** Nothing is wrong with the request: the API takes no more of them for now (RFC 6585, section 4). */
export function isLimit(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 429;
}
