import type { Clock } from '../../src/base/clock.ts';
import type { Rate } from '../../src/config/rate.ts';
import type { CircuitBreaker } from '../../src/sync/rate/circuit-breaker.ts';
import { RateLimiter } from '../../src/sync/rate/rate-limiter.ts';

interface Rest {
  readonly concurrency?: number;
  readonly breaker?: CircuitBreaker | null;
}

/** A limiter of this rate alone, unless told otherwise. */
export function openLimiter(
  rate: Rate,
  clock: Clock,
  { concurrency = Number.POSITIVE_INFINITY, breaker = null }: Rest = {},
): RateLimiter {
  return new RateLimiter({ rate, concurrency, clock, breaker });
}
