// The log of a service that is down: one line when that is noticed, an error once it lasts, and one when it is
// over, however many widgets wait for it. When it is tried next stands in the status all along.
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { type Listener, listenerOf } from '../sync/events.ts';
import type { RateLimiter } from '../sync/rate/rate-limiter.ts';

type Limiter = Pick<RateLimiter, 'outage'>;

/** A service has hiccups. One that lasts longer keeps changes from visitors, and is for a person to know. */
export const outageLastsMs = 2 * 60_000;

export function logOutage(log: Log, limiter: Limiter, clock: Pick<Clock, 'now'>): Listener {
  let since = clock.now();
  let isSaid = false;
  return listenerOf({
    'outage-began': ({ since: began, failures, error, nextTryInMs }) => {
      since = began;
      isSaid = false;
      const retry_in_ms = Math.round(laterOf(nextTryInMs, limiter));
      log.warn(
        { since: since.toISOString(), failures, error: error.message, retry_in_ms },
        'the service is down: one request at a time tries it',
      );
    },
    // It is tried at least once a minute.
    'outage-continued': ({ nextTryInMs }) => {
      const retry_in_ms = Math.round(laterOf(nextTryInMs, limiter));
      const duration_ms = clock.now().getTime() - since.getTime();
      if (isSaid || duration_ms < outageLastsMs) {
        log.debug({ retry_in_ms }, 'the service is still down');
        return;
      }
      isSaid = true;
      const facts = { since: since.toISOString(), duration_ms, retry_in_ms };
      log.error(facts, 'the service stays down');
    },
    'outage-ended': ({ durationMs }) =>
      log.info({ duration_ms: Math.round(durationMs) }, 'the service is back'),
  });
}

/** The limiter knows what else keeps the next try from starting. */
export function laterOf(nextTryInMs: number, { outage }: Limiter): number {
  return Math.max(nextTryInMs, outage?.nextTryInMs ?? 0);
}
