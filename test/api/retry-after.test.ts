import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRetryAfter, retryAfterCapMs } from '../../src/api/retry-after.ts';
import { law } from '../support/law.ts';

const now = new Date('2026-03-01T12:00:00.500Z');

test.each([
  ['0', 0],
  ['120', 120_000],
  [' 7 ', 7_000],
  ['99999999', retryAfterCapMs],
  ['999999999', retryAfterCapMs],
  ['9'.repeat(400), retryAfterCapMs],
  ['1772366430', 29_500],
  ['1772366430250', 29_750],
  ['1772366400', 0],
  ['1772373600', retryAfterCapMs],
  ['Sun, 01 Mar 2026 12:00:30 GMT', 29_500],
  ['Sunday, 01-Mar-26 12:00:30 GMT', 29_500],
  ['Sun Mar  1 12:00:30 2026', 29_500],
  ['Sun, 01 Mar 2026 12:00:60 GMT', 59_500],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
  ['Wed, 01 Mar 2090 12:00:00 GMT', retryAfterCapMs],
  // 2076 is 50 years ahead, 2077 is more: that is 1977.
  ['Sunday, 01-Mar-76 12:00:00 GMT', retryAfterCapMs],
  ['Tuesday, 01-Mar-77 12:00:00 GMT', 0],
  ['', null],
  ['-5', null],
  ['+5', null],
  ['1.5', null],
  ['1e3', null],
  ['soon', null],
  ['2026-03-01T12:00:30Z', null],
  ['Sun, 1 Mar 2026 12:00:30 GMT', null],
  ['Sun, 31 Feb 2026 12:00:30 GMT', null],
  ['Sun, 01 Mar 2026 24:00:00 GMT', null],
  ['Sun, 01 Mar 2026 12:60:00 GMT', null],
  ['Sun, 01 Mar 2026 12:00:30 CET', null],
  ['sun, 01 mar 2026 12:00:30 gmt', null],
  ['Sun, 01 Mar 2026 12:00:30 GMT, 7', null],
])('%j means %s', (header, waitMs) => {
  expect(parseRetryAfter(header, now)).toBe(waitMs);
});

test('two digits reach into the next century when that is near', () => {
  const newYear = new Date('2099-12-31T23:59:30Z');
  expect(parseRetryAfter('Friday, 01-Jan-00 00:00:00 GMT', newYear)).toBe(30_000);
});

law.prop([fc.string()])('is a wait within the cap, or null, for every text', (header) => {
  const waitMs = parseRetryAfter(header, now);
  expect(waitMs === null || (waitMs >= 0 && waitMs <= retryAfterCapMs)).toBe(true);
});

const seconds = fc.integer({ min: -7_200, max: 7_200 });
const years = { min: new Date('1975-01-01Z'), max: new Date('2140-01-01Z'), noInvalidDate: true };

law.prop([fc.date(years), seconds])('all three forms of one date agree', (from, ahead) => {
  const start = new Date(Math.floor(from.getTime() / 1000) * 1000);
  const date = new Date(start.getTime() + ahead * 1000);
  const expected = Math.min(Math.max(ahead * 1000, 0), retryAfterCapMs);
  for (const header of [imfFixdate(date), rfc850(date), asctime(date)]) {
    expect(parseRetryAfter(header, start), header).toBe(expected);
  }
});

const imfFixdate = (date: Date) => date.toUTCString();

function rfc850(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(/,? /);
  const weekday = date.toLocaleDateString('en-GB', { weekday: 'long', timeZone: 'UTC' });
  return `${weekday}, ${day}-${month}-${year?.slice(-2)} ${time} GMT`;
}

function asctime(date: Date): string {
  const [weekday, day, month, year, time] = date.toUTCString().split(/,? /);
  return `${weekday} ${month} ${day?.replace(/^0/, ' ')} ${time} ${year}`;
}
