// A place in the line for a turn to send, by urgency.
import type { QueueDeps } from './queue-deps.ts';

type Place = Pick<QueueDeps, 'requests' | 'onBug'> & { readonly priority: number };

/**
 * Calling what this returns leaves the line. Whoever waits in vain has to: before a service that never
 * answers, the line would grow with every edit.
 */
export function lineUp(
  turn: () => Promise<void>,
  { requests, priority, onBug }: Place,
): () => void {
  const line = new AbortController();
  let leave = () => line.abort();
  const run = () => {
    // From here on an abort would free the place of a request that is still under way.
    leave = () => {};
    return turn();
  };
  requests.add(run, { priority, signal: line.signal }).catch((error) => {
    if (!line.signal.aborted) onBug(error);
  });
  return () => leave();
}
