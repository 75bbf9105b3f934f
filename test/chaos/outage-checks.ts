// One request at a time while the daemon itself says that the service is down. Pure.
import type { Entry } from './journal.ts';
import { atMs, type Past } from './requests-checks.ts';

/** What had leave to start when the outage was noticed has arrived by then. */
const underWayMs = 500;
/** A request that was given up, and a line that was written, are noticed a moment later. */
const noticeMs = 100;

export function checkOutages({ entries, outages }: Past): string[] {
  return outages.flatMap(({ run, fromMs, toMs }) => {
    const tries = entries.filter(
      ({ daemon, request: { startedAtMs } }) =>
        daemon === run && startedAtMs > fromMs + underWayMs && startedAtMs < toMs - noticeMs,
    );
    return tries.flatMap(({ request: { startedAtMs } }, index) =>
      tries.slice(0, index).some((earlier) => endMs(earlier) > startedAtMs)
        ? [`two requests at a time at ${atMs(startedAtMs)} though the service was down`]
        : [],
    );
  });
}

function endMs({ request: { endedAtMs, status } }: Entry): number {
  return (endedAtMs ?? Number.POSITIVE_INFINITY) - (status === null ? noticeMs : 0);
}
