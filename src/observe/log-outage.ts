// The log of a service that is down: one line when that is noticed and one when it is over, and nothing in
// between, however many widgets wait for it. When it is tried next stands in the status all along.
import type { Log } from '../base/log.ts';
import { type Listener, listenerOf } from '../sync/events.ts';
import type { RateLimiter } from '../sync/rate/rate-limiter.ts';

type Limiter = Pick<RateLimiter, 'outage'>;

export function logOutage(log: Log, limiter: Limiter): Listener {
  return listenerOf({
    'outage-began': ({ since, failures, error, nextTryInMs }) =>
      log.warn(
        {
          since: since.toISOString(),
          failures,
          error: error.message,
          retry_in_ms: Math.round(laterOf(nextTryInMs, limiter)),
        },
        'the service is down: one request at a time tries it',
      ),
    'outage-continued': ({ nextTryInMs }) =>
      log.debug(
        { retry_in_ms: Math.round(laterOf(nextTryInMs, limiter)) },
        'the service is still down',
      ),
    'outage-ended': ({ durationMs }) =>
      log.info({ duration_ms: Math.round(durationMs) }, 'the service is back'),
  });
}

/** The limiter knows what else keeps the next try from starting. */
export function laterOf(nextTryInMs: number, { outage }: Limiter): number {
  return Math.max(nextTryInMs, outage?.nextTryInMs ?? 0);
}
