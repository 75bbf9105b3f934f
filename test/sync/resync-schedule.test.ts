import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ResyncSchedule, scheduleResync } from '../../src/sync/resync-schedule.ts';

const hourMs = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-03-01T08:00:30Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The times at which a resync was due. */
function started(schedule: ResyncSchedule) {
  const due: string[] = [];
  const warnings: string[] = [];
  const running = scheduleResync(schedule, {
    onDue: () => due.push(new Date().toISOString().slice(5, 16)),
    onWarning: (message) => warnings.push(message),
  });
  return { due, warnings, running };
}

test.each<[string, ResyncSchedule, string[]]>([
  [
    'every hour, on the hour',
    { cron: '0 * * * *', timezone: 'UTC' },
    ['03-01T09:00', '03-01T10:00', '03-01T11:00'],
  ],
  [
    'at 6 in the morning of Paris',
    { cron: '0 6 * * *', timezone: 'Europe/Paris' },
    ['03-02T05:00'],
  ],
  [
    'at 6 in the morning of Kathmandu, which is a quarter past midnight in UTC',
    { cron: '0 6 * * *', timezone: 'Asia/Kathmandu' },
    ['03-02T00:15'],
  ],
  ['never', { cron: null, timezone: 'UTC' }, []],
])('is due %s', async (_, schedule, expected) => {
  const { due, running, warnings } = started(schedule);
  const hours = schedule.cron === '0 * * * *' ? 3 : 24;
  await vi.advanceTimersByTimeAsync(hours * hourMs);
  expect(due).toEqual(expected);
  expect(warnings).toEqual([]);
  await running.stop();
});

test('follows the clocks of its zone when they change', async () => {
  vi.setSystemTime(new Date('2026-03-28T12:00:00Z'));
  const { due, running } = started({ cron: '0 6 * * *', timezone: 'Europe/Paris' });
  await vi.advanceTimersByTimeAsync(48 * hourMs);
  expect(due).toEqual(['03-29T04:00', '03-30T04:00']);
  await running.stop();
});

test('is due in the zone of the system where none is named', async () => {
  const { due, running } = started({ cron: '0 * * * *', timezone: null });
  await vi.advanceTimersByTimeAsync(hourMs);
  expect(due).toHaveLength(1);
  await running.stop();
});

test('stops, and leaves no timer that would keep the process alive', async () => {
  const { due, running } = started({ cron: '0 * * * *', timezone: 'UTC' });
  await vi.advanceTimersByTimeAsync(hourMs);
  await running.stop();
  await vi.advanceTimersByTimeAsync(24 * hourMs);
  expect(due).toEqual(['03-01T09:00']);
  expect(vi.getTimerCount()).toBe(0);
});

test('a tick that was slept through is told as a warning, and the next one comes', async () => {
  const { due, warnings, running } = started({ cron: '0 * * * *', timezone: 'UTC' });
  await vi.advanceTimersByTimeAsync(60_000);
  vi.setSystemTime(new Date('2026-03-01T12:20:00Z'));
  await vi.advanceTimersByTimeAsync(2 * hourMs);
  expect(warnings).not.toEqual([]);
  expect(due).toContain('03-01T14:00');
  await running.stop();
});
