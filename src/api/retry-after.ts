// How long the API asks everyone to wait: RFC 9110, section 10.2.3. Pure; never trusts the header
// beyond an hour.

/**
 * The longest wait that is believed. A wrong clock or a mistaken year must not stop the worker for
 * days; where the API means it, asking again once an hour costs one request.
 */
export const retryAfterCapMs = 60 * 60 * 1000;

/**
 * Numbers from here on are no wait but a point in time, in seconds or, from a thousand times that on,
 * milliseconds since 1970: so the likes of `X-RateLimit-Reset` are given, by some under this name too.
 */
const firstTimestamp = 1_000_000_000;

/** Milliseconds from `now`, at most the cap; 0 for a date that has passed, null for anything else. */
export function parseRetryAfter(header: string, now: Date): number | null {
  const text = header.trim();
  const waitMs = /^\d+$/.test(text) ? fromNumber(Number(text), now) : untilDate(text, now);
  return waitMs === null ? null : Math.min(Math.max(waitMs, 0), retryAfterCapMs);
}

function fromNumber(value: number, now: Date): number {
  if (value < firstTimestamp) return value * 1000;
  return (value < firstTimestamp * 1000 ? value * 1000 : value) - now.getTime();
}

function untilDate(text: string, now: Date): number | null {
  const date = parseHttpDate(text, now);
  return date === null ? null : date - now.getTime();
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const time = String.raw`(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)`;
const month = `(?<month>${months.join('|')})`;
const shortDay = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const longDay = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day';

/** The three forms of RFC 9110, section 5.6.7, all of which a recipient must accept. */
const dateForms = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(String.raw`^${shortDay}, (?<day>\d\d) ${month} (?<year>\d{4}) ${time} GMT$`),
  // Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(String.raw`^${longDay}, (?<day>\d\d)-${month}-(?<year>\d\d) ${time} GMT$`),
  // Sun Nov  6 08:49:37 1994
  new RegExp(String.raw`^${shortDay} ${month} (?<day>\d\d| \d) ${time} (?<year>\d{4})$`),
];

/** Milliseconds since the epoch, or null when the text is not an HTTP-date. */
function parseHttpDate(text: string, now: Date): number | null {
  for (const form of dateForms) {
    const parts = form.exec(text)?.groups;
    if (parts !== undefined) return toTimestamp(parts, now);
  }
  return null;
}

function toTimestamp(parts: { [name: string]: string | undefined }, now: Date): number | null {
  const monthIndex = months.indexOf(parts['month'] ?? '');
  const [day, hour, minute, second] = ['day', 'hour', 'minute', 'second'].map((name) =>
    Number(parts[name]),
  ) as [number, number, number, number];
  // A second of 60 is a leap second, which the grammar allows.
  if (hour > 23 || minute > 59 || second > 60) return null;
  const inYear = (year: number) => Date.UTC(year, monthIndex, day, hour, minute, second);

  const digits = parts['year'] ?? '';
  const year = digits.length === 2 ? fullYear(Number(digits), inYear, now) : Number(digits);
  const midnight = new Date(Date.UTC(year, monthIndex, day));
  // Date.UTC turns 31 February into 3 March.
  return midnight.getUTCDate() === day ? inYear(year) : null;
}

/** Two digits that seem more than 50 years ahead mean the latest past year that ends in them. */
function fullYear(twoDigits: number, inYear: (year: number) => number, now: Date): number {
  const century = Math.floor(now.getUTCFullYear() / 100) * 100;
  const horizon = new Date(now);
  horizon.setUTCFullYear(now.getUTCFullYear() + 50);
  const candidates = [century + 100 + twoDigits, century + twoDigits];
  return candidates.find((year) => inYear(year) <= horizon.getTime()) ?? century - 100 + twoDigits;
}
