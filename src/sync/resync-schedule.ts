// When a full resync is due, by cron expression.
import { createTask, type Logger } from 'node-cron';
import { type Clock, systemClock } from '../clock.ts';
import type { Running } from './loop-types.ts';

export interface ResyncSchedule {
  /** Null: never. */
  readonly cron: string | null;
  /** IANA zone, or null for the system's. */
  readonly timezone: string | null;
}

export interface ScheduleDeps {
  readonly onDue: () => void;
  /** What node-cron has to say, such as a tick that was missed while the machine slept. */
  readonly onWarning: (message: string) => void;
  readonly clock?: Clock;
}

const lookMs = 1000;
/** Further than a clock that is merely corrected ever moves. */
const leapMs = 30_000;

/**
 * A tick only asks for a pass, and passes never overlap, so neither do resyncs. A time that the
 * clocks skip in spring is skipped that day. Once the wall clock has leapt (it was set, or the machine
 * slept) one comes at once, and the schedule begins anew: node-cron would wait until a clock that was
 * set back has caught up, and would walk through every tick that one set ahead has skipped.
 */
export function scheduleResync({ cron, timezone }: ResyncSchedule, deps: ScheduleDeps): Running {
  if (cron === null) return { stop: async () => {} };
  const { onDue, onWarning, clock = systemClock } = deps;
  const start = () => {
    const options = { name: 'resync', logger: logTo(onWarning) };
    const task = createTask(cron, onDue, { ...options, ...(timezone !== null && { timezone }) });
    void task.start();
    return task;
  };
  let task = start();
  const stopping = new AbortController();
  const aheadMs = () => clock.now().getTime() - clock.monotonicMs();
  const watch = async () => {
    for (let beforeMs = aheadMs(); !stopping.signal.aborted; ) {
      await clock.sleep(lookMs, stopping.signal);
      const nowMs = aheadMs();
      const hasLeapt = Math.abs(beforeMs - nowMs) > leapMs && !stopping.signal.aborted;
      beforeMs = nowMs;
      if (!hasLeapt) continue;
      void task.destroy();
      task = start();
      onDue();
    }
  };
  const watching = watch();
  return {
    async stop() {
      stopping.abort();
      await watching;
      await task.destroy();
    },
  };
}

function logTo(onWarning: (message: string) => void): Logger {
  const warn = (message: string | Error) =>
    onWarning(message instanceof Error ? message.message : message);
  return { info: () => {}, debug: () => {}, warn, error: warn };
}
