// What is said about the budget of requests: that a start waits for what was spent before it.
import type { Log } from '../log.ts';
import { formatRate } from '../rate.ts';
import type { RateObserver } from './rate-gate.ts';

export function narrateRate(log: Log): RateObserver {
  return {
    waiting(rate, { waitMs }) {
      log.info(
        { rate: formatRate(rate), wait_ms: Math.round(waitMs) },
        'waiting for the rate: earlier runs have used it up',
      );
    },
  };
}
