// An estimate of the API's own limit, where its 429 names no time: halved at once, grown again little
// by little (additive increase, multiplicative decrease, as TCP finds the width of its way; RFC 5681).
// Pure. Rates are requests a second.
import { perSecondOf, type Rate } from '../../config/rate.ts';
import type { LearntLimit } from '../../state/state-store.ts';

/** The estimate, and how the API has taken requests of late. */
export interface ApiLimit {
  /** Null: the API takes what the rate allows, as far as is known. */
  readonly learnt: LearntLimit | null;
  /** From a refusal to the next request; 0 once the API has taken one since. */
  readonly pauseMs: number;
}

/** The facts of a refusal by 429. */
export interface RefusalFacts {
  readonly rate: Rate;
  /** Requests that the API took in the last second. */
  readonly taken: number;
}

/** Before anything is known the API's second may be used up. */
const firstPauseMs = 1000;
const longestPauseMs = 60_000;
/** Less is a service that is shut rather than one with a limit. */
const leastPerSecond = 1000 / longestPauseMs;

/** Parts of the rate that was refused: near it growth is careful, below it bold; above it was another limit. */
const nearFrom = 0.9;
const nearTo = 1.1;
/**
 * The growth by one answer: a part of the rate, so that some twenty answers pass from one refusal to the
 * next, and at most so much. A rate of many requests grows by that part in each second: what the API
 * makes of a rate shows when its second is over.
 */
const careful = { part: 1 / 200, most: 1 / 20 };
const bold = { part: 1 / 12, most: 2 / 5 };
/** The steps while no limit is known near by. */
const searching = { part: 1 / 2, most: 2 / 5 };
/** Two refusals as close as this speak of one limit. */
const confirmFactor = 1.5;

export const nothingLearnt: ApiLimit = { learnt: null, pauseMs: 0 };

/**
 * One signal, however many requests in flight together were refused. Until the API takes one again,
 * each further signal only makes the pause longer: it is the same limit that is still in force.
 */
export function refused({ learnt, pauseMs }: ApiLimit, refusal: RefusalFacts): ApiLimit {
  if (learnt !== null && pauseMs > 0) {
    return { learnt, pauseMs: Math.min(longestPauseMs, 2 * pauseMs) };
  }
  const reached = learnt?.perSecond ?? rateReached(refusal);
  const refusedAt = Math.min(reached, mostInASecond(refusal.rate));
  const perSecond = Math.max(leastPerSecond, refusedAt / 2);
  const isConfirmed = learnt !== null && areClose(learnt.refusedAt, refusedAt);
  // A rate that was reached step by step was taken until now; one that was only come down to was not.
  const isReached = learnt === null ? refusal.taken > 0 : refusedAt > learnt.refusedAt * 0.6;
  return {
    learnt: { perSecond, refusedAt, isConfirmed, about: isReached ? refusedAt : perSecond },
    pauseMs: learnt === null ? firstPauseMs : spacingMs(perSecond),
  };
}

/** The API took a request that was sent at about the rate that is learnt. */
export function taken({ learnt }: ApiLimit, rate: Rate): ApiLimit {
  if (learnt === null) return nothingLearnt;
  const perSecond = grown(learnt);
  const isBeyond = perSecond > learnt.refusedAt * nearTo;
  const isConfirmed = learnt.isConfirmed && !isBeyond;
  // For a while already the rate itself keeps starts further apart.
  if (perSecond >= 2 * mostInASecond(rate)) return nothingLearnt;
  const about = Math.max(learnt.about, perSecond);
  return { learnt: { ...learnt, perSecond, isConfirmed, about }, pauseMs: 0 };
}

/**
 * So many requests the rate lets start in one second. No window is shorter than that, and what a longer
 * one allows may start at once: `1000/h` runs into a limit of 3 a second as `1000/s` does.
 */
export function mostInASecond({ limit }: Rate): number {
  return limit;
}

/** From one start to the next. */
export function spacingMs(perSecond: number): number {
  return 1000 / perSecond;
}

function grown({ perSecond, refusedAt, isConfirmed }: LearntLimit): number {
  if (!isConfirmed) return perSecond + step(searching, perSecond);
  const isNear = perSecond >= refusedAt * nearFrom;
  return perSecond + step(isNear ? careful : bold, refusedAt);
}

function step({ part, most }: { part: number; most: number }, perSecond: number): number {
  return Math.min(most, part * perSecond);
}

/** The requests that the API took say more than the rate, which may allow a thousand in an hour at once. */
function rateReached({ rate, taken }: RefusalFacts): number {
  return taken > 0 ? taken : Math.max(1, perSecondOf(rate));
}

function areClose(a: number, b: number): boolean {
  return Math.max(a, b) <= confirmFactor * Math.min(a, b);
}
