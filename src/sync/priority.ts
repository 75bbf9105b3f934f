// Who goes first when the budget is short.
import type { Reason } from '../plan/types.ts';

export const priority = { edit: 30, retry: 20, drift: 10, resend: 5, resyncRead: 0 } as const;

/** Of a change that has not been tried yet. */
export const priorityByReason: Record<Reason, number> = {
  new: priority.edit,
  edited: priority.edit,
  drifted: priority.drift,
  forced: priority.resend,
};
