// The log of the budget of requests: that nothing starts for a while, until when and why, and
// what the API takes.
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { formatPerSecond, formatRate } from '../config/rate.ts';
import { type Listener, listenerOf } from '../sync/events.ts';
import { waitWords } from '../sync/rate/wait.ts';

export function logRate(log: Log, clock: Pick<Clock, 'now'>): Listener {
  return listenerOf({
    'rate-waiting': ({ wait: { reason, forMs }, rate }) => {
      // An outage is said elsewhere; what was learnt is said once, and not again before each request.
      if (reason === 'outage' || reason === 'pace') return;
      const until = new Date(clock.now().getTime() + forMs).toISOString();
      log.info(
        { rate: formatRate(rate), wait_ms: Math.round(forMs), until },
        `nothing is sent for now: ${waitWords[reason]}`,
      );
    },
    'limit-learnt': ({ about, rate }) => {
      const allowed = formatRate(rate);
      if (about === null) {
        log.info({ rate: allowed }, 'the API takes what --rate allows again');
        return;
      }
      const takes = formatPerSecond(about);
      const message = `the API takes about ${takes}, --rate allows ${allowed}`;
      log.info({ rate: allowed, api_rate: takes }, message);
    },
  });
}
