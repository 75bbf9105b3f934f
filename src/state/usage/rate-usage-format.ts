// The usage of the rate as text on disk, and back. Strict: what is only half
// understood would pass for less than was used.
import { isJsonObject, type Json, parseJson } from '../../base/json/json.ts';
import { largestLimit } from '../../config/rate.ts';
import { parseWidgetId, type WidgetId } from '../../model/widget.ts';

/**
 * Requests that ended close to each other, in milliseconds before the record was written; below 0: after
 * that.
 */
export interface EndedBefore {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
}

/** A write that may still arrive. */
export interface ArrivingWrite {
  /** Null: it may be any widget. */
  readonly widgetId: WidgetId | null;
  /** The beginning of the hash of its content; null: it may be any. */
  readonly hash: string | null;
  /** When it is over at the latest, in milliseconds after the record was written. */
  readonly overInMs: number;
}

export interface UsageRecord {
  readonly writtenAt: Date;
  /** Requests that were under way then, or had a slot. */
  readonly underWay: number;
  /** Oldest first. */
  readonly ended: readonly EndedBefore[];
  /** Also those of earlier processes. Earlier versions did not keep it. */
  readonly arriving: readonly ArrivingWrite[];
  /**
   * How long a request under way may be so; absent where the store tells by itself when its process ended.
   */
  readonly timeoutMs?: number;
}

const formatVersion = 1;

/** Two contents of one widget that begin alike are rarer than any damage. */
const hashDigits = 16;

/**
 * A page of memory: a write within one is done wholly or not at all, wherever the process is killed.
 * The text always fills it, so that nothing of a longer one stays behind a shorter one.
 */
export const usageBytes = 4096;

/** Times are rounded towards later: a place is rather held a millisecond too long. */
export function formatUsage(record: UsageRecord): string {
  const text = usageText(record);
  return `${(text.length < usageBytes ? text : usageText(unnamed(record))).padEnd(usageBytes - 1)}\n`;
}

/** Of any length. */
export function usageText({
  writtenAt,
  underWay,
  ended,
  arriving,
  timeoutMs,
}: UsageRecord): string {
  return JSON.stringify({
    version: formatVersion,
    written: writtenAt.toISOString(),
    under_way: underWay,
    // The first and the last of each group, and how many they are.
    ended_ms_before: ended.map(({ firstMs, lastMs, count }) => [
      Math.floor(firstMs),
      Math.floor(lastMs),
      Math.min(count, largestLimit),
    ]),
    ...(arriving.length > 0 && {
      over_in_ms: arriving.map(({ widgetId, hash, overInMs }) => [
        widgetId,
        hash?.slice(0, hashDigits) ?? null,
        Math.ceil(overInMs),
      ]),
    }),
    ...(timeoutMs !== undefined && { timeout_ms: Math.ceil(timeoutMs) }),
  });
}

/** There is no room for a hundred names beside a full window. */
function unnamed(record: UsageRecord): UsageRecord {
  const overInMs = Math.max(...record.arriving.map((one) => one.overInMs));
  return { ...record, arriving: [{ widgetId: null, hash: null, overInMs }] };
}

/** Null for anything that `formatUsage` did not write. */
export function parseUsage(text: string): UsageRecord | null {
  const stored = parseJson(text);
  if (!isJsonObject(stored) || stored['version'] !== formatVersion) return null;
  const { written, under_way: underWay, ended_ms_before: ended, over_in_ms: over = [] } = stored;
  const { timeout_ms: timeoutMs } = stored;
  const writtenAt = new Date(typeof written === 'string' ? written : Number.NaN);
  if (Number.isNaN(writtenAt.getTime()) || !isCount(underWay)) return null;
  if (!Array.isArray(ended) || !Array.isArray(over)) return null;
  if (timeoutMs !== undefined && !isCount(timeoutMs)) return null;
  const groups = ended.map(parseEnded);
  const arriving = over.map(parseArriving);
  if (!groups.every((group) => group !== null) || !arriving.every((write) => write !== null)) {
    return null;
  }
  return {
    ...{ writtenAt, underWay, ended: groups.toSorted((a, b) => b.lastMs - a.lastMs), arriving },
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}

function parseArriving(entry: Json): ArrivingWrite | null {
  if (!Array.isArray(entry) || entry.length !== 3) return null;
  const [name, hash, overInMs] = entry;
  const widgetId = name === null ? null : parseWidgetId(name);
  if ((widgetId === null && name !== null) || !isCount(overInMs)) return null;
  if (hash !== null && !(typeof hash === 'string' && hash.length === hashDigits)) return null;
  return { widgetId, hash, overInMs };
}

function parseEnded(entry: Json): EndedBefore | null {
  if (!Array.isArray(entry) || entry.length !== 3) return null;
  const [firstMs, lastMs, count] = entry;
  if (!isWhole(firstMs) || !isWhole(lastMs) || !isCount(count)) return null;
  return firstMs >= lastMs ? { firstMs, lastMs, count } : null;
}

function isCount(value: Json | undefined): value is number {
  return isWhole(value) && value >= 0;
}

function isWhole(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}
