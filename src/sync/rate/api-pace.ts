// Keeps starts as far apart as the API's own limit demands, as far as its answers have shown that. The
// limiter asks it and tells it what it saw; it sends nothing and waits for nothing.
import type { Clock } from '../../base/clock.ts';
import { perSecondOf, type Rate } from '../../config/rate.ts';
import type { LearntLimit } from '../../state/state-store.ts';
import type { Emit } from '../events.ts';
import {
  type ApiLimit,
  mostInASecond,
  nothingLearnt,
  refused,
  spacingMs,
  taken,
} from './api-limit.ts';
import { RefusedTime } from './limit-patience.ts';
import type { RequestOutcome } from './request-outcome.ts';

/** The start of a request. */
export interface Start {
  /** Refusals that were heard before it started. */
  readonly era: number;
  /** Whether it started about as soon as the learnt limit let it. */
  readonly isAtPace: boolean;
}

export interface PaceMemory {
  readonly earlier: LearntLimit | null;
  /** Told at each refusal that taught something, when nothing is left of it, and at the end. */
  keep(learnt: LearntLimit | null): void;
}

/** Over so long is counted what the API took. */
const secondMs = 1000;
/** A change of note. */
const noteFactor = 1.5;

export class ApiPace {
  readonly #rate: Rate;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #memory: PaceMemory | null = null;
  #kept: LearntLimit | null = null;
  readonly #listeners: Emit[] = [];
  #limit: ApiLimit = nothingLearnt;
  #toldAbout: number | null = null;
  #era = 0;
  /** When the API took requests in the last second. */
  readonly #takenAtMs: number[] = [];
  #lastStartMs = Number.NEGATIVE_INFINITY;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  readonly #refusedTime: RefusedTime;

  constructor(rate: Rate, clock: Pick<Clock, 'monotonicMs'>) {
    this.#rate = rate;
    this.#clock = clock;
    this.#refusedTime = new RefusedTime(clock);
  }

  /** Before the first start: goes on from what was learnt, and keeps there what is learnt from now on. */
  resume(memory: PaceMemory): void {
    const { earlier } = memory;
    this.#memory = memory;
    this.#kept = earlier;
    if (earlier === null || earlier.refusedAt >= mostInASecond(this.#rate)) return;
    this.#limit = { learnt: earlier, pauseMs: 0 };
    this.#toldAbout = this.about;
  }

  listen(emit: Emit): void {
    this.#listeners.push(emit);
  }

  /** The API's limit, about, in requests a second; null where it is not known to be less than the rate. */
  get about(): number | null {
    const about = this.known;
    return about === null || about >= perSecondOf(this.#rate) ? null : about;
  }

  /** The same, also where it is more than the rate: the rate may allow a burst, which this slows. */
  get known(): number | null {
    return this.#limit.learnt?.about ?? null;
  }

  /** For how long nothing but refusals came, without the waits that the API asked for. */
  get refusedForMs(): number {
    return this.#refusedTime.ms;
  }

  /** Whether the last that was heard of a limit is a refusal. */
  get isPaused(): boolean {
    return this.#limit.pauseMs > 0;
  }

  /** On the monotonic clock. */
  get nextStartAtMs(): number {
    const { learnt } = this.#limit;
    const pacedMs = learnt === null ? 0 : spacingMs(learnt.perSecond);
    return Math.max(this.#lastStartMs + pacedMs, this.#pausedUntilMs);
  }

  started(): Start {
    const nowMs = this.#clock.monotonicMs();
    const { learnt } = this.#limit;
    const isAtPace = learnt !== null && nowMs - this.#lastStartMs < 2 * spacingMs(learnt.perSecond);
    this.#lastStartMs = nowMs;
    return { era: this.#era, isAtPace };
  }

  ended({ era, isAtPace }: Start, outcome: RequestOutcome): void {
    this.#refusedTime.ended(outcome);
    if (outcome.service === 'up') {
      // An answer to a request from before a refusal says nothing that the refusal did not say better.
      if (era === this.#era) this.#taken(isAtPace);
    } else if (outcome.service === 'limited') {
      // A time that is named is kept to instead.
      if (era === this.#era && !(outcome.error.retryAfterMs ?? 0)) this.#refused();
    }
  }

  /** The process ends. */
  close(): void {
    this.#keep();
    this.#memory = null;
  }

  #taken(isAtPace: boolean): void {
    this.#takenAtMs.push(this.#clock.monotonicMs());
    this.#forgetOver();
    const before = this.#limit.learnt;
    if (before === null) return;
    this.#limit = isAtPace ? taken(this.#limit, this.#rate) : { learnt: before, pauseMs: 0 };
    this.#tell();
    if (this.#limit.learnt === null) this.#keep();
  }

  #refused(): void {
    this.#forgetOver();
    const before = this.#limit.learnt;
    this.#limit = refused(this.#limit, { rate: this.#rate, taken: this.#takenAtMs.length });
    this.#era += 1;
    this.#pausedUntilMs = this.#clock.monotonicMs() + this.#limit.pauseMs;
    this.#tell();
    if (this.#limit.learnt !== before) this.#keep();
  }

  #keep(): void {
    const { learnt } = this.#limit;
    if (learnt !== this.#kept) this.#memory?.keep(learnt);
    this.#kept = learnt;
  }

  #forgetOver(): void {
    const untilMs = this.#clock.monotonicMs() - secondMs;
    const first = this.#takenAtMs.findIndex((atMs) => atMs > untilMs);
    this.#takenAtMs.splice(0, first === -1 ? this.#takenAtMs.length : first);
  }

  #tell(): void {
    const { about } = this;
    if (!this.#isNews(about, this.#toldAbout)) return;
    this.#toldAbout = about;
    for (const emit of this.#listeners) emit({ kind: 'limit-learnt', about, rate: this.#rate });
  }

  #isNews(about: number | null, told: number | null): boolean {
    if (told === null) return about !== null;
    if (about !== null) return Math.max(about, told) >= noteFactor * Math.min(about, told);
    // A limit just above the rate may be just below it in the next moment.
    return (this.known ?? Number.POSITIVE_INFINITY) >= noteFactor * perSecondOf(this.#rate);
  }
}
