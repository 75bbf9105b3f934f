// How many widgets one pass may change before a person has to say yes: `25`, `10%`, `off`.

export type ChangeLimit =
  | { readonly unit: 'widgets'; readonly most: number }
  | { readonly unit: 'percent'; readonly most: number };

/** Null for anything but a whole number of widgets, or a percentage of them, above 0. */
export function parseChangeLimit(text: string): ChangeLimit | null {
  const [, amount, percent] = /^(\d{1,7}(?:\.\d+)?)(%)?$/.exec(text) ?? [];
  const most = Number(amount);
  if (percent === '%') return most > 0 && most <= 100 ? { unit: 'percent', most } : null;
  return most > 0 && Number.isInteger(most) ? { unit: 'widgets', most } : null;
}

/**
 * The most changes that the limit allows where so many widgets have a file. One at least: a limit is
 * meant to stop a flood, and a share of few widgets would stop everything.
 */
export function mostChanges(limit: ChangeLimit, widgets: number): number {
  if (limit.unit === 'widgets') return limit.most;
  // Binary fractions fall short by a hair: 1.14% of 5000 are 57.
  return Math.max(1, Math.floor(Number(((widgets * limit.most) / 100).toFixed(6))));
}
