// What a plan costs: requests, and the time that the rate makes of them.
import { formatRate, type Rate } from '../config/rate.ts';
import type { Plan } from '../model/plan.ts';
import { baseFreshMs } from '../plan/compare/compose-body.ts';
import { durationText } from './time.ts';

/** Seconds from the first start to the last of so many requests, at most `limit` in any window. */
export function costSeconds(requests: number, { limit, windowMs }: Rate): number {
  return requests === 0 ? 0 : (Math.floor((requests - 1) / limit) * windowMs) / 1000;
}

/**
 * With the reads that come on top: a write that starts too long after the reading, since the rate
 * holds it back, is read again first.
 */
export function withRereads(
  { requests, changes }: Pick<Plan, 'requests' | 'changes'>,
  { limit, windowMs }: Rate,
): Plan['requests'] {
  const { list, get, put } = requests;
  // Where live was asked for in vain, no write reads it either.
  if (changes.every(({ base }) => base === null)) return requests;
  const startsInTime = limit * (Math.floor(baseFreshMs / windowMs) + 1);
  const late = Math.min(put, Math.max(0, list + get + put - startsInTime));
  return { list, get: get + late, put };
}

export function totalRequests({ list, get, put }: Plan['requests']): number {
  return list + get + put;
}

export function renderCost(plan: Pick<Plan, 'requests' | 'changes'>, rate: Rate): string {
  const requests = withRereads(plan, rate);
  const total = totalRequests(requests);
  if (total === 0) return 'Cost: no requests';
  const kinds = (['list', 'get', 'put'] as const)
    .filter((kind) => requests[kind] > 0)
    .map((kind) => `${requests[kind]} ${kind}`);
  const last = kinds.pop() ?? '';
  const listed = kinds.length === 0 ? last : `${kinds.join(', ')} and ${last}`;
  const noun = total === 1 ? 'request' : 'requests';
  return `Cost: ${listed} ${noun}, ${timeText(costSeconds(total, rate))} at ${formatRate(rate)}`;
}

function timeText(exactSeconds: number): string {
  const seconds = Math.round(exactSeconds);
  return seconds < 1 ? 'less than 1 s' : `about ${durationText(seconds)}`;
}
