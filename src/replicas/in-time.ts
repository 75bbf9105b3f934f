// Waits for the store no longer than a session lasts.
import type { Clock } from '../base/clock.ts';
import { StateError } from '../base/errors.ts';
import type { SessionTerm } from './session-tenure.ts';

/** Rejects with what the answer rejects with, and with a `StateError` once the session is over. */
export async function inTime<Answer>(
  answer: Promise<Answer>,
  term: SessionTerm,
  clock: Pick<Clock, 'sleep'>,
): Promise<Answer> {
  const done = new AbortController();
  const stop = () => done.abort();
  let refusal: unknown = null;
  answer.then(stop, (error: unknown) => {
    refusal = error;
    stop();
  });
  term.over.addEventListener('abort', stop);
  for (let leftMs = term.leftMs(); leftMs > 0 && !done.signal.aborted; leftMs = term.leftMs()) {
    await clock.sleep(leftMs, done.signal);
  }
  term.over.removeEventListener('abort', stop);
  // An answer that was on its way for too long is none: others may have taken everything since.
  if (term.leftMs() > 0) return await answer;
  throw refusal ?? new StateError('the store did not answer in time, or has ended its session');
}
