// Whether a file has come to rest, by its age when it was read. Pure.
import type { Stats } from 'node:fs';

/** Watchers are given so long to come to rest: a file that was just written may be half written. */
export const settledAfterMs = 250;
/** A text whose last line has no end is more likely cut than finished. */
const unendedAfterMs = 2000;
/** A file's time that is further ahead than this is of another clock, and says nothing. */
const clockSkewMs = 1000;
/** Times have a grain, which differs by file system. */
const racyMs = 1000;

export interface FileRest {
  /** How long it has to be left alone before it is believed, in milliseconds; 0 when it is. */
  readonly settlesInMs: number;
  /** How much of that all others wait for it: what was written with it may still be on its way. */
  readonly youngForMs: number;
}

export const atRest: FileRest = { settlesInMs: 0, youngForMs: 0 };

export function restOf(bytes: Uint8Array, { ctimeMs }: Stats, readAt: Date): FileRest {
  const ageMs = readAt.getTime() - ctimeMs;
  const isEnded = bytes.length === 0 || bytes.at(-1) === 0x0a;
  const youngForMs = leftOf(settledAfterMs, ageMs);
  return { youngForMs, settlesInMs: isEnded ? youngForMs : leftOf(unendedAfterMs, ageMs) };
}

/**
 * Git's racy rule: a file written within a second of being read may be written again without its
 * times moving, so it is read again next time.
 */
export function isRacy({ mtimeMs, ctimeMs }: Stats, readAt: Date): boolean {
  return Math.max(mtimeMs, ctimeMs) > readAt.getTime() - racyMs;
}

function leftOf(waitMs: number, ageMs: number): number {
  return ageMs < -clockSkewMs ? 0 : Math.max(0, waitMs - ageMs);
}
