import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Ticker } from '../../../src/base/ticker.ts';
import { type ResyncSchedule, scheduleResync } from '../../../src/sync/loop/resync-schedule.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const hourMs = 3_600_000;

let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock(new Date('2026-03-01T08:00:30Z'));
});

const nowMs = () => clock.now().getTime();
const setTo = (time: string) => clock.step(Date.parse(time) - nowMs());

/** The times at which a resync was due. */
function started(schedule: ResyncSchedule) {
  const due: string[] = [];
  const planned: (string | undefined)[] = [];
  const running = scheduleResync(schedule, {
    onDue: () => due.push(clock.now().toISOString().slice(5, 16)),
    onPlanned: (next) => planned.push(next?.toISOString().slice(5, 16)),
    onBug: (error) => expect.unreachable(String(error)),
    clock,
    ticker: new Ticker(clock),
  });
  return { due, planned, running };
}

// Each second of the fake hours costs some real time.
test.each<[string, ResyncSchedule, string[], from?: string]>([
  [
    'every hour, on the hour',
    { cron: '0 * * * *', timezone: 'UTC' },
    ['03-01T09:00', '03-01T10:00', '03-01T11:00'],
  ],
  [
    'at 6 in the morning of Paris',
    { cron: '0 6 * * *', timezone: 'Europe/Paris' },
    ['03-02T05:00'],
    '2026-03-02T03:30:00Z',
  ],
  [
    'at 6 in the morning of Kathmandu, which is a quarter past midnight in UTC',
    { cron: '0 6 * * *', timezone: 'Asia/Kathmandu' },
    ['03-02T00:15'],
    '2026-03-01T22:30:00Z',
  ],
  ['never', { cron: null, timezone: 'UTC' }, []],
])('is due %s', async (_, schedule, expected, from) => {
  if (from !== undefined) setTo(from);
  const { due, planned, running } = started(schedule);
  await clock.advance(3 * hourMs);
  expect(due).toEqual(expected);
  expect(planned.slice(0, -1)).toEqual(expected);
  await running.stop();
});

test('goes on each hour while the clocks go back, and says when it is due next', async () => {
  setTo('2026-10-24T23:55:00Z');
  const { due, planned, running } = started({ cron: '0 * * * *', timezone: 'Europe/Berlin' });
  await clock.advance(3 * hourMs);
  expect(due).toEqual(['10-25T00:00', '10-25T01:00', '10-25T02:00']);
  expect(planned).toEqual([...due, '10-25T03:00']);
  await running.stop();
});

test('follows the clocks of its zone when they change', async () => {
  setTo('2026-03-29T00:30:00Z');
  const { due, planned, running } = started({ cron: '0 6 * * *', timezone: 'Europe/Paris' });
  await clock.advance(4 * hourMs);
  expect(due).toEqual(['03-29T04:00']);
  expect(planned).toEqual([...due, '03-30T04:00']);
  await running.stop();
});

test('is due in the zone of the system where none is named', async () => {
  const { due, running } = started({ cron: '0 * * * *', timezone: null });
  await clock.advance(hourMs);
  expect(due).toHaveLength(1);
  await running.stop();
});

test('stops, and leaves no timer that would keep the process alive', async () => {
  const { due, running } = started({ cron: '0 * * * *', timezone: 'UTC' });
  await clock.advance(hourMs);
  await running.stop();
  await clock.advance(24 * hourMs);
  expect(due).toEqual(['03-01T09:00']);
  expect(clock.sleeping).toBe(0);
});

test.each([
  ['hours', '2026-03-01T12:20:00Z', '0 * * * *'],
  ['half a century', '2076-03-01T12:20:00Z', '* * * * *'],
])(
  'ticks of %s that were slept through are one, at once, and the next ones come',
  async (_, now, cron) => {
    const { due, running } = started({ cron, timezone: 'UTC' });
    await clock.advance(5000);
    const before = due.length;
    setTo(now);
    await clock.advance(5000);
    expect(due).toHaveLength(before + 1);
    await clock.advance(2 * hourMs);
    expect(new Set(due).size).toBe(due.length);
    expect(due.length).toBeGreaterThan(before + 2);
    await running.stop();
  },
);

/** Sets the wall clock, once what is due in the next seconds has been. */
async function step(ms: number): Promise<void> {
  await clock.advance(5000);
  clock.step(ms);
}

describe('a wall clock that is set', () => {
  const hourly = { cron: '0 * * * *', timezone: 'UTC' };

  test.each([
    ['an hour', -hourMs],
    ['a year', -365 * 24 * hourMs],
    ['a little more than a correction', -31_000],
  ])('back by %s makes one due at once, and each later tick once', async (_, ms) => {
    const { due, running } = started(hourly);
    await step(ms);
    // It was waited for until the clock had caught up: for as long as it was set back.
    await clock.advance(5000);
    expect(due).toHaveLength(1);
    const left = hourMs - (nowMs() % hourMs);
    await clock.advance(left + 2 * hourMs);
    expect(due.map((time) => time.slice(-2)).slice(1)).toEqual(['00', '00', '00']);
    expect(new Set(due).size).toBe(4);
    await running.stop();
  });

  test('back again and again makes one due each time, and none in between', async () => {
    const { due, running } = started(hourly);
    for (let times = 1; times <= 5; times += 1) {
      await step(-2 * hourMs);
      await clock.advance(60_000);
      expect(due).toHaveLength(times);
    }
    await running.stop();
    expect(clock.sleeping).toBe(0);
  });

  test.each([
    ['right after a tick', '2026-03-01T09:00:05Z', 5000],
    ['right before a tick', '2026-03-01T08:59:50Z', 30_000],
  ])('back by seconds %s leaves that tick one', async (_, from, afterMs) => {
    const { due, running } = started(hourly);
    await clock.advance(Date.parse(from) - nowMs());
    clock.step(-10_000);
    await clock.advance(afterMs + 30_000);
    expect(due).toEqual(['03-01T09:00']);
    await clock.advance(hourMs);
    expect(due).toEqual(['03-01T09:00', '03-01T10:00']);
    await running.stop();
  });

  test.each([
    ['over a tick', 55 * 60_000],
    ['over many ticks', 20 * hourMs],
    ['by seconds, over a tick', 20_000],
  ])('ahead %s makes none due twice, and the ticks go on', async (_, ms) => {
    const { due, running } = started(hourly);
    await clock.advance(hourMs - 45_000);
    await step(ms);
    const steppedAtMs = nowMs();
    await clock.advance(5 * hourMs);
    expect(new Set(due).size).toBe(due.length);
    const later = due.filter((time) => Date.parse(`2026-${time}Z`) > steppedAtMs + 2 * hourMs);
    expect(later.length).toBeGreaterThanOrEqual(2);
    expect(later.every((time) => time.endsWith(':00'))).toBe(true);
    await running.stop();
  });

  test('says nothing past the log', async () => {
    const said = (['log', 'info', 'warn', 'error', 'debug'] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation(() => {}),
    );
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    const { running } = started(hourly);
    for (const ms of [3 * hourMs, -2 * hourMs, hourMs]) {
      await step(ms);
      await clock.advance(2 * hourMs);
    }
    await running.stop();
    expect(said.flatMap(({ mock }) => mock.calls)).toEqual([]);
  });
});
