// All clock changes of 2026 and 2027 as the IANA database has them: Berlin 2026-10-25 and 2027-03-28 at
// 01:00 UTC, New York 2026-11-01 at 06:00 and 2027-03-14 at 07:00 UTC, Lord Howe (by 30 minutes)
// 2026-04-04 at 15:00 and 2026-10-03 at 15:30 UTC. Kathmandu is 5:45 ahead all year.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openTimeZone } from '../../../src/sync/loop/time-zone.ts';
import { openTimetable } from '../../../src/sync/loop/timetable.ts';
import { law } from '../../support/law.ts';
import { few } from '../../support/soak.ts';

const berlin = 'Europe/Berlin';
const newYork = 'America/New_York';
const lordHowe = 'Australia/Lord_Howe';
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** The next times from a moment on, in UTC: `day hour:minute`, or the hour and minute where the day is as before. */
function nextTimes(cron: string, zone: string, from: string, count: number): string {
  const timetable = openTimetable(cron, openTimeZone(zone));
  const times: string[] = [];
  for (let ms = Date.parse(from); times.length < count; ) {
    ms = timetable.nextAfter(ms) ?? Number.NaN;
    if (Number.isNaN(ms)) break;
    times.push(new Date(ms).toISOString());
  }
  let day = '';
  return times
    .map((time) => {
      const isSameDay = time.slice(0, 10) === day;
      day = time.slice(0, 10);
      const clock = time.slice(11, time.endsWith(':00.000Z') ? 16 : 19);
      return isSameDay ? clock : `${day.slice(5)} ${clock}`;
    })
    .join(' ');
}

test.each<[what: string, cron: string, zone: string, from: string, times: string]>([
  // Autumn: what is due in every hour goes on through both of the equal ones.
  ['each minute', '* * * * *', berlin, '2026-10-24T23:58:30Z', '10-24 23:59 10-25 00:00 00:01'],
  ['each minute', '* * * * *', berlin, '2026-10-25T00:58:30Z', '10-25 00:59 01:00 01:01'],
  ['each second', '* * * * * *', berlin, '2026-10-25T00:59:58Z', '10-25 00:59:59 01:00 01:00:01'],
  ['ten minutes', '*/10 * * * *', berlin, '2026-10-24T23:45:00Z', '10-24 23:50 10-25 00:00 00:10'],
  ['ten minutes', '*/10 * * * *', berlin, '2026-10-25T00:55:00Z', '10-25 01:00 01:10 01:20'],
  ['hourly', '0 * * * *', berlin, '2026-10-24T22:30:00Z', '10-24 23:00 10-25 00:00 01:00 02:00'],
  ['hourly', '30 * * * *', berlin, '2026-10-25T00:20:00Z', '10-25 00:30 01:30 02:30'],
  ['hourly, by list', '5 0-23 * * *', berlin, '2026-10-25T00:00:00Z', '10-25 00:05 01:05 02:05'],
  [
    'hourly on Sundays',
    '0 * * * SUN',
    berlin,
    '2026-10-24T21:30:00Z',
    '10-24 22:00 23:00 10-25 00:00 01:00',
  ],
  ['hourly', '15 * * * *', newYork, '2026-11-01T05:00:00Z', '11-01 05:15 06:15 07:15'],
  [
    'half-hourly',
    '*/30 * * * *',
    lordHowe,
    '2026-04-04T14:10:00Z',
    '04-04 14:30 15:00 15:30 16:00',
  ],
  [
    'hourly, late in the hour',
    '45 * * * *',
    lordHowe,
    '2026-04-04T14:00:00Z',
    '04-04 14:45 15:15 16:15',
  ],
  // 02:00 comes half an hour late, so that the pace asks for one at the change.
  ['hourly', '0 * * * *', lordHowe, '2026-04-04T13:30:00Z', '04-04 14:00 15:00 15:30 16:30'],
  // Autumn: a certain hour comes once, the first time.
  ['at 2:30', '30 2 * * *', berlin, '2026-10-24T12:00:00Z', '10-25 00:30 10-26 01:30'],
  ['at 2:30, from between the two', '30 2 * * *', berlin, '2026-10-25T00:45:00Z', '10-26 01:30'],
  ['at 2:30, from within the second', '30 2 * * *', berlin, '2026-10-25T01:10:00Z', '10-26 01:30'],
  ['at 3:00', '0 3 * * *', berlin, '2026-10-24T12:00:00Z', '10-25 02:00 10-26 02:00'],
  [
    'within an hour',
    '*/20 2 * * *',
    berlin,
    '2026-10-24T23:50:00Z',
    '10-25 00:00 00:20 00:40 10-26 01:00',
  ],
  [
    'every other hour',
    '0 */2 * * *',
    berlin,
    '2026-10-24T21:30:00Z',
    '10-24 22:00 10-25 00:00 03:00',
  ],
  ['at 1:30', '30 1 * * *', newYork, '2026-11-01T00:00:00Z', '11-01 05:30 11-02 06:30'],
  ['at 1:45', '45 1 * * *', lordHowe, '2026-04-04T12:00:00Z', '04-04 14:45 04-05 15:15'],
  // Spring: what is due in every hour goes on at its pace.
  ['each minute', '* * * * *', berlin, '2027-03-28T00:58:30Z', '03-28 00:59 01:00 01:01'],
  ['ten minutes', '*/10 * * * *', berlin, '2027-03-28T00:45:00Z', '03-28 00:50 01:00 01:10'],
  ['hourly', '5 * * * *', berlin, '2027-03-28T00:00:00Z', '03-28 00:05 01:05 02:05'],
  ['hourly', '15 * * * *', newYork, '2027-03-14T06:00:00Z', '03-14 06:15 07:15 08:15'],
  ['half-hourly', '*/30 * * * *', lordHowe, '2026-10-03T14:40:00Z', '10-03 15:00 15:30 16:00'],
  ['hourly', '0 * * * *', lordHowe, '2026-10-03T14:00:00Z', '10-03 14:30 15:30 16:00 17:00'],
  [
    'hourly, late in the hour',
    '45 * * * *',
    lordHowe,
    '2026-10-03T15:00:00Z',
    '10-03 15:15 15:45 16:45',
  ],
  // Spring: a certain hour that is skipped is made up for once, right after the change.
  ['at 2:30', '30 2 * * *', berlin, '2027-03-27T12:00:00Z', '03-28 01:00 03-29 00:30'],
  ['at 2:30, from after the change', '30 2 * * *', berlin, '2027-03-28T01:00:00Z', '03-29 00:30'],
  ['at 3:00', '0 3 * * *', berlin, '2027-03-27T12:00:00Z', '03-28 01:00 03-29 01:00'],
  [
    'at 2:00 and 3:00',
    '0 2,3 * * *',
    berlin,
    '2027-03-27T12:00:00Z',
    '03-28 01:00 03-29 00:00 01:00',
  ],
  [
    'within an hour',
    '*/20 2 * * *',
    berlin,
    '2027-03-27T12:00:00Z',
    '03-28 01:00 03-29 00:00 00:20',
  ],
  [
    'at 2:30 on other days',
    '30 2 * * MON',
    berlin,
    '2027-03-27T12:00:00Z',
    '03-29 00:30 04-05 00:30',
  ],
  ['at 2:30', '30 2 * * *', newYork, '2027-03-14T00:00:00Z', '03-14 07:00 03-15 06:30'],
  ['at 2:15', '15 2 * * *', lordHowe, '2026-10-03T12:00:00Z', '10-03 15:30 10-04 15:15'],
  ['at 2:45', '45 2 * * *', lordHowe, '2026-10-03T12:00:00Z', '10-03 15:45 10-04 15:45'],
  [
    'at midnight, which Cairo skips',
    '0 0 * * *',
    'Africa/Cairo',
    '2026-04-23T00:00:00Z',
    '04-23 22:00 04-24 21:00',
  ],
  [
    'at 6:00, on a day that Samoa skipped',
    '0 6 * * *',
    'Pacific/Apia',
    '2011-12-29T00:00:00Z',
    '12-29 16:00 12-30 10:00 16:00',
  ],
  // Zones without changes, and days that are rare.
  ['at 6:00', '0 6 * * *', 'Asia/Kathmandu', '2026-03-01T08:00:00Z', '03-02 00:15 03-03 00:15'],
  ['hourly', '0 * * * *', 'Asia/Kathmandu', '2026-03-01T08:00:00Z', '03-01 08:15 09:15'],
  ['at 2:30', '30 2 * * *', 'UTC', '2026-10-25T00:00:00Z', '10-25 02:30 10-26 02:30'],
  ['from just before', '0 6 * * *', 'UTC', '2026-03-01T05:59:59.999Z', '03-01 06:00'],
  ['from exactly then', '0 6 * * *', 'UTC', '2026-03-01T06:00:00Z', '03-02 06:00'],
  ['from just after', '0 6 * * *', 'UTC', '2026-03-01T06:00:00.001Z', '03-02 06:00'],
  ['on a leap day', '0 0 29 2 *', newYork, '2026-03-01T00:00:00Z', '02-29 05:00 02-29 05:00'],
  [
    'on the last Friday of a month',
    '0 0 * * 5L',
    'UTC',
    '2026-03-01T00:00:00Z',
    '03-27 00:00 04-24 00:00',
  ],
  [
    'on the last day of a month',
    '0 0 L * *',
    'UTC',
    '2026-02-01T00:00:00Z',
    '02-28 00:00 03-31 00:00',
  ],
  [
    'in the west, late on the day before',
    '0 23 1 1 *',
    'Pacific/Pago_Pago',
    '2026-01-02T09:00:00Z',
    '01-02 10:00 01-02 10:00',
  ],
  [
    'in the east, on the day after',
    '0 1 1 1 *',
    'Pacific/Kiritimati',
    '2025-12-31T00:00:00Z',
    '12-31 11:00 12-31 11:00',
  ],
  ['never', '0 0 31W 2 *', 'UTC', '2026-03-01T00:00:00Z', ''],
])('%s (%s) in %s from %s: %s', (...row) => {
  const [, cron, zone, from, times] = row;
  const count = times.split(' ').filter((part) => part.includes(':')).length;
  expect(nextTimes(cron, zone, from, count || 1)).toBe(times);
});

const changes = [
  [berlin, '2026-10-25T01:00:00Z'],
  [berlin, '2027-03-28T01:00:00Z'],
  [newYork, '2026-11-01T06:00:00Z'],
  [newYork, '2027-03-14T07:00:00Z'],
  [lordHowe, '2026-04-04T15:00:00Z'],
  [lordHowe, '2026-10-03T15:30:00Z'],
] as const;

describe('around each change', () => {
  test.each(changes)('in %s at %s every minute has its time', (zone, change) => {
    const timetable = openTimetable('* * * * *', openTimeZone(zone));
    const changeMs = Date.parse(change);
    for (let ms = changeMs - 180 * minuteMs; ms < changeMs + 180 * minuteMs; ms += minuteMs) {
      expect(timetable.nextAfter(ms)).toBe(ms + minuteMs);
    }
  });

  test.each(changes)(
    'in %s at %s no pause is longer than an hourly pace allows',
    (zone, change) => {
      for (let minute = 0; minute < 60; minute += few(7, { soak: 1 })) {
        const timetable = openTimetable(`${minute} * * * *`, openTimeZone(zone));
        let ms = Date.parse(change) - 5 * 60 * minuteMs;
        for (const endMs = ms + 10 * 60 * minuteMs; ms < endMs; ) {
          const next = timetable.nextAfter(ms) ?? Number.NaN;
          expect(next - ms, `minute ${minute}`).toBeLessThanOrEqual(60 * minuteMs);
          ms = next;
        }
      }
    },
  );

  test.each(changes)('in %s at %s each time of day comes once a day', (zone, change) => {
    const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone });
    for (let minute = 0; minute < 24 * 60; minute += few(35, { soak: 15 })) {
      const cron = `${minute % 60} ${Math.floor(minute / 60)} * * *`;
      const timetable = openTimetable(cron, openTimeZone(zone));
      const days: string[] = [];
      let ms = Date.parse(change) - 2 * dayMs;
      for (let times = 0; times < 4; times += 1) {
        ms = timetable.nextAfter(ms) ?? Number.NaN;
        days.push(format.format(ms));
      }
      expect(new Set(days).size, cron).toBe(4);
      const [first = '', , , last = ''] = days;
      expect(Date.parse(last) - Date.parse(first), cron).toBe(3 * dayMs);
    }
  });
});

describe('from wherever it is asked', () => {
  const cron = fc.constantFrom(
    '*/10 * * * *',
    '0 * * * *',
    '30 2 * * *',
    '*/20 1-3 * * *',
    '15 */2 * * SUN',
  );
  const moment = fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -300, max: 300 }))
    .map(([[zone, change], minutes]) => [zone, Date.parse(change) + minutes * minuteMs] as const);
  law.prop([cron, moment])('the next time is the same as seen from the one before', (text, at) => {
    const [zone, ms] = at;
    const timetable = openTimetable(text, openTimeZone(zone));
    let before = timetable.nextAfter(ms - 8 * dayMs) ?? Number.NaN;
    for (;;) {
      const next = timetable.nextAfter(before) ?? Number.NaN;
      expect(next).toBeGreaterThan(before);
      if (next > ms) break;
      before = next;
    }
    expect(timetable.nextAfter(ms)).toBe(timetable.nextAfter(Math.min(before, ms)));
  });
});
