// The value of an option, from its text. Each throws an Error whose message says what was expected.
import { validateDetailed } from 'node-cron';
import { type ChangeLimit, parseChangeLimit } from './change-limit.ts';
import { parseRate, type Rate } from './rate.ts';

export function nonEmpty(what: string) {
  return (text: string): string => {
    if (text.trim() === '') throw new Error(what);
    return text;
  };
}

export function wholeNumber(from: number, to: number) {
  return (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= from && value <= to)) throw new Error(`a whole number from ${from} to ${to}`);
    return value;
  };
}

export function oneOf<Name extends string>(names: readonly Name[]) {
  return (text: string): Name => {
    const found = names.find((name) => name === text);
    if (found === undefined) throw new Error(`one of ${names.join(', ')}`);
    return found;
  };
}

/** Codes of problems, with commas between; `none` for none. Which there are, the model knows. */
export function readCodes(text: string): readonly string[] {
  if (text === 'none') return [];
  const codes = text.split(',').map((code) => code.trim());
  if (codes.some((code) => !/^[a-z0-9-]+$/.test(code))) {
    throw new Error('codes of warnings such as low-contrast, with commas between, or none');
  }
  return codes;
}

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

export function readRate(text: string): Rate {
  const rate = parseRate(text);
  if (rate === null) {
    throw new Error('a count per second, minute or hour, such as 5/s, 300/m or 1000/h');
  }
  return rate;
}

export function readChangeLimit(text: string): ChangeLimit | null {
  if (text === 'off') return null;
  if (text === 'auto') return { unit: 'auto' };
  const limit = parseChangeLimit(text);
  if (limit === null) {
    throw new Error(
      'a number of widgets from 1, such as 25, a share above 0% and up to 100%, such as 10%, auto or off',
    );
  }
  return limit;
}

const leastKept = 1024 ** 2;
const sizeUnits: Record<string, number> = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** In bytes; null for `all`. */
export function readKeptSize(text: string): number | null {
  if (text === 'all') return null;
  const [, amount, unit = ''] = /^(\d{1,9})([KMG]iB)$/.exec(text) ?? [];
  const bytes = Number(amount) * (sizeUnits[unit] ?? Number.NaN);
  if (!(bytes >= leastKept)) throw new Error('a size of at least 1MiB, such as 64MiB, or all');
  return bytes;
}

/** In milliseconds since 1970. A duration is so long before `nowMs`. */
export function readMoment(nowMs: number) {
  return (text: string): number => {
    const [, amount, unit] = /^(\d+(?:\.\d+)?)(s|m|h|d|w)$/.exec(text) ?? [];
    const agoMs = Number(amount) * (agoUnitMs[unit ?? ''] ?? Number.NaN);
    const ms = isoMoment.test(text) ? Date.parse(text) : nowMs - agoMs;
    if (Math.abs(ms) <= latestMs) return ms;
    throw new Error(
      'a time such as 2026-03-01 or 2026-03-01T08:00Z, or how long ago, such as 2h or 3d',
    );
  };
}

/** RFC 3339, also without seconds; a day alone is its beginning. All in UTC unless an offset says otherwise. */
const isoMoment = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/;
const latestMs = Date.UTC(9999, 11, 31);
const agoUnitMs: Record<string, number> = { ...unitMs, d: 86_400_000, w: 7 * 86_400_000 };

/** In milliseconds, of days too. */
export function parseAge(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,6})(s|m|h|d|w)$/.exec(text) ?? [];
  const ms = Number(amount) * (agoUnitMs[unit] ?? Number.NaN);
  if (!(ms > 0)) throw new Error('an age such as 90m, 24h or 7d');
  return ms;
}

const aDuration = 'a duration of at most a day, such as 500ms, 30s or 2m';

export function parseDuration(text: string): number {
  const ms = durationMs(text);
  if (ms === null) throw new Error(aDuration);
  return ms;
}

/** Null for `auto`. */
export function parsePollInterval(text: string): number | null {
  const ms = durationMs(text);
  if (ms === null && text !== 'auto') throw new Error(`${aDuration}, or auto`);
  return ms;
}

/** A directory, or null for `auto`. */
export function parseRoot(text: string): string | null {
  if (text.trim() === '') throw new Error('a directory, or auto');
  return text === 'auto' ? null : text;
}

/** The path of a file, or null for `none`. */
export function parseAccounts(text: string): string | null {
  if (text.trim() === '') throw new Error('a file of accounts, or none');
  return text === 'none' ? null : text;
}

/** The path of a file, or null for `none`. */
export function parseNotify(text: string): string | null {
  if (text.trim() === '') throw new Error('a file of targets, or none');
  return text === 'none' ? null : text;
}

/** Milliseconds, or null for `off`. */
export function parseNotifyAgain(text: string): number | null {
  const ms = durationMs(text);
  if (text !== 'off' && (ms === null || ms < 60_000)) {
    throw new Error('a duration from a minute to a day, such as 30m or 24h, or off');
  }
  return ms;
}

function durationMs(text: string): number | null {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(amount) * (unitMs[unit ?? ''] ?? Number.NaN);
  return ms >= 1 && ms <= 24 * 3_600_000 ? ms : null;
}

/** A cron expression as node-cron reads it, or null for `off`. */
export function parseResync(text: string): string | null {
  if (text === 'off') return null;
  const { valid, errors } = validateDetailed(text);
  if (valid) return text;
  const why = errors.map((error) => error.message).join('; ');
  throw new Error(`a cron expression such as "0 * * * *", or off (${why})`);
}

/**
 * An IANA time zone, or null for the system's. Node 22 and later accept offsets such as `+02:00` too,
 * which know no summer time and would mean something else on Node 20.
 */
export function parseTimezone(text: string): string | null {
  if (text === 'system') return null;
  const resolved = /^[+-]/.test(text) ? null : resolveTimezone(text);
  if (resolved === null) throw new Error('an IANA time zone such as Europe/Paris, or system');
  // Only its letters' case is mended: ICU would call Asia/Kolkata by a name that it had once.
  return resolved.toLowerCase() === text.toLowerCase() ? resolved : text;
}

function resolveTimezone(text: string): string | null {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

/** Null for none. */
export function parsePooler(text: string): string | null {
  if (text === 'none') return null;
  const [, port] = /^(?:[^\s:@/]+|\[[\da-fA-F:]+\]):(\d{1,5})$/.exec(text) ?? [];
  const isPort = port !== undefined && Number(port) > 0 && Number(port) < 65_536;
  if (!isPort) throw new Error('a host and a port such as pooler.internal:6432, or none');
  return text;
}
