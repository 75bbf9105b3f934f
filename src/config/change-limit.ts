// How many widgets one pass may change before a person has to say yes: `25`, `10%`, `auto`, `off`.

/** A limit that somebody said. */
export interface SaidLimit {
  readonly unit: 'widgets' | 'percent';
  readonly most: number;
}

/** `auto`: nobody said one, which is `unsaidLimit` where files extend fragments or have just left them, and none elsewhere. */
export type ChangeLimit = SaidLimit | { readonly unit: 'auto' };

/**
 * One line of a fragment changes each widget that it reaches: more than this share of all waits for a person,
 * where it is so many widgets at least.
 */
const unsaidLimit = { percent: 25, fewest: 10 };

/** Null for anything but a whole number of widgets, or a percentage of them, above 0. */
export function parseChangeLimit(text: string): SaidLimit | null {
  const [, amount, percent] = /^(\d{1,7}(?:\.\d+)?)(%)?$/.exec(text) ?? [];
  const most = Number(amount);
  if (percent === '%') return most > 0 && most <= 100 ? { unit: 'percent', most } : null;
  return most > 0 && Number.isInteger(most) ? { unit: 'widgets', most } : null;
}

/** What of a plan decides whether `auto` is a limit. */
export interface Composed {
  /** The fragments that reach widget files. */
  readonly fragments: readonly unknown[];
  /** Whether files that change extended fragments before: to leave them all at once is as much of a flood. */
  readonly leavesFragments?: true;
}

/** Null where a pass may change however many. */
export function limitFor(
  limit: ChangeLimit | null,
  { fragments, leavesFragments }: Composed,
): ChangeLimit | null {
  const isComposed = fragments.length > 0 || leavesFragments === true;
  return limit?.unit === 'auto' && !isComposed ? null : limit;
}

/** More changes than a limit allows. */
export interface Excess {
  readonly changes: number;
  readonly most: number;
  /** Only where nobody said a limit. */
  readonly limit?: 'auto';
  /** Only with that, and only where true: no file extends fragments any more, and some have just left them. */
  readonly leaving?: true;
}

/** For people, without a full stop. `account`: whose limit it is, where the file of accounts says it. */
export function excessWords(
  { changes, most, limit, leaving }: Excess,
  account: string | null = null,
): string {
  const name = account === null ? '--max-changes' : `max_changes of ${account}`;
  const allows = `${name} allows ${most}`;
  const cause = leaving ? 'files have left their fragments' : 'this tree uses fragments';
  const why = limit === 'auto' ? `${cause}, where ${allows} unless told otherwise` : allows;
  return `${changes} widgets would change, and ${why}`;
}

/**
 * The most changes that the limit allows where so many widgets have a file. One at least: a limit is
 * meant to stop a flood, and a share of few widgets would stop everything.
 */
export function mostChanges(limit: ChangeLimit, widgets: number): number {
  switch (limit.unit) {
    case 'widgets':
      return limit.most;
    case 'percent':
      return Math.max(1, shareOf(widgets, limit.most));
    case 'auto':
      return Math.max(unsaidLimit.fewest - 1, shareOf(widgets, unsaidLimit.percent));
  }
}

/** Binary fractions fall short by a hair: 1.14% of 5000 are 57. */
function shareOf(widgets: number, percent: number): number {
  return Math.floor(Number(((widgets * percent) / 100).toFixed(6)));
}
