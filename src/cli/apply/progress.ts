// How far an apply has come, on one line of a terminal that is redrawn; nothing at all elsewhere.
import type { Clock } from '../../base/clock.ts';
import { durationText } from '../../render/time.ts';
import { type Wait, waitWords } from '../../sync/rate/wait.ts';
import { isInteractive, type ProcessContext } from '../process-context.ts';

export interface Progress {
  /** One more change has ended. */
  ended(status: 'applied' | 'failed'): void;
  /** Runs `print` with the line out of the way. */
  around(print: () => void): void;
  stop(): void;
}

/** An apply shorter than this shows no progress. */
const patienceMs = 1000;
const redrawMs = 200;
const clearLine = '\r\u001b[2K';

/** `wait`: what keeps anything from being sent at the moment. */
export function startProgress(
  total: number,
  wait: () => Wait | null,
  context: Pick<ProcessContext, 'stderr' | 'clock' | 'env'>,
): Progress {
  const { stderr, clock } = context;
  if (!isInteractive(stderr, context.env) || total === 0) {
    return { ended: () => {}, around: (print) => print(), stop: () => {} };
  }
  const startedMs = clock.monotonicMs();
  const counts = { applied: 0, failed: 0 };
  const stopped = new AbortController();
  let shown = false;

  const draw = () => {
    const elapsedMs = clock.monotonicMs() - startedMs;
    const text = `${progressText(counts, total, elapsedMs)}${waitText(wait())}`;
    stderr.write(`${clearLine}${text.slice(0, stderr.columns - 1)}`);
    shown = true;
  };
  const erase = () => {
    if (shown) stderr.write(clearLine);
    shown = false;
  };
  void redraw(clock, stopped.signal, draw);

  return {
    ended(status) {
      counts[status] += 1;
    },
    around(print) {
      erase();
      print();
    },
    stop() {
      stopped.abort();
      erase();
    },
  };
}

async function redraw(clock: Clock, stopped: AbortSignal, draw: () => void): Promise<void> {
  await clock.sleep(patienceMs, stopped);
  while (!stopped.aborted) {
    draw();
    await clock.sleep(redrawMs, stopped);
  }
}

/** A wait that is over in a moment is not shown. */
export function waitText(wait: Wait | null): string {
  if (wait === null || wait.forMs <= 1000) return '';
  return `; nothing is sent for ${durationText(Math.ceil(wait.forMs / 1000))}: ${waitWords[wait.reason]}`;
}

export function progressText(
  { applied, failed }: { applied: number; failed: number },
  total: number,
  elapsedMs: number,
): string {
  const ended = applied + failed;
  const failures = failed === 0 ? '' : `, ${failed} failed`;
  if (ended === 0) return `applying ${total}: none yet`;
  const leftSeconds = Math.ceil(((total - ended) * elapsedMs) / ended / 1000);
  return `applying ${total}: ${applied} applied${failures}, about ${durationText(leftSeconds)} left`;
}
