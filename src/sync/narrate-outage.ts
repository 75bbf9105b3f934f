// What is said about a service that is down: when that is noticed and when it is over, and nothing in
// between, however many widgets wait for it.
import type { Log } from '../log.ts';
import type { BreakerObserver } from './breaker.ts';
import type { StatusBoard } from './status-board.ts';

export function narrateOutage(log: Log, board: Pick<StatusBoard, 'blocked'>): BreakerObserver {
  return {
    opened({ error, failures, since, nextTryInMs }) {
      board.blocked(
        'service',
        `the service has been failing since ${since.toISOString()}, one request at a time tries it: ${error.message}`,
      );
      const facts = { since: since.toISOString(), failures, error: error.message };
      log.warn(
        { ...facts, retry_in_ms: Math.round(nextTryInMs) },
        'the service is down: one request at a time tries it',
      );
    },
    closed({ durationMs }) {
      board.blocked('service', null);
      log.info({ duration_ms: Math.round(durationMs) }, 'the service is back');
    },
  };
}
