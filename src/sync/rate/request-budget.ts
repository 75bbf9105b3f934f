// The one budget of requests, put together: how many in a second, how many at a time, and one at a
// time while the service is down.
import PQueue from 'p-queue';
import type { Clock } from '../../base/clock.ts';
import type { Rate } from '../../config/rate.ts';
import { ApiPace } from './api-pace.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { RateLimiter } from './rate-limiter.ts';

export interface BudgetDeps {
  readonly clock: Clock;
  /** Null: nobody looks at how the service fares. */
  readonly breaker: CircuitBreaker | null;
}

export interface Budget {
  readonly limiter: RateLimiter;
  /** How fast the API lets requests start, which the limiter keeps to. */
  readonly pace: ApiPace;
  readonly requests: PQueue;
}

export function openBudget(
  { rate, concurrency }: { rate: Rate; concurrency: number },
  { clock, breaker }: BudgetDeps,
): Budget {
  const requests = new PQueue({ concurrency });
  // Requests that wait for the service to be tried hold their places in the queue meanwhile. A newer
  // and more urgent one has to get past them, as far as the limiter, where the most urgent goes first.
  breaker?.listen({
    opened() {
      requests.concurrency = Number.POSITIVE_INFINITY;
    },
    closed() {
      requests.concurrency = concurrency;
    },
  });
  const pace = new ApiPace(rate, clock);
  return { limiter: new RateLimiter(rate, clock, breaker, pace), pace, requests };
}
