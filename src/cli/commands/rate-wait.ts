// Tells people what earlier processes have used of the rate and learnt of the API: the cost of a plan knows
// only the plan.

import { briefWaitMs, formatPerSecond, formatRate, type Rate } from '../../config/rate.ts';
import type { Plan } from '../../model/plan.ts';
import { costSeconds, totalRequests, withRereads } from '../../render/request-cost.ts';
import { durationText } from '../../render/time.ts';

export interface Earlier {
  /** When requests of earlier processes ended, oldest first, on the monotonic clock. */
  readonly earlierMs: readonly number[];
  readonly nowMs: number;
}

/**
 * Null where no request has to wait for earlier ones. The rest is at most what it takes until the last of the
 * earlier requests has left the window: from then on the plan takes as long as it would have taken alone.
 */
export function renderEarlier(
  plan: Pick<Plan, 'requests' | 'changes'>,
  rate: Rate,
  { earlierMs, nowMs }: Earlier,
): string | null {
  if (plan.changes.length === 0) return null;
  const held = earlierMs.filter((endedMs) => endedMs + rate.windowMs > nowMs);
  const last = held.at(-1);
  const total = totalRequests(withRereads(plan, rate));
  const isInTheWay = costSeconds(held.length + total, rate) > costSeconds(total, rate);
  const waitMs = last === undefined ? 0 : last + rate.windowMs - nowMs;
  if (!isInTheWay || waitMs <= briefWaitMs) return null;
  const used = `${held.length} of ${formatRate(rate)}`;
  return `Earlier runs have used up ${used}: it may take up to ${roundedUp(waitMs)} longer`;
}

/** The facts that are known before anything is sent. */
export interface Beforehand extends Earlier {
  /** Requests that the API takes in a second, about; null where nothing is known of a limit of its own. */
  readonly apiRate: number | null;
}

/** Why the plan may take longer than its cost says: a line for each reason. */
export function renderLonger(
  plan: Pick<Plan, 'requests' | 'changes'>,
  rate: Rate,
  beforehand: Beforehand,
): string[] {
  const { apiRate } = beforehand;
  const lines = [renderEarlier(plan, rate, beforehand), renderApiRate(plan, rate, apiRate)];
  return lines.filter((line) => line !== null);
}

/** Null where the rate itself demands as long, or nothing is known of the API's own limit. */
function renderApiRate(
  plan: Pick<Plan, 'requests' | 'changes'>,
  rate: Rate,
  about: number | null,
): string | null {
  if (about === null) return null;
  const total = totalRequests(withRereads(plan, rate));
  const seconds = costSeconds(total, { limit: 1, windowMs: 1000 / about });
  if (seconds <= costSeconds(total, rate) + briefWaitMs / 1000) return null;
  return `The API takes about ${formatPerSecond(about)}: at that it takes ${roundedUp(seconds * 1000)}`;
}

function roundedUp(ms: number): string {
  return durationText(Math.ceil(ms / 1000));
}
