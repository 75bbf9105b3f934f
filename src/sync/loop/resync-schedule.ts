// When a full resync is due, by cron expression.
import type { Clock } from '../../base/clock.ts';
import type { Ticker } from '../../base/ticker.ts';
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
  readonly onBug: (error: unknown) => void;
  readonly clock: Clock;
  readonly ticker: Ticker;
}

/** Further than a clock that is merely corrected ever moves. */
const leapMs = 30_000;

/**
 * A tick only asks for a pass, and passes never overlap, so neither do resyncs. Once the wall clock has
 * leapt (it was set, or the machine slept) one comes at once, and the schedule begins anew; ticks that
 * were missed for another reason are one.
 */
export function scheduleResync({ cron, timezone }: ResyncSchedule, deps: ScheduleDeps): Running {
  if (cron === null) return { stop: async () => {} };
  const { onDue, onPlanned, onBug, clock, ticker } = deps;
  const timetable = openTimetable(cron, openTimeZone(timezone));
  const plan = (afterMs: number) => {
    const next = timetable.nextAfter(afterMs);
    onPlanned(next === null ? null : new Date(next));
    return next ?? Number.POSITIVE_INFINITY;
  };
  const nowMs = () => clock.now().getTime();
  const aheadMs = () => nowMs() - clock.monotonicMs();
  const stopping = new AbortController();
  let beforeMs = aheadMs();
  let nextMs = plan(nowMs());
  const comeDue = (hasLeapt: boolean) => {
    onDue();
    // A clock that is set back by seconds comes to the same tick again.
    nextMs = plan(hasLeapt ? nowMs() : Math.max(nowMs(), nextMs));
  };
  /** Milliseconds until one is due. */
  const look = () => {
    const hasLeapt = Math.abs(beforeMs - aheadMs()) > leapMs;
    beforeMs = aheadMs();
    if (hasLeapt || nowMs() >= nextMs) comeDue(hasLeapt);
    return nextMs - nowMs();
  };
  let looking: Promise<void> | null = null;
  // The clock may be set meanwhile, so that it is looked at again and again.
  const keep = async () => {
    const leftMs = look();
    if (leftMs > ticker.everyMs) return;
    await clock.sleep(Math.max(1, leftMs), stopping.signal);
    if (!stopping.signal.aborted) look();
  };
  const keepOnce = () => {
    looking ??= keep().finally(() => {
      looking = null;
    });
    return looking;
  };
  const leave = ticker.each(keepOnce, onBug);
  void keepOnce().catch(onBug);
  return {
    async stop() {
      leave();
      stopping.abort();
      await looking?.catch(() => {});
    },
  };
}
