// The budget of requests as people write it: `5/s`, `300/m`, `1000/h`.

/** At most `limit` starts in any `windowMs`. */
export interface Rate {
  readonly limit: number;
  readonly windowMs: number;
}

/** A shorter wait is not reported. */
export const briefWaitMs = 5000;

const windowsMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

export const longestWindowMs = Math.max(...Object.values(windowsMs));
/** Six digits. */
export const largestLimit = 999_999;

/** Null for anything but a count per second, minute or hour. */
export function parseRate(text: string): Rate | null {
  const [, limit, unit] = /^(\d{1,6})\/(s|m|h)$/.exec(text) ?? [];
  const windowMs = windowsMs[unit ?? ''];
  return windowMs === undefined || Number(limit) === 0 ? null : { limit: Number(limit), windowMs };
}

export function formatRate({ limit, windowMs }: Rate): string {
  const unit = Object.keys(windowsMs).find((name) => windowsMs[name] === windowMs);
  return unit === undefined ? `${limit} per ${windowMs} ms` : `${limit}/${unit}`;
}

/** Requests a second, taken over the whole window; all of a window may start at once nevertheless. */
export function perSecondOf({ limit, windowMs }: Rate): number {
  return (limit * 1000) / windowMs;
}

/** A measured rate in the same words, in the unit that gives a number of 1 or more: `2.5/s`, `30/m`. */
export function formatPerSecond(perSecond: number): string {
  const units = Object.entries(windowsMs).map(([name, ms]) => ({
    name,
    amount: (perSecond * ms) / 1000,
  }));
  // An hour is the longest: what is less than one in it is said in it too.
  const fitting = units.find(({ amount }) => amount >= 0.95) ?? units.at(-1);
  const amount = fitting?.amount ?? perSecond;
  return `${amount < 10 ? Number(amount.toFixed(1)) : Math.round(amount)}/${fitting?.name ?? 's'}`;
}
