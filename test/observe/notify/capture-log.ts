import { createLog, type Log } from '../../../src/base/log.ts';

/** A log, and its lines without their times. */
export function captureLog() {
  const written: string[] = [];
  const log: Log = createLog(
    { write: (line: string) => void written.push(line) },
    { level: 'debug', format: 'json', colour: false },
  );
  const lines = () =>
    written.map((line) => {
      const { time: _, ...rest } = JSON.parse(line) as Record<string, unknown>;
      return rest;
    });
  return { log, lines };
}
