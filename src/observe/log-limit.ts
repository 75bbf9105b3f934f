// The log of an API that refuses everything for its own limit: an error once that lasts as long as it takes to
// stand in the status, and a line when it is over. A short while of it is how a limit is found.
import type { Log } from '../base/log.ts';
import { type Listener, listenerOf } from '../sync/events.ts';
import { limitPatienceMs } from '../sync/rate/limit-patience.ts';
import type { RateLimiter } from '../sync/rate/rate-limiter.ts';

export function logLimit(log: Log, limiter: Pick<RateLimiter, 'refusedForMs'>): Listener {
  let isSaid = false;
  return listenerOf({
    // Comes with every change and every sign of life, also while nothing is asked.
    'status-changed': () => {
      const { refusedForMs } = limiter;
      const lasts = refusedForMs >= limitPatienceMs;
      if (lasts && !isSaid) {
        const duration_ms = Math.round(refusedForMs);
        log.error({ duration_ms }, 'the API refuses every request for its limit (429)');
      }
      if (!lasts && isSaid) log.info('the API takes requests again');
      isSaid = lasts;
    },
  });
}
