// When a cron expression is due. node-cron reads the expression and knows its days; the instants are
// found here, since it leaves out one of two equal hours in autumn and what a spring night skips.
import { createTask, parse, type ScheduledTask } from 'node-cron';
import { nextChange, type TimeZone } from './time-zone.ts';

export interface Timetable {
  /** The first instant after this one, in milliseconds, or null where there is none in a century. */
  nextAfter(instantMs: number): number | null;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const horizonMs = 100 * 366 * dayMs;

/**
 * The rules are those of cron on Debian: an expression that is due in every hour goes on at its pace while
 * the clocks change. One of certain hours is due once where these come twice, at the first of the two, and
 * right after the change where they are skipped.
 *
 * Wall time is what a clock on the wall reads: milliseconds as if it were UTC.
 */
export function openTimetable(cron: string, zone: TimeZone): Timetable {
  const expression = readExpression(cron);
  return {
    nextAfter(instantMs) {
      // Far ahead in most cases of days that are rare. No zone is a day away from UTC.
      const nearWallMs = expression.nextWall(instantMs - dayMs, instantMs + horizonMs);
      if (nearWallMs === null) return null;
      // Earlier than asked for: a change just before decides what counts as seen.
      let fromMs = Math.max(instantMs, nearWallMs) - dayMs;
      let seenWallMs = Number.NEGATIVE_INFINITY;
      for (; fromMs < instantMs + horizonMs; ) {
        const offset = zone.offsetAt(fromMs);
        const changeMs = nextChange(zone, fromMs, fromMs + dayMs);
        const endMs = changeMs ?? fromMs + dayMs;
        const afterMs = Math.max(fromMs, instantMs + 1);
        const wallMs = expression.nextWall(Math.max(afterMs + offset, seenWallMs), endMs + offset);
        if (wallMs !== null) return wallMs - offset;
        if (changeMs !== null) {
          const change = { wallMs: changeMs + offset, shiftMs: zone.offsetAt(changeMs) - offset };
          if (changeMs > instantMs && isDueAt(change, expression)) return changeMs;
          if (!expression.isOfEveryHour) seenWallMs = Math.max(seenWallMs, change.wallMs);
        }
        fromMs = endMs;
      }
      return null;
    },
  };
}

interface ClockChange {
  /** The wall time at that instant, if the clocks were left alone. */
  readonly wallMs: number;
  /** How far they are set ahead, or, below zero, back. */
  readonly shiftMs: number;
}

/** Whether what the clocks would have come to has to be made up for at once. */
function isDueAt({ wallMs, shiftMs }: ClockChange, expression: Expression): boolean {
  // Whole hours leave the minutes of every hour where they are.
  const isLost = expression.isOfEveryHour ? shiftMs % hourMs !== 0 : shiftMs > 0;
  return isLost && expression.nextWall(wallMs, wallMs + Math.abs(shiftMs)) !== null;
}

interface Expression {
  readonly isOfEveryHour: boolean;
  /** The first match from `fromMs` on and before `endMs`, in wall time. */
  nextWall(fromMs: number, endMs: number): number | null;
}

function readExpression(cron: string): Expression {
  const { second, minute, hour, dayOfMonth, month, dayOfWeek } = parse(cron);
  const [seconds, minutes, hours] = [second, minute, hour].map(ascending);
  const times = { seconds, minutes, hours } as TimesOfDay;
  const midnights = midnightsOf(
    [dayOfMonth, month, dayOfWeek].map((values) => values.join(',')).join(' '),
  );
  return {
    isOfEveryHour: times.hours.length === 24,
    nextWall(fromMs, endMs) {
      for (let day = Math.floor(fromMs / dayMs); day * dayMs < endMs; day += 1) {
        if (!midnights.match(new Date(day * dayMs))) continue;
        const timeMs = firstTime(times, fromMs - day * dayMs);
        if (timeMs === null) continue;
        const wallMs = day * dayMs + timeMs;
        return wallMs < endMs ? wallMs : null;
      }
      return null;
    },
  };
}

/** Many accounts have their resyncs on the same days. */
const known = new Map<string, Pick<ScheduledTask, 'match'>>();

function midnightsOf(days: string): Pick<ScheduledTask, 'match'> {
  const before = known.get(days);
  if (before !== undefined) return before;
  // Never started: it only tells whether a day is one of them.
  const midnights = createTask(`0 0 0 ${days}`, () => {}, { timezone: 'UTC' });
  void midnights.destroy();
  known.set(days, midnights);
  return midnights;
}

interface TimesOfDay {
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly seconds: readonly number[];
}

/** The first time of day that is not earlier, in milliseconds since midnight. */
function firstTime({ hours, minutes, seconds }: TimesOfDay, fromMs: number): number | null {
  for (const hour of hours) {
    if ((hour + 1) * hourMs <= fromMs) continue;
    for (const minute of minutes) {
      const minuteMs = hour * hourMs + minute * 60_000;
      if (minuteMs + 60_000 <= fromMs) continue;
      const second = seconds.find((one) => minuteMs + one * 1000 >= fromMs);
      if (second !== undefined) return minuteMs + second * 1000;
    }
  }
  return null;
}

function ascending(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
