// What keeps anything from being looked at or sent, as events tell it. Each goes away by itself only.
import type { Clock } from '../../base/clock.ts';
import { utcTime } from '../../render/time.ts';
import { type Obstacle, type ObstacleKind, obstacleKinds } from '../../status/status-record.ts';
import { type Listener, listenerOf } from '../../sync/events.ts';
import { describeRefusal } from '../../sync/loop/change-gate.ts';
import { limitPatienceMs, refusedWords } from '../../sync/rate/limit-patience.ts';
import type { RateLimiter } from '../../sync/rate/rate-limiter.ts';
import { isWorthSaying } from '../log-trouble.ts';

export interface ObstacleDeps {
  readonly clock: Pick<Clock, 'now'>;
  readonly limiter: Pick<RateLimiter, 'refusedForMs' | 'outage' | 'wait'>;
  /** Of several, the one that they are of; absent or null: the only one. */
  readonly account?: string | null;
  /** How many changes wait. */
  readonly queued: () => number;
}

/** A wait that a person should know of. */
const longWaitMs = 15 * 60_000;
/** The longest that a try takes. */
const unaskedMs = 2 * 60_000;

export class Obstacles {
  readonly #deps: ObstacleDeps;
  readonly #found = new Map<ObstacleKind, Omit<Obstacle, 'by'>>();
  /** Since when the service might be tried, and nothing does. */
  #unaskedSince: Date | null = null;

  constructor(deps: ObstacleDeps) {
    this.#deps = deps;
  }

  /** The worst first. */
  list(): Obstacle[] {
    const { limiter, clock } = this.#deps;
    // A short while of it is how a limit is found.
    if (limiter.refusedForMs >= limitPatienceMs) {
      const since = new Date(clock.now().getTime() - limiter.refusedForMs);
      this.#set('limit', refusedWords(limiter.refusedForMs), since);
    } else if (limiter.wait?.reason === 'retry-after' && limiter.wait.forMs > longWaitMs) {
      this.#set(
        'limit',
        'the API asks to wait for long (Retry-After), and nothing is sent or read',
      );
    } else if (limiter.wait?.reason !== 'retry-after') this.#found.delete('limit');
    const isForgotten = this.#isOutageForgotten();
    return obstacleKinds.flatMap((by) => {
      const found = by === 'service' && isForgotten ? undefined : this.#found.get(by);
      return found === undefined ? [] : [{ by, ...found }];
    });
  }

  /** Nothing waits for the service, so that nobody asks whether it is back: then it is in nobody's way. */
  #isOutageForgotten(): boolean {
    const { limiter, clock, queued } = this.#deps;
    const isAsked = limiter.outage === null || limiter.outage.nextTryInMs > 0 || queued() > 0;
    if (isAsked) this.#unaskedSince = null;
    else this.#unaskedSince ??= clock.now();
    const since = this.#unaskedSince;
    return since !== null && clock.now().getTime() - since.getTime() > unaskedMs;
  }

  readonly hear: Listener = listenerOf({
    'files-unsettled': ({ unsettled, sinceMs }) => {
      // Newer files are on their way here, as from any push: a wait, which `files` tells of.
      const isAwaited = unsettled.code === 'behind' && unsettled.retryInMs !== null;
      if (isAwaited) this.#set('pass', null);
      else if (isWorthSaying(unsettled, sinceMs)) this.#set('pass', unsettled.message);
    },
    'plan-made': ({ refusal }) => {
      this.#set('changes', refusal && describeRefusal(refusal, this.#deps.account));
      this.#set('pass', null);
    },
    'work-failed': ({ work, error }) => this.#set(work, error.message),
    'sweep-ended': () => this.#set('sweep', null),
    'key-unusable': ({ problem }) => this.#set('key-file', problem),
    'key-usable': () => this.#set('key-file', null),
    'key-changed': () => this.#set('key-file', null),
    'sending-halted': ({ error }) => this.#set('key', error.message),
    'sending-resumed': () => this.#set('key', null),
    'outage-began': ({ since, error }) => {
      const says = `the service has been failing since ${utcTime(since.getTime())}, one request at a time tries it: ${error.message}`;
      this.#set('service', says, since);
    },
    'outage-ended': () => this.#set('service', null),
  });

  /** Null: no longer. */
  #set(by: ObstacleKind, says: string | null, since?: Date): void {
    if (says === null) this.#found.delete(by);
    else {
      const known = this.#found.get(by)?.since;
      this.#found.set(by, { says, since: known ?? since ?? this.#deps.clock.now() });
    }
  }
}
