// When a full resync is due, by cron expression.
import { createTask, type Logger } from 'node-cron';
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
}

/**
 * A tick only asks for a pass, and passes never overlap, so neither do resyncs. A time that the
 * clocks skip in spring is skipped that day.
 */
export function scheduleResync({ cron, timezone }: ResyncSchedule, deps: ScheduleDeps): Running {
  if (cron === null) return { stop: async () => {} };
  const task = createTask(cron, deps.onDue, {
    name: 'resync',
    logger: logTo(deps.onWarning),
    ...(timezone !== null && { timezone }),
  });
  void task.start();
  return { stop: async () => task.destroy() };
}

function logTo(onWarning: (message: string) => void): Logger {
  const warn = (message: string | Error) =>
    onWarning(message instanceof Error ? message.message : message);
  return { info: () => {}, debug: () => {}, warn, error: warn };
}
