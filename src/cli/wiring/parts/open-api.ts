// All that speaks to the API for one account: the client, its key, the budget of requests, and who reads.
import { openApiKey } from '../../../api/api-key.ts';
import { createWidgetApi, type WidgetApiOptions } from '../../../api/client.ts';
import type { SentRequest } from '../../../api/exchange.ts';
import type { Sockets } from '../../../api/sockets/http-pool.ts';
import { chooseProxy } from '../../../api/sockets/proxy.ts';
import { oneShotBackoff } from '../../../base/backoff.ts';
import type { Log } from '../../../base/log.ts';
import { version } from '../../../base/version.ts';
import type { EventStream } from '../../../observe/events.ts';
import { LiveReader } from '../../../sync/live/live-reader.ts';
import { CircuitBreaker, daemonBreaker } from '../../../sync/rate/circuit-breaker.ts';
import { RateLimiter } from '../../../sync/rate/rate-limiter.ts';
import type { ProcessContext } from '../../process-context.ts';
import type { Account } from '../account.ts';

/** Attempts of one read. A daemon looks again by itself, a one-shot command has only this chance. */
const readAttempts = { daemon: 2, oneShot: 6 } as const;

interface ApiDeps
  extends Pick<ProcessContext, 'env' | 'clock' | 'random'>,
    Pick<WidgetApiOptions, 'lastLook'> {
  readonly log: Log;
  readonly sockets: Sockets;
  readonly events: Pick<EventStream, 'emit'>;
}

/** Everything that speaks to the API, on one budget. */
export function openApi(account: Account, kind: keyof typeof readAttempts, deps: ApiDeps) {
  const { env, clock, random, log, sockets, events, lastLook = () => null } = deps;
  const { apiUrl: baseUrl, rate, concurrency, timeoutMs } = account;
  const proxy = chooseProxy(new URL(baseUrl), env);
  const onLoose = (detail: string) => log.warn({ detail }, 'others can get at the API key');
  const key = openApiKey(account.keySource(), { onLoose });
  // A person waits for a one-shot command, mostly with the wrong --api-url.
  const movedForGood = kind === 'oneShot' ? 'never' : 'later';
  const connection = { baseUrl, key, timeoutMs, version, clock, proxy, sockets };
  const { emit } = events;
  const onEnded = (sent: SentRequest) => emit({ kind: 'request-ended', ...sent });
  const api = createWidgetApi({ ...connection, movedForGood, onEnded, lastLook });
  // A one-shot command has its attempts, ends with them, and would only be made to last longer.
  const breaker = kind === 'daemon' ? new CircuitBreaker(daemonBreaker, { clock, random }) : null;
  const limiter = new RateLimiter({ rate, concurrency, clock, breaker });
  for (const source of [limiter, limiter.pace, breaker]) source?.listen(emit);
  const live = new LiveReader(
    { live: account.policy.live, backoff: oneShotBackoff, maxAttempts: readAttempts[kind] },
    { api, limiter, clock, random, emit },
  );
  return { api, limiter, live, key };
}
