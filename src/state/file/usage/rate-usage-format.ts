// The usage of the rate as text on disk, and back. Strict: what is only half
// understood would pass for less than was used.
import { isJsonObject, type Json, parseJson } from '../../../base/json/json.ts';
import { largestLimit } from '../../../config/rate.ts';

/** Requests that ended close to each other, in milliseconds before the record was written. */
export interface EndedBefore {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
}

export interface UsageRecord {
  readonly writtenAt: Date;
  /** Requests that were under way then, or had a slot. */
  readonly underWay: number;
  /** Oldest first. */
  readonly ended: readonly EndedBefore[];
}

const formatVersion = 1;

/**
 * A page of memory: a write within one is done wholly or not at all, wherever the process is killed.
 * The text always fills it, so that nothing of a longer one stays behind a shorter one.
 */
export const usageBytes = 4096;

/** Times are rounded towards later: a place is rather held a millisecond too long. */
export function formatUsage({ writtenAt, underWay, ended }: UsageRecord): string {
  const stored = {
    version: formatVersion,
    written: writtenAt.toISOString(),
    under_way: underWay,
    // The first and the last of each group, and how many they are.
    ended_ms_before: ended.map(({ firstMs, lastMs, count }) => [
      Math.floor(firstMs),
      Math.floor(lastMs),
      Math.min(count, largestLimit),
    ]),
  };
  return `${JSON.stringify(stored).padEnd(usageBytes - 1)}\n`;
}

/** Null for anything that `formatUsage` did not write. */
export function parseUsage(text: string): UsageRecord | null {
  const stored = parseJson(text);
  if (!isJsonObject(stored) || stored['version'] !== formatVersion) return null;
  const { written, under_way: underWay, ended_ms_before: ended } = stored;
  const writtenAt = new Date(typeof written === 'string' ? written : Number.NaN);
  if (Number.isNaN(writtenAt.getTime()) || !isCount(underWay) || !Array.isArray(ended)) return null;
  const groups = ended.map(parseEnded);
  return groups.every((group) => group !== null)
    ? { writtenAt, underWay, ended: groups.toSorted((a, b) => b.lastMs - a.lastMs) }
    : null;
}

function parseEnded(entry: Json): EndedBefore | null {
  if (!Array.isArray(entry) || entry.length !== 3) return null;
  const [firstMs, lastMs, count] = entry;
  if (!isCount(firstMs) || !isCount(lastMs) || !isCount(count)) return null;
  return firstMs >= lastMs ? { firstMs, lastMs, count } : null;
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
