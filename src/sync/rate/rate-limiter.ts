// The one budget of requests. At most `limit` of them start in any sliding window, as the server
// sees it, whoever asks and for whatever reason, also across processes; one at a time while the
// service is down. Knows nothing of widgets.
import type { Clock } from '../../base/clock.ts';
import { briefWaitMs, type Rate } from '../../config/rate.ts';
import type { RateUsage } from '../../state/state-store.ts';
import { ApiPace, type Start } from './api-pace.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { RequestOutcome } from './request-outcome.ts';
import type { Wait, WaitObserver, WaitReason } from './wait.ts';

/** Leave to start one request. Ends in `seen`, or in `giveBack` when nothing was sent. */
export interface Slot {
  /** To be called when the request has ended, however it ended, with what that says of the service. */
  ended(outcome?: RequestOutcome): void;
  /** Nothing was sent and nothing will be. */
  giveBack(): void;
}

interface Waiter {
  readonly priority: number;
  readonly grant: (slot: Slot | null) => void;
}

/**
 * A request reaches the server some time after its leave, and that time varies: connecting, a slow
 * disk, a busy network. Two groups of starts that are a window apart here may be closer together
 * there. Only the answer proves that the server has seen the request, so a request keeps its place
 * from its leave until one window after its answer. That holds whatever happens on the way; the
 * price is that an API which answers slowly is asked a little less often than the rate allows.
 */
export class RateLimiter {
  readonly #rate: Rate;
  readonly #clock: Clock;
  readonly #breaker: CircuitBreaker | null;
  readonly #pace: ApiPace;
  readonly #waiters: Waiter[] = [];
  /** When requests ended, oldest first, as far as they still hold a place. */
  readonly #endedAtMs: number[] = [];
  /** How many of these, the first ones, are of earlier processes. */
  #earlier = 0;
  #usage: RateUsage | null = null;
  readonly #observers: WaitObserver[] = [];
  #saidUntilMs = Number.NEGATIVE_INFINITY;
  #underWay = 0;
  #heldUntilMs = Number.NEGATIVE_INFINITY;
  #alarm = new AbortController();

  constructor(
    rate: Rate,
    clock: Clock,
    breaker: CircuitBreaker | null = null,
    pace: ApiPace = new ApiPace(rate, clock),
  ) {
    this.#rate = rate;
    this.#clock = clock;
    this.#breaker = breaker;
    this.#pace = pace;
  }

  /** Before the first leave: goes on from what was used, and keeps there what is used from now on. */
  resume(usage: RateUsage): void {
    this.#usage = usage;
    for (const endedAtMs of usage.earlierMs) this.#endedAtMs.push(endedAtMs);
    this.#earlier = this.#endedAtMs.length;
  }

  /** Tells the observer from now on. */
  listen(observer: WaitObserver): void {
    this.#observers.push(observer);
  }

  /** While the service is down: when it is tried next. */
  get outage(): { readonly nextTryInMs: number } | null {
    if (this.#breaker === null || !this.#breaker.isOpen) return null;
    return { nextTryInMs: this.wait?.forMs ?? 0 };
  }

  /**
   * What keeps a request that asks now from starting, whoever else asks; null: nothing does. Where only
   * the end of a request can make room, nobody knows when that is, and it does not count.
   */
  get wait(): Wait | null {
    const nowMs = this.#clock.monotonicMs();
    this.#forgetOver(nowMs);
    const tryAtMs = this.#breaker?.nextStartAtMs(0) ?? Number.NEGATIVE_INFINITY;
    const starts = [this.#place(), ...this.#otherStarts(tryAtMs)];
    const isKnown = ({ atMs }: NextStart) => atMs !== Number.POSITIVE_INFINITY;
    const { reason, atMs } = latestOf(starts.filter(isKnown));
    return atMs > nowMs ? { reason, forMs: atMs - nowMs } : null;
  }

  /** For how long nothing but refusals (429) came, without the waits that the API asked for. */
  get refusedForMs(): number {
    return this.#pace.refusedForMs;
  }

  /**
   * Waits for leave, highest priority first, then first come. Null once the signal aborts, and for
   * everyone when an outage begins or ends: all line up again then, since other rules hold.
   */
  take(priority: number, signal: AbortSignal): Promise<Slot | null> {
    if (signal.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      const withdraw = () => this.#withdraw(waiter);
      const waiter: Waiter = {
        priority,
        grant(slot) {
          signal.removeEventListener('abort', withdraw);
          resolve(slot);
        },
      };
      signal.addEventListener('abort', withdraw);
      this.#enqueue(waiter);
    });
  }

  /** Lets nobody start for the next `ms`, in addition to what holds already. */
  hold(ms: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, this.#clock.monotonicMs() + ms);
    this.#admitAll();
  }

  #enqueue(waiter: Waiter): void {
    const behind = this.#waiters.findIndex((other) => other.priority < waiter.priority);
    this.#waiters.splice(behind === -1 ? this.#waiters.length : behind, 0, waiter);
    this.#admitAll();
  }

  #withdraw(waiter: Waiter): void {
    const place = this.#waiters.indexOf(waiter);
    if (place === -1) return; // It has its leave already.
    this.#waiters.splice(place, 1);
    waiter.grant(null);
    this.#admitAll();
  }

  #admitAll(): void {
    this.#alarm.abort();
    const admitted: { readonly waiter: Waiter; readonly start: Start }[] = [];
    for (let waiter = this.#waiters[0]; waiter !== undefined; waiter = this.#waiters[0]) {
      const nowMs = this.#clock.monotonicMs();
      const { atMs, reason } = this.#nextStart(nowMs);
      if (atMs > nowMs) {
        this.#wakeIn(atMs - nowMs);
        this.#say({ reason, forMs: atMs - nowMs });
        break;
      }
      this.#waiters.shift();
      this.#underWay += 1;
      this.#breaker?.started();
      admitted.push({ waiter, start: this.#pace.started() });
    }
    // Before any of them starts: a process that is killed in the next moment has used them. Not at once
    // either: one that asked just now does not listen yet, and would start after the others.
    void (this.#usage?.keep(this.#underWay) ?? nothingToKeep).then(() => {
      for (const { waiter, start } of admitted) waiter.grant(this.#slot(start));
    });
  }

  /** One that only becomes a little longer is not told again. */
  #say(wait: Wait): void {
    const untilMs = this.#clock.monotonicMs() + wait.forMs;
    const isBrief = wait.forMs <= briefWaitMs || wait.forMs === Number.POSITIVE_INFINITY;
    if (isBrief || untilMs <= this.#saidUntilMs + briefWaitMs) return;
    this.#saidUntilMs = untilMs;
    for (const one of this.#observers) one.waiting(wait, this.#rate);
  }

  #slot(start: Start): Slot {
    let held = true;
    const end = (record: () => void) => {
      if (!held) return;
      held = false;
      this.#underWay -= 1;
      record();
      this.#admitAll();
    };
    return {
      ended: (outcome = { service: 'unclear' }) => end(() => this.#note(outcome, start)),
      giveBack: () => end(() => this.#breaker?.unused()),
    };
  }

  #note(outcome: RequestOutcome, start: Start): void {
    const nowMs = this.#clock.monotonicMs();
    this.#endedAtMs.push(nowMs);
    this.#usage?.ended(nowMs);
    const waitMs = 'error' in outcome ? outcome.error.retryAfterMs : null;
    if (waitMs !== null) this.#heldUntilMs = Math.max(this.#heldUntilMs, nowMs + waitMs);
    this.#pace.ended(start, outcome);
    const wasOpen = this.#breaker?.isOpen;
    this.#breaker?.ended(outcome);
    if (this.#breaker?.isOpen !== wasOpen) {
      for (const waiter of this.#waiters.splice(0)) waiter.grant(null);
    }
    // Whoever is told to come back later may wait elsewhere meanwhile.
    const { wait } = this;
    if (wait?.reason === 'retry-after' || wait?.reason === 'refused') this.#say(wait);
  }

  /** Infinity while only the end of a request can make room. */
  #nextStart(nowMs: number): NextStart {
    this.#forgetOver(nowMs);
    const tryAtMs = this.#breaker?.nextStartAtMs(this.#underWay) ?? Number.NEGATIVE_INFINITY;
    return latestOf([this.#place(), ...this.#otherStarts(tryAtMs)]);
  }

  /** When the window has a place. */
  #place(): NextStart {
    const reason = this.#earlier > 0 ? 'earlier-runs' : 'rate';
    const isFree = this.#underWay + this.#endedAtMs.length < this.#rate.limit;
    const [oldest = Number.POSITIVE_INFINITY] = this.#endedAtMs;
    return { reason, atMs: isFree ? Number.NEGATIVE_INFINITY : oldest + this.#rate.windowMs };
  }

  #otherStarts(tryAtMs: number): NextStart[] {
    return [
      { reason: this.#pace.isPaused ? 'refused' : 'pace', atMs: this.#pace.nextStartAtMs },
      { reason: 'outage', atMs: tryAtMs },
      { reason: 'retry-after', atMs: this.#heldUntilMs },
    ];
  }

  /** All at once: very many that ended together would be moved up one by one for each of them. */
  #forgetOver(nowMs: number): void {
    const { windowMs } = this.#rate;
    const first = this.#endedAtMs.findIndex((endedAtMs) => endedAtMs + windowMs > nowMs);
    const over = first === -1 ? this.#endedAtMs.length : first;
    if (over === 0) return;
    this.#endedAtMs.splice(0, over);
    this.#earlier = Math.max(0, this.#earlier - over);
  }

  #wakeIn(ms: number): void {
    if (ms === Number.POSITIVE_INFINITY) return;
    const alarm = new AbortController();
    this.#alarm = alarm;
    void this.#clock.sleep(ms, alarm.signal).then(() => {
      if (!alarm.signal.aborted) this.#admitAll();
    });
  }
}

const nothingToKeep = Promise.resolve();

interface NextStart {
  readonly reason: WaitReason;
  /** On the monotonic clock. */
  readonly atMs: number;
}

/** Of several at the same time the last one. */
function latestOf(starts: readonly NextStart[]): NextStart {
  const none: NextStart = { reason: 'rate', atMs: Number.NEGATIVE_INFINITY };
  return starts.reduce((latest, one) => (one.atMs >= latest.atMs ? one : latest), none);
}
