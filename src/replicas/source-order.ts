// Whether a revision that a replica has come to is the newest, follows the newest, or is older: a replica that
// takes over with an older checkout would undo what was sent before. Pure.
import type { Place } from './source-store.ts';

/** A revision, and all that is known of it beside the newest. */
export interface Arrival {
  readonly revision: string;
  /** The committer's date; null where it is not known. */
  readonly committedAt: Date | null;
  /** The last position at which this process had its files; null: none yet. */
  readonly from: number | null;
  readonly newest: Place | null;
  /** The latest position of this very revision; null: it was never followed. */
  readonly known: number | null;
  /** How it stands to the newest by the commits themselves. */
  readonly line: 'before' | 'after' | 'unknown';
}

export type Verdict =
  | { readonly kind: 'newest'; readonly position: number }
  /** It follows `after`; 0: it is the first. */
  | { readonly kind: 'append'; readonly after: number }
  /** It was overtaken: newer files are on their way to this replica. */
  | { readonly kind: 'older'; readonly newest: Place }
  /** Nothing tells which of both comes first. */
  | { readonly kind: 'contested'; readonly newest: Place };

export function judge(arrival: Arrival): Verdict {
  const { revision, newest, known, from, line } = arrival;
  if (newest === null) return { kind: 'append', after: 0 };
  const { position } = newest;
  if (revision === newest.revision) return { kind: 'newest', position };
  // Whoever was at the newest has seen what came after it: also a branch that was pushed back.
  if (from === position) return { kind: 'append', after: position };
  if (known !== null) return { kind: line === 'after' ? 'contested' : 'older', newest };
  if (line === 'after') return { kind: 'append', after: position };
  if (line === 'before') return { kind: 'older', newest };
  if (isLater(arrival.committedAt, newest.committedAt)) return { kind: 'append', after: position };
  return { kind: 'contested', newest };
}

/** Commits of the same second, as a rebase makes them, tell nothing. */
function isLater(date: Date | null, than: Date | null): boolean {
  return date !== null && than !== null && date.getTime() > than.getTime();
}

/** Newer files mostly come within a minute: by then something else is the matter. */
export const patienceMs = 120_000;

export interface Contest {
  /** For how long nothing has told which of both comes first. */
  readonly forMs: number;
  /** For how long no living replica has been seen at the newest position; null: one is there. */
  readonly aloneForMs: number | null;
}

/**
 * `append`: nobody is left who has the newest, and waiting for it would be in vain. `blocked`: somebody has it, and
 * a person is to say which of both is meant, by a commit that comes after both.
 */
export function settle({ forMs, aloneForMs }: Contest): 'wait' | 'append' | 'blocked' {
  if (aloneForMs !== null) return aloneForMs >= patienceMs ? 'append' : 'wait';
  return forMs >= patienceMs ? 'blocked' : 'wait';
}

/**
 * The name of a source: the way to its topmost folder from that of the file of accounts, so that it is the same on
 * machines that have both in the same place to each other. Both are absolute; `.` is the tree with the file of accounts.
 */
export function sourceName(home: string, top: string): string {
  const [from, to] = [home, top].map((path) => path.split('/').filter((part) => part !== ''));
  const [a, b] = [from ?? [], to ?? []];
  let common = 0;
  while (common < a.length && common < b.length && a[common] === b[common]) common += 1;
  const way = [...a.slice(common).map(() => '..'), ...b.slice(common)];
  return way.join('/') || '.';
}
