// The order in which requests start when the budget is short.
import type { Reason } from '../../model/plan.ts';

export const priority = {
  /** A write whose base was read for it just now: it follows soon, before what was read grows old. */
  begun: 40,
  edit: 30,
  retry: 20,
  drift: 10,
  resend: 5,
  resyncRead: 0,
  /**
   * For a change that has failed often, or at all while the service is down. The others are
   * to try first, and these in turn: widgets that always fail would otherwise take a small budget whole,
   * or be every try of a service that is down, and the outage would never end.
   */
  failedTry: -10,
} as const;

/** So many attempts go before what has not been tried: most failures pass sooner. */
export const hurriedAttempts = 3;

/** The priority of a change that has not been tried yet. */
export const priorityByReason: Record<Reason, number> = {
  new: priority.edit,
  edited: priority.edit,
  drifted: priority.drift,
  forced: priority.resend,
};
