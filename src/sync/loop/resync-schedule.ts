// When a full resync is due, by cron expression.
import type { Clock } from '../../base/clock.ts';
import type { Running } from './loop-types.ts';
import { openTimeZone } from './time-zone.ts';
import { openTimetable } from './timetable.ts';

export interface ResyncSchedule {
  /** Null: never. */
  readonly cron: string | null;
  /** IANA zone, or null for the system's. */
  readonly timezone: string | null;
}

export interface ScheduleDeps {
  readonly onDue: () => void;
  /** At the start, and each time when one is due: when the next one is, or null for never again. */
  readonly onPlanned: (next: Date | null) => void;
  readonly clock: Clock;
}

const lookMs = 1000;
/** Further than a clock that is merely corrected ever moves. */
const leapMs = 30_000;

/**
 * A tick only asks for a pass, and passes never overlap, so neither do resyncs. Once the wall clock has
 * leapt (it was set, or the machine slept) one comes at once, and the schedule begins anew; ticks that
 * were missed for another reason are one.
 */
export function scheduleResync({ cron, timezone }: ResyncSchedule, deps: ScheduleDeps): Running {
  if (cron === null) return { stop: async () => {} };
  const { onDue, onPlanned, clock } = deps;
  const timetable = openTimetable(cron, openTimeZone(timezone));
  const plan = (afterMs: number) => {
    const next = timetable.nextAfter(afterMs);
    onPlanned(next === null ? null : new Date(next));
    return next ?? Number.POSITIVE_INFINITY;
  };
  const nowMs = () => clock.now().getTime();
  const aheadMs = () => nowMs() - clock.monotonicMs();
  const stopping = new AbortController();
  const keep = async () => {
    let nextMs = plan(nowMs());
    for (let beforeMs = aheadMs(); !stopping.signal.aborted; ) {
      // The clock may be set meanwhile, so that it is looked at again and again.
      await clock.sleep(Math.min(lookMs, Math.max(1, nextMs - nowMs())), stopping.signal);
      if (stopping.signal.aborted) return;
      const hasLeapt = Math.abs(beforeMs - aheadMs()) > leapMs;
      beforeMs = aheadMs();
      if (!hasLeapt && nowMs() < nextMs) continue;
      onDue();
      // A clock that is set back by seconds comes to the same tick again.
      nextMs = plan(hasLeapt ? nowMs() : Math.max(nowMs(), nextMs));
    }
  };
  const keeping = keep();
  return {
    async stop() {
      stopping.abort();
      await keeping;
    },
  };
}
