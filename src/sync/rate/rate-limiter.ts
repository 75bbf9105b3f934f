// The one budget of requests. At most `limit` of them start in any sliding window, as the server sees
// it, whatever they are for, also across processes; at most `concurrency` are under way,
// and one while the service is down. p-queue keeps the line and decides who goes first; this is its
// valve, and nothing waits behind it. Knows nothing of widgets.
import PQueue from 'p-queue';
import type { Clock } from '../../base/clock.ts';
import { briefWaitMs, type Rate } from '../../config/rate.ts';
import type { RateUsage, UnderWay } from '../../state/state-store.ts';
import type { Emit, SyncEvent } from '../events.ts';
import { ApiPace, type Start } from './api-pace.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { Page } from './page.ts';
import type { RequestOutcome } from './request-outcome.ts';
import { SlidingWindow } from './sliding-window.ts';
import type { Wait, WaitReason } from './wait.ts';

/** One request of the budget. */
export interface Slot {
  /** To be called when the request has ended, however it ended, with what that says of the service. */
  ended(outcome?: RequestOutcome): void;
  /**
   * To be called in any case, once whatever follows from the request is done: until then it counts among
   * those under way. Where none has ended, nothing was sent, and the next one may start in its place.
   */
  release(): void;
}

export interface LimiterOptions {
  readonly rate: Rate;
  readonly concurrency: number;
  readonly clock: Clock;
  /** Null: how the service fares does not hold requests back. */
  readonly breaker: CircuitBreaker | null;
}

export class RateLimiter {
  /** The pace at which the API lets requests start; this keeps to it. */
  readonly pace: ApiPace;
  readonly #rate: Rate;
  readonly #clock: Clock;
  readonly #breaker: CircuitBreaker | null;
  /** Paused while nothing may start. A task in it lasts until its slot is released. */
  readonly #line: PQueue;
  /** Takes each that waits out of the line, in the order in which they came. */
  readonly #waiting = new Set<() => void>();
  readonly #window: SlidingWindow;
  readonly #page = new Page();
  readonly #listeners: Emit[] = [];
  #saidUntilMs = Number.NEGATIVE_INFINITY;
  #heldUntilMs = Number.NEGATIVE_INFINITY;
  /** Nothing may start until `start`. */
  isPaused = false;
  #alarm = new AbortController();
  /** When the valve is turned next by itself, on the monotonic clock; null: it is not. */
  #alarmAtMs: number | null = null;

  constructor({ rate, concurrency, clock, breaker }: LimiterOptions) {
    this.#rate = rate;
    this.#clock = clock;
    this.#breaker = breaker;
    this.pace = new ApiPace(rate, clock);
    this.#window = new SlidingWindow(rate);
    this.#line = new PQueue({ concurrency, autoStart: false });
    // Somebody has come (before p-queue looks whether that one may start), or has left.
    for (const event of ['add', 'next'] as const) this.#line.on(event, () => this.#turnValve());
  }

  /** Before the first start: goes on from what was used, and keeps there what is used from now on. */
  resume(usage: RateUsage): void {
    this.#page.resume(usage);
    this.#window.resume(usage.earlierMs);
  }

  /** Tells of each wait and each start from now on. */
  listen(emit: Emit): void {
    this.#listeners.push(emit);
  }

  /** While the service is down: when it is tried next. */
  get outage(): { readonly nextTryInMs: number } | null {
    if (this.#breaker === null || !this.#breaker.isOpen) return null;
    return { nextTryInMs: this.wait?.forMs ?? 0 };
  }

  /**
   * The wait of a request that asks now, and its cause, whatever else waits; null: there is none. Where only
   * the end of a request can make room, its time is not known, and it does not count.
   */
  get wait(): Wait | null {
    const nowMs = this.#clock.monotonicMs();
    const isKnown = ({ atMs }: Bound) => atMs !== Number.POSITIVE_INFINITY;
    const { reason, atMs } = latestOf(this.#bounds(nowMs, 0).filter(isKnown));
    return atMs > nowMs ? { reason, forMs: atMs - nowMs } : null;
  }

  /** Requests that wait for a slot. */
  get waiting(): number {
    return this.#line.size;
  }

  /** For how long nothing but refusals (429) came, without the waits that the API asked for. */
  get refusedForMs(): number {
    return this.pace.refusedForMs;
  }

  /**
   * Waits for a slot, highest priority first, then first come. Null once the signal aborts, and for
   * everyone when an outage begins or ends: all line up again then, since other rules hold. `writes`: what the
   * request may write, asked as it starts.
   */
  take(
    priority: number,
    signal: AbortSignal,
    writes: () => UnderWay = onlyReads,
  ): Promise<Slot | null> {
    if (signal.aborted) return Promise.resolve(null);
    const askedMs = this.#clock.monotonicMs();
    return new Promise((grant, fail) => {
      const place = new AbortController();
      const stopWaiting = () => {
        this.#waiting.delete(leave);
        signal.removeEventListener('abort', leave);
      };
      const leave = () => {
        stopWaiting();
        place.abort();
        grant(null);
      };
      const start = () => {
        // From here on an abort would free the place of a request that is still under way.
        stopWaiting();
        const waitedMs = this.#clock.monotonicMs() - askedMs;
        return this.#occupy({ ...writes() }, signal, (slot) => {
          if (slot !== null) this.#tell({ kind: 'slot-taken', waitedMs });
          grant(slot);
        });
      };
      this.#waiting.add(leave);
      signal.addEventListener('abort', leave);
      this.#line.add(start, { priority, signal: place.signal }).catch((error) => {
        if (!place.signal.aborted) fail(error);
      });
    });
  }

  /** Lets nothing start until `start` is called. */
  pause(): void {
    this.isPaused = true;
    this.#turnValve();
  }

  start(): void {
    this.isPaused = false;
    this.#turnValve();
  }

  /** Lets p-queue go on where somebody may start, and else looks again when that can be. */
  #turnValve(): void {
    const nowMs = this.#clock.monotonicMs();
    const { atMs, reason } = latestOf(this.#bounds(nowMs, this.#page.underWay));
    const isShut = this.isPaused || this.#page.isLost;
    if (atMs <= nowMs && !isShut) {
      this.#setAlarm(null);
      // Turns the valve again with each start.
      this.#line.start();
      return;
    }
    this.#line.pause();
    // Without such a time, the end of a request turns the valve.
    const isAwaited = this.#line.size > 0 && !isShut && atMs !== Number.POSITIVE_INFINITY;
    this.#setAlarm(isAwaited ? atMs : null);
    if (isAwaited) this.#say({ reason, forMs: atMs - nowMs });
  }

  /** Everything up to the first `await` happens before p-queue looks at the next one. */
  async #occupy(
    request: UnderWay,
    signal: AbortSignal,
    grant: (slot: Slot | null) => void,
  ): Promise<void> {
    this.#page.add(request);
    this.#breaker?.started();
    const start = this.pace.started();
    this.#turnValve();
    // A store may take long, and whoever is told to stop does not wait for it.
    const leave = () => grant(null);
    signal.addEventListener('abort', leave);
    // Before it is sent: a process that is killed in the next moment has used it.
    await this.#page.keep();
    signal.removeEventListener('abort', leave);
    await new Promise<void>((free) => {
      const slot = this.#slot(request, start, free);
      const mayStart = !signal.aborted && !this.#page.isLost;
      if (!mayStart) slot.release();
      grant(mayStart ? slot : null);
    });
  }

  #slot(request: UnderWay, start: Start, free: () => void): Slot {
    const end = (note: () => void) => {
      if (!this.#page.remove(request)) return;
      note();
      void this.#page.keep();
      this.#turnValve();
    };
    return {
      ended: (outcome = { service: 'unclear' }) => end(() => this.#note(outcome, start)),
      release: () => {
        end(() => this.#breaker?.unused());
        free();
      },
    };
  }

  #note(outcome: RequestOutcome, start: Start): void {
    const nowMs = this.#clock.monotonicMs();
    this.#window.ended(nowMs);
    this.#page.ended(nowMs);
    const waitMs = 'error' in outcome ? outcome.error.retryAfterMs : null;
    if (waitMs !== null) this.#heldUntilMs = Math.max(this.#heldUntilMs, nowMs + waitMs);
    this.pace.ended(start, outcome);
    const wasOpen = this.#breaker?.isOpen;
    this.#breaker?.ended(outcome);
    if (this.#breaker?.isOpen !== wasOpen) this.#dissolveLine();
    // A request that is told to come back later may wait elsewhere meanwhile.
    const { wait } = this;
    if (wait?.reason === 'retry-after' || wait?.reason === 'refused') this.#say(wait);
  }

  /** All at once: p-queue looks through the whole line for each one that leaves by itself. */
  #dissolveLine(): void {
    this.#line.clear();
    for (const leave of [...this.#waiting]) leave();
  }

  /** One that only becomes a little longer is not told again. */
  #say(wait: Wait): void {
    const untilMs = this.#clock.monotonicMs() + wait.forMs;
    if (wait.forMs <= briefWaitMs || untilMs <= this.#saidUntilMs + briefWaitMs) return;
    this.#saidUntilMs = untilMs;
    this.#tell({ kind: 'rate-waiting', wait, rate: this.#rate });
  }

  #tell(event: SyncEvent): void {
    for (const emit of this.#listeners) emit(event);
  }

  /** The times that have to be over before anything starts; Infinity where only the end of a request tells. */
  #bounds(nowMs: number, underWay: number): Bound[] {
    const placeAtMs = this.#window.nextStartAtMs(nowMs, this.#page.underWay);
    const tryAtMs = this.#breaker?.nextStartAtMs(underWay) ?? Number.NEGATIVE_INFINITY;
    return [
      { reason: this.#window.isHeldByEarlier ? 'earlier-runs' : 'rate', atMs: placeAtMs },
      { reason: this.pace.isPaused ? 'refused' : 'pace', atMs: this.pace.nextStartAtMs },
      { reason: 'outage', atMs: tryAtMs },
      { reason: 'retry-after', atMs: this.#heldUntilMs },
    ];
  }

  #setAlarm(atMs: number | null): void {
    if (atMs === this.#alarmAtMs) return;
    this.#alarmAtMs = atMs;
    this.#alarm.abort();
    if (atMs === null) return;
    this.#alarm = new AbortController();
    const { signal } = this.#alarm;
    void this.#clock.sleep(atMs - this.#clock.monotonicMs(), signal).then(() => {
      if (signal.aborted) return;
      this.#alarmAtMs = null;
      this.#turnValve();
    });
  }
}

const onlyReads = (): UnderWay => ({ widgetId: null, hash: null });

/** Nothing starts before this, on the monotonic clock. */
interface Bound {
  readonly reason: WaitReason;
  readonly atMs: number;
}

/** The latest bound; of several at the same time the last one. */
function latestOf(bounds: readonly Bound[]): Bound {
  const none: Bound = { reason: 'rate', atMs: Number.NEGATIVE_INFINITY };
  return bounds.reduce((latest, one) => (one.atMs >= latest.atMs ? one : latest), none);
}
