// How long to wait before the next attempt.

export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/** For a daemon, which has all the time it takes. */
export const daemonBackoff: Backoff = { baseMs: 500, capMs: 300_000 };

/** For a command that somebody waits for. */
export const oneShotBackoff: Backoff = { baseMs: 500, capMs: 10_000 };

/**
 * Exponential with full jitter: anywhere between nothing and `baseMs * 2^(failed - 1)`, capped.
 * `failed` is the number of attempts that have failed, from 1; `random` gives [0, 1).
 */
export function backoffMs(failed: number, backoff: Backoff, random: () => number): number {
  return random() * Math.min(backoff.capMs, backoff.baseMs * 2 ** (failed - 1));
}
