// An AbortController for many listeners.
import { setMaxListeners } from 'node:events';

/** Acts with a signal that aborts as soon as one of these does; they forget it afterwards. */
export async function withAnyOf<Result>(
  signals: readonly AbortSignal[],
  act: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const either = sharedController();
  const abort = () => either.abort();
  for (const signal of signals) {
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
  }
  try {
    return await act(either.signal);
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', abort);
  }
}

/** For a signal that every request listens to: Node would take the eleventh listener for a leak. */
export function sharedController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
