// An AbortController for many listeners.
import { setMaxListeners } from 'node:events';

/** For a signal that every request listens to: Node would take the eleventh listener for a leak. */
export function sharedController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
