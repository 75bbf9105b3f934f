// Shows what is recorded, and with `--watch` again whenever it changes.
import { isInteractive, type ProcessContext } from '../process-context.ts';

export interface Showing<Found, Made> {
  readonly look: () => Promise<Found>;
  /** Of two looks that give the same, the second makes nothing. */
  readonly leftBehind: (found: Found) => string;
  readonly make: (found: Found) => Promise<Made>;
  /** What is shown, but for what changes by the mere passing of time. */
  readonly contentOf: (made: Made) => string;
  readonly show: (made: Made) => void;
}

/** How often `--watch` looks; where a look takes long, it is made more rarely. */
const watchMs = 1000;
const restPerLook = 3;

/** Resolves with what was shown last, with `watch` once the process is told to stop. */
export async function showAgain<Found, Made>(
  { look, leftBehind, make, contentOf, show }: Showing<Found, Made>,
  watch: boolean,
  { clock, stop }: Pick<ProcessContext, 'clock' | 'stop'>,
): Promise<Made> {
  let startedMs = clock.monotonicMs();
  const found = await look();
  let left = leftBehind(found);
  let made = await make(found);
  let content = contentOf(made);
  show(made);
  while (watch && !stop.aborted) {
    const tookMs = clock.monotonicMs() - startedMs;
    await clock.sleep(Math.max(watchMs, restPerLook * tookMs), stop);
    if (stop.aborted) break;
    startedMs = clock.monotonicMs();
    const newest = await look();
    const leftNow = leftBehind(newest);
    // Whatever is recorded is told of in the status, and reading all records again costs more.
    if (leftNow === left) continue;
    left = leftNow;
    made = await make(newest);
    const contentNow = contentOf(made);
    if (contentNow !== content) show(made);
    content = contentNow;
  }
  return made;
}

/** A terminal shows the newest alone; in a pipe an empty line parts one from the next. */
export function beforeAnother(
  watch: boolean,
  { stdout, env }: Pick<ProcessContext, 'stdout' | 'env'>,
): string {
  if (!watch) return '';
  return isInteractive(stdout, env) ? '\u001b[H\u001b[2J\u001b[3J' : '\n';
}
