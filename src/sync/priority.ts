// Who goes first when the budget is short.
import type { Reason } from '../plan/types.ts';

export const priority = {
  edit: 30,
  retry: 20,
  drift: 10,
  resend: 5,
  resyncRead: 0,
  /**
   * While the service is down, of what has failed already. The others are to try first, and these in
   * turn: a widget that always fails would otherwise be every try, and the outage would never end.
   */
  failedTry: -10,
} as const;

/** Of a change that has not been tried yet. */
export const priorityByReason: Record<Reason, number> = {
  new: priority.edit,
  edited: priority.edit,
  drifted: priority.drift,
  forced: priority.resend,
};
