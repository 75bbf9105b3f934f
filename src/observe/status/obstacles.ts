// What keeps anything from being looked at or sent, as events tell it. Each goes away by itself only.
import type { Clock } from '../../base/clock.ts';
import { type Obstacle, type ObstacleKind, obstacleKinds } from '../../status/status-record.ts';
import { type Listener, listenerOf } from '../../sync/events.ts';
import { describeRefusal } from '../../sync/loop/change-gate.ts';
import { limitPatienceMs, refusedWords } from '../../sync/rate/limit-patience.ts';
import type { RateLimiter } from '../../sync/rate/rate-limiter.ts';
import { laterOf } from '../log-outage.ts';
import { isWorthSaying } from '../log-trouble.ts';

export interface ObstacleDeps {
  readonly clock: Pick<Clock, 'now'>;
  readonly limiter: Pick<RateLimiter, 'refusedForMs' | 'outage'>;
}

export class Obstacles {
  readonly #deps: ObstacleDeps;
  readonly #found = new Map<ObstacleKind, Omit<Obstacle, 'by'>>();
  /** Since when the service has been down, and what it failed of last. */
  #outage = { since: new Date(0), error: '' };

  constructor(deps: ObstacleDeps) {
    this.#deps = deps;
  }

  /** The worst first. */
  list(): Obstacle[] {
    const { limiter, clock } = this.#deps;
    // A short while of it is how a limit is found.
    if (limiter.refusedForMs < limitPatienceMs) this.#found.delete('limit');
    else {
      const since = new Date(clock.now().getTime() - limiter.refusedForMs);
      this.#set('limit', refusedWords(limiter.refusedForMs), since);
    }
    return obstacleKinds.flatMap((by) => {
      const found = this.#found.get(by);
      return found === undefined ? [] : [{ by, ...found }];
    });
  }

  readonly hear: Listener = listenerOf({
    'files-unsettled': ({ unsettled, sinceMs }) => {
      if (isWorthSaying(unsettled, sinceMs)) this.#set('pass', unsettled.message);
    },
    'plan-made': ({ refusal }) => {
      this.#set('changes', refusal && describeRefusal(refusal));
      this.#set('pass', null);
    },
    'work-failed': ({ work, error }) => this.#set(work, error.message),
    'sweep-ended': () => this.#set('sweep', null),
    'sending-halted': ({ error }) => this.#set('key', error.message),
    'sending-resumed': () => this.#set('key', null),
    'outage-began': ({ since, error, nextTryInMs }) => {
      this.#outage = { since, error: error.message };
      this.#setUntilNextTry(nextTryInMs);
    },
    'outage-continued': ({ nextTryInMs }) => this.#setUntilNextTry(nextTryInMs),
    'outage-ended': () => this.#set('service', null),
  });

  #setUntilNextTry(nextTryInMs: number): void {
    const { clock, limiter } = this.#deps;
    const next = new Date(clock.now().getTime() + laterOf(nextTryInMs, limiter)).toISOString();
    const { since, error } = this.#outage;
    const says = `the service has been failing since ${since.toISOString()}, one request at a time tries it, the next one at ${next}: ${error}`;
    this.#set('service', says, since);
  }

  /** Null: no longer. */
  #set(by: ObstacleKind, says: string | null, since?: Date): void {
    if (says === null) this.#found.delete(by);
    else {
      const known = this.#found.get(by)?.since;
      this.#found.set(by, { says, since: known ?? since ?? this.#deps.clock.now() });
    }
  }
}
