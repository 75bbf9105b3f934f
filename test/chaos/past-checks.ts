// All that must hold of what was sent, whatever went wrong meanwhile. Pure.
import { checkKept } from './kept-checks.ts';
import { checkOutages } from './outage-checks.ts';
import { checkOrderOfRequests, type Past } from './requests-checks.ts';
import { checkStale } from './stale-checks.ts';

/** One sentence for each thing that must not have happened. */
export function checkRequests(past: Past): string[] {
  const checks = [checkOrderOfRequests, checkKept, checkStale, checkOutages];
  return checks.flatMap((check) => check(past));
}
