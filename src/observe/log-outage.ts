// What is said about a service that is down: when that is noticed and when it is over, and nothing in
// between, however many widgets wait for it. When it is tried next stands in the status all along.
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { CircuitBreakerObserver } from '../sync/rate/circuit-breaker.ts';
import type { RateLimiter } from '../sync/rate/rate-limiter.ts';
import type { StatusBoard } from './status-reporter.ts';

export interface OutageDeps {
  readonly board: Pick<StatusBoard, 'blocked'>;
  /** Knows what else keeps the next try from starting. */
  readonly limiter: Pick<RateLimiter, 'outage'>;
  readonly clock: Pick<Clock, 'now'>;
}

export function narrateOutage(
  log: Log,
  { board, limiter, clock }: OutageDeps,
): CircuitBreakerObserver {
  let began = { since: '', error: '' };
  const tellNextTry = (breakerMs: number): number => {
    const inMs = Math.max(breakerMs, limiter.outage?.nextTryInMs ?? 0);
    const next = new Date(clock.now().getTime() + inMs).toISOString();
    const { since, error } = began;
    board.blocked(
      'service',
      `the service has been failing since ${since}, one request at a time tries it, the next one at ${next}: ${error}`,
    );
    return Math.round(inMs);
  };
  return {
    opened({ error, failures, since, nextTryInMs }) {
      began = { since: since.toISOString(), error: error.message };
      const retry_in_ms = tellNextTry(nextTryInMs);
      log.warn(
        { since: began.since, failures, error: began.error, retry_in_ms },
        'the service is down: one request at a time tries it',
      );
    },
    postponed({ nextTryInMs }) {
      log.debug({ retry_in_ms: tellNextTry(nextTryInMs) }, 'the service is still down');
    },
    closed({ durationMs }) {
      board.blocked('service', null);
      log.info({ duration_ms: Math.round(durationMs) }, 'the service is back');
    },
  };
}
