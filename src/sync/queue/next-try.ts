// When a change whose attempt failed lines up again, and when it can really be sent.

import { type Backoff, backoffMs } from '../../base/backoff.ts';
import { ApiError } from '../../base/errors.ts';
import type { SendFailure } from '../../model/send-failure.ts';
import { isLimit } from '../rate/request-outcome.ts';
import { type PendingChange, triesOf } from './pending-change.ts';
import type { QueueDeps } from './queue-deps.ts';

export interface NextTry {
  /** Until it lines up. */
  readonly sleepMs: number;
  /** Until it can be sent, as far as that is known: no sooner than this. */
  readonly retryInMs: number;
}

export function nextTryOf(
  pending: PendingChange,
  error: SendFailure,
  {
    limiter,
    random,
    backoff,
  }: Pick<QueueDeps, 'limiter' | 'random'> & { readonly backoff: Backoff },
): NextTry {
  const { wait } = limiter;
  // With a longer wait of its own, a change would come late to a service that is back. It is behind
  // the others then, and holds nobody up.
  const outage = error instanceof ApiError ? limiter.outage : null;
  const backOff = () => outage?.nextTryInMs ?? backoffMs(triesOf(pending), backoff, random);
  // A limit of the API is no fault of the change, and the limiter keeps to it.
  const ownMs = isLimit(error) ? 0 : backOff();
  const retryInMs = Math.max(ownMs, wait?.forMs ?? 0);
  // Where all have to wait, nobody is in line meanwhile: what is more urgent goes first then.
  const isPause = wait?.reason === 'retry-after' || wait?.reason === 'refused';
  return { sleepMs: isPause ? retryInMs : ownMs, retryInMs };
}
