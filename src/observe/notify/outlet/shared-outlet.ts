// The way to the targets where several accounts share it: each of them waits for its own messages alone when it
// is followed no longer, and keeps no other account's from their next try.
import type { Clock } from '../../../base/clock.ts';
import type { Notification } from '../../../model/notify/notification.ts';
import { longestStopMs, type MessageListener, type Outlet } from './notifier.ts';

/** `shared` is stopped by whoever made it, once all accounts have been. */
export function outletOfAccount(
  shared: Pick<Outlet, 'isWanted' | 'notify'>,
  clock: Pick<Clock, 'sleep'>,
): Outlet {
  const open = new Set<Notification>();
  let isLeft = false;
  let onEmpty = () => {};
  const ended = (message: Notification) => {
    open.delete(message);
    if (open.size === 0) onEmpty();
  };
  return {
    isWanted: (type) => shared.isWanted(type),
    notify(message, listener) {
      open.add(message);
      shared.notify(message, whileThere(listener, { isLeft: () => isLeft, ended }));
    },
    // The messages of others wait behind the same target.
    hurry() {},
    async stop(deadlineMs = longestStopMs) {
      const done = new AbortController();
      onEmpty = () => done.abort();
      if (open.size > 0) {
        await clock.sleep(Math.min(Math.max(deadlineMs, 0), longestStopMs), done.signal);
      }
      // What is delivered later is told again: nobody is there to remember that it was.
      isLeft = true;
    },
  };
}

interface There {
  readonly isLeft: () => boolean;
  readonly ended: (message: Notification) => void;
}

function whileThere(listener: MessageListener, { isLeft, ended }: There): MessageListener {
  return {
    onResult(end) {
      if (!isLeft()) listener.onResult?.(end);
    },
    onEnd(message, end) {
      if (!isLeft()) listener.onEnd(message, end);
      ended(message);
    },
  };
}
