// What is said about the budget of requests: that nothing starts for a while, until when and why, and
// what the API takes.
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { formatPerSecond, formatRate } from '../config/rate.ts';
import type { PaceObserver } from '../sync/rate/api-pace.ts';
import type { WaitObserver, WaitReason } from '../sync/rate/rate-limiter.ts';

/** Null: said elsewhere. What was learnt is said once, and not again before each request. */
const words: { readonly [reason in WaitReason]: string | null } = {
  'retry-after': 'nothing is sent for now: the API asks for it (Retry-After)',
  refused: 'nothing is sent for now: the API refuses requests (429) and names no time',
  rate: 'waiting for the rate: it is used up',
  'earlier-runs': 'waiting for the rate: earlier runs have used it up',
  outage: null,
  pace: null,
};

export function narrateRate(log: Log, clock: Pick<Clock, 'now'>): WaitObserver & PaceObserver {
  return {
    waiting({ reason, forMs }, rate) {
      const message = words[reason];
      if (message === null) return;
      const until = new Date(clock.now().getTime() + forMs).toISOString();
      log.info({ rate: formatRate(rate), wait_ms: Math.round(forMs), until }, message);
    },
    learnt(about, rate) {
      const allowed = formatRate(rate);
      if (about === null) {
        log.info({ rate: allowed }, 'the API takes what --rate allows again');
        return;
      }
      const takes = formatPerSecond(about);
      const message = `the API takes about ${takes}, --rate allows ${allowed}`;
      log.info({ rate: allowed, api_rate: takes }, message);
    },
  };
}
