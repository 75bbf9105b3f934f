// What tests ask of a sandbox: to wait for something by event, and what its log says about rate and overlap.

import { count } from '../../src/base/text.ts';
import type { WidgetId } from '../../src/model/widget.ts';
import type { SandboxRequest } from '../../src/sandbox/request-log.ts';
import type { Sandbox } from '../../src/sandbox/start-sandbox.ts';

/** The n-th of a fixed series of valid version 4 UUIDs; `n` from 0 to 2^32 - 1. */
export function widgetId(n: number): WidgetId {
  const hex = n.toString(16);
  return `${hex.padStart(8, '0')}-0000-4000-8000-${hex.padStart(12, '0')}` as WidgetId;
}

/**
 * Resolves as soon as the condition holds, looked at again whenever a request arrives, was read, or
 * ends. Rejects after `timeoutMs` with the last requests seen.
 */
export function waitFor(
  sandbox: Sandbox,
  condition: (sandbox: Sandbox) => boolean,
  timeoutMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      stopObserving();
      settle();
    };
    const look = () => {
      try {
        if (condition(sandbox)) finish(resolve);
      } catch (error) {
        finish(() => reject(error));
      }
    };
    const timer = setTimeout(() => finish(() => reject(notReached(sandbox, timeoutMs))), timeoutMs);
    const stopObserving = sandbox.observe(look);
    look();
  });
}

function notReached(sandbox: Sandbox, timeoutMs: number): Error {
  const seen = sandbox.requests
    .slice(-20)
    .map(({ method, path, status }) => `  ${method} ${path} → ${status ?? 'no answer'}`);
  return new Error(
    [
      `The sandbox did not get there within ${timeoutMs} ms; ${count(sandbox.requests.length, 'request')} seen:`,
      ...seen,
    ].join('\n'),
  );
}

/** The most starts in any half-open window `[t, t + windowMs)`, wherever it begins. */
export function maxStartsInWindow(
  requests: readonly Pick<SandboxRequest, 'startedAtMs'>[],
  windowMs: number,
): number {
  const starts = requests.map((request) => request.startedAtMs).sort((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (const [last, startedAtMs] of starts.entries()) {
    while (startedAtMs - (starts[first] ?? startedAtMs) >= windowMs) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

type Flight = Pick<SandboxRequest, 'widgetId' | 'startedAtMs' | 'endedAtMs'>;

/** The most requests for any one widget that were in flight at the same moment; 0 where there were none. */
export function maxInFlightPerWidget(requests: readonly Flight[]): number {
  const flights = requests.filter((request) => request.widgetId !== null);
  const inFlightAtStartOf = (one: Flight) =>
    flights.filter(
      (other) =>
        other.widgetId === one.widgetId &&
        other.startedAtMs <= one.startedAtMs &&
        (other.endedAtMs ?? Number.POSITIVE_INFINITY) > one.startedAtMs,
    ).length;
  // The number in flight only rises where a request starts, so the most is reached at a start.
  return Math.max(0, ...flights.map(inFlightAtStartOf));
}
