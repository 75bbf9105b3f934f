// A change queue with a fake clock, whose limiter opens and whose sends end when and as the test says.

import type { Clock } from '../../src/base/clock.ts';
import { StateError } from '../../src/base/errors.ts';
import type { Attempt, Outcome } from '../../src/model/outcome.ts';
import type { Change } from '../../src/model/plan.ts';
import type { InheritedWrite, UnderWay } from '../../src/state/state-store.ts';
import { listenerOf } from '../../src/sync/events.ts';
import { ChangeQueue } from '../../src/sync/queue/change-queue.ts';
import { InheritedWrites } from '../../src/sync/queue/inherited-writes.ts';
import type { QueuePolicy, SendRequest } from '../../src/sync/queue/queue-deps.ts';
import { CircuitBreaker, daemonBreaker } from '../../src/sync/rate/circuit-breaker.ts';
import { RateLimiter, type Slot } from '../../src/sync/rate/rate-limiter.ts';
import type { Wait } from '../../src/sync/rate/wait.ts';
import { apiError, failed, withdrawn } from './changes.ts';
import { FakeClock, settle } from './fake-clock.ts';

export interface Sending {
  readonly request: SendRequest;
  readonly name: string;
  readonly startedMs: number;
  /** The write itself has left: from now on only `inFlight` aborts it, not `waiting`. */
  leave(): void;
  end(attempt: Attempt): Promise<void>;
  /** Throws what no change can meet. */
  fail(error: unknown): Promise<void>;
}

/** Lets as many start as the test says. */
class ManualBreaker extends CircuitBreaker {
  left = Number.POSITIVE_INFINITY;
  /** Slots that were taken. */
  taken = 0;
  /** Of these, those that are held still. */
  held = 0;

  override nextStartAtMs(): number {
    return this.left > 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }

  override started(): void {
    this.left -= 1;
    this.taken += 1;
    this.held += 1;
  }

  override ended(): void {
    this.held -= 1;
  }

  override unused(): void {
    this.held -= 1;
  }
}

/** A limiter that gives a slot at once, unless it is shut. */
export class ManualLimiter {
  readonly breaker: ManualBreaker;
  readonly #real: RateLimiter;
  #isPaused = false;
  /** While the service is down. */
  outage: { readonly nextTryInMs: number } | null = null;
  /** What keeps everybody from starting. */
  wait: Wait | null = null;
  /** For how long the API has refused everything by its limit. */
  refusedForMs = 0;

  constructor(concurrency: number, clock: Clock) {
    this.breaker = new ManualBreaker(daemonBreaker, { clock, random: () => 0.5 });
    const rate = { limit: Number.POSITIVE_INFINITY, windowMs: 1 };
    this.#real = new RateLimiter({ rate, concurrency, clock, breaker: this.breaker });
  }

  get waiting(): number {
    return this.#real.waiting;
  }

  take(priority: number, signal: AbortSignal, writes?: () => UnderWay): Promise<Slot | null> {
    return this.#real.take(priority, signal, writes);
  }

  pause(): void {
    this.#isPaused = true;
    this.#turn();
  }

  start(): void {
    this.#isPaused = false;
    this.#turn();
  }

  shut(): void {
    this.breaker.left = 0;
    this.#turn();
  }

  async open(): Promise<void> {
    this.breaker.left = Number.POSITIVE_INFINITY;
    this.#turn();
    await settle();
  }

  /** Lets the most urgent one through, and stays shut. */
  async openOnce(): Promise<void> {
    this.breaker.left = 1;
    this.#turn();
    await settle();
    this.shut();
  }

  #turn(): void {
    if (this.#isPaused) this.#real.pause();
    else this.#real.start();
  }
}

export const lostDisk: Attempt = { status: 'failed', error: new StateError('the disk is full') };

export interface WorldPolicy extends Partial<QueuePolicy> {
  readonly concurrency?: number;
  readonly inherited?: readonly InheritedWrite[];
}

export class QueueWorld {
  readonly clock = new FakeClock();
  readonly limiter: ManualLimiter;
  readonly queue: ChangeQueue;
  /** Sends under way, oldest first. */
  readonly sending: Sending[] = [];
  /** `<file> <display name>` of every send, oldest first. */
  readonly sent: string[] = [];
  readonly outcomes: Outcome[] = [];
  /** What happened besides outcomes. */
  readonly told: string[] = [];
  readonly retries: { readonly attempts: number; readonly retryInMs: number }[] = [];
  readonly bugs: unknown[] = [];
  random = () => 0.5;
  onSend: (request: SendRequest) => void = () => {};
  onOutcome: (outcome: Outcome) => void = () => {};
  /** A pass makes the plan anew. */
  onOutdated: () => void = () => {};

  constructor({ concurrency = 4, inherited = [], ...policy }: WorldPolicy = {}) {
    this.limiter = new ManualLimiter(concurrency, this.clock);
    this.queue = new ChangeQueue(
      {
        backoff: { baseMs: 1000, capMs: 60_000 },
        maxAttempts: Number.POSITIVE_INFINITY,
        onRefusedKey: 'wait',
        ...policy,
      },
      {
        limiter: this.limiter,
        send: (request) => this.#send(request),
        inherited: new InheritedWrites(inherited, this.clock),
        clock: this.clock,
        random: () => this.random(),
        onBug: (error) => this.bugs.push(error),
        emit: listenerOf({
          'change-ended': ({ outcome }) => {
            this.outcomes.push(outcome);
            this.onOutcome(outcome);
          },
          'change-held': ({ forMs }) => void this.told.push(`held for ${forMs}`),
          'change-retried': ({ attempts, retryInMs }) => {
            this.retries.push({ attempts, retryInMs });
          },
          'sending-halted': () => void this.told.push('halted'),
          'sending-resumed': () => void this.told.push('resumed'),
          'change-outdated': () => {
            this.told.push('outdated');
            this.onOutdated();
          },
        }),
      },
    );
  }

  /** Asks for these changes, and lets those that may start do so. */
  async submit(...changes: readonly Change[]): Promise<void> {
    for (const change of changes) this.queue.submit(change);
    await settle();
  }

  /** The send under way for a file; throws when there is none. */
  to(file: string): Sending {
    const found = this.sending.find(({ request }) => request.change.file === file);
    if (found === undefined) throw new Error(`nothing is being sent for ${file}`);
    return found;
  }

  /** `applied w1.yaml Ava` for each outcome, oldest first. */
  ends(): string[] {
    return this.outcomes.map(({ status, change }) => {
      return `${status} ${change.file} ${change.spec.display_name}`;
    });
  }

  /** Whether a promise has resolved by now. */
  async isDone(promise: Promise<unknown>): Promise<boolean> {
    let done = false;
    void promise.then(() => {
      done = true;
    });
    await settle();
    return done;
  }

  #send(request: SendRequest): Promise<Attempt> {
    const name = `${request.change.file} ${request.change.spec.display_name}`;
    this.sent.push(name);
    this.onSend(request);
    return new Promise((resolve, reject) => {
      const gone = () => {
        const place = this.sending.indexOf(sending);
        if (place !== -1) this.sending.splice(place, 1);
        request.waiting.removeEventListener('abort', withdraw);
        request.inFlight.removeEventListener('abort', abort);
      };
      const withdraw = () => {
        gone();
        resolve(withdrawn);
      };
      const abort = () => {
        gone();
        resolve(failed(apiError({ status: null, retry: 'later' }, 'aborted')));
      };
      const sending: Sending = {
        request,
        name,
        startedMs: this.clock.monotonicMs(),
        leave: () => request.waiting.removeEventListener('abort', withdraw),
        end(attempt) {
          gone();
          resolve(attempt);
          return settle();
        },
        fail(error) {
          gone();
          reject(error);
          return settle();
        },
      };
      if (request.waiting.aborted) return resolve(withdrawn);
      this.sending.push(sending);
      request.waiting.addEventListener('abort', withdraw);
      request.inFlight.addEventListener('abort', abort);
    });
  }
}
