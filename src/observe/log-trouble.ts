// The log of a daemon that cannot look: each reason once, and when it is over.

import type { Log } from '../base/log.ts';
import type { Unsettled } from '../model/document.ts';
import type { SyncEvent, Work } from '../sync/events.ts';

/** Trouble that ends by itself within this time is not reported. */
const briefMs = 10_000;

/** Whether a person should know that the files are waited for. */
export function isWorthSaying({ code, retryInMs }: Unsettled, sinceMs: number): boolean {
  const isPassing = code === 'moving' || code === 'git' || code === 'behind';
  const endsByItself = isPassing && retryInMs !== null;
  return !endsByItself || sinceMs >= briefMs;
}

type Failure = Extract<SyncEvent, { kind: 'work-failed' }>;

/**
 * Errors that keep the daemon from looking: each is said once for as long as it is the same, and when it is
 * over.
 */
export function logFailures(log: Log) {
  const said = new Map<Work, string>();
  return {
    say({ error, work, trigger, retryInMs }: Failure): void {
      const level = said.get(work) === error.message ? 'debug' : 'error';
      said.set(work, error.message);
      const retry_in_ms = Math.round(retryInMs);
      log[level]({ trigger, retry_in_ms, error: error.message }, 'cannot look');
    },
    /** Whether something was said that is no longer so. */
    areOver: (work: Work): boolean => said.delete(work),
  };
}

/** Files that cannot be believed: said once for each reason, and when it is over. */
export function logWaiting(log: Log) {
  let said: string | null = null;
  return {
    say(unsettled: Unsettled, sinceMs: number): void {
      const { code, message } = unsettled;
      if (!isWorthSaying(unsettled, sinceMs)) log.debug({ code, detail: message }, 'not yet');
      else if (said !== code) {
        said = code;
        log.warn({ code, detail: message }, 'cannot look yet');
      }
    },
    /** Whether something was said that is no longer so. */
    isOver(): boolean {
      const wasSaid = said !== null;
      said = null;
      return wasSaid;
    },
  };
}

export function sayPolling(log: Log, why: string | null, intervalMs: number): void {
  if (why === null) log.info('relying on events again');
  else log.warn({ detail: why, interval_ms: Math.round(intervalMs) }, 'polling for changes');
}
