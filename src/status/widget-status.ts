// The status of an account: each widget in exactly one state. Types only.
import type { QueuedStatus, StatusRecord } from './status-record.ts';

/**
 * Those that want a person come before those that end by themselves. `failed`: the last attempt did not
 * succeed. `held`: the file cannot be used. `suspended`: the file says so. `drifted`: changed in the
 * dashboard, and left so. `orphaned`: applied once, and no file now. `applied`: as git declares it.
 */
export const widgetStates = [
  'failed',
  'held',
  'drifted',
  'pending',
  'suspended',
  'orphaned',
  'applied',
] as const;

export type WidgetState = (typeof widgetStates)[number];

export interface WidgetStatus {
  /** Null where a broken file does not say, and no record tells. */
  readonly widgetId: string | null;
  readonly file: string;
  readonly name: string | null;
  readonly widgetType: string | null;
  readonly state: WidgetState;
  /** For people; null for what is applied. */
  readonly reason: string | null;
  /** A problem code or a code of a held file; null for other states. */
  readonly code: string | null;
  readonly line: number | null;
  /** Since when it is in that state; null where an earlier version did not tell. */
  readonly since: Date | null;
  /** When the state ends by itself, where that is known. */
  readonly until: Date | null;
  /** Its place in the queue, whatever its state: a failed change may be tried again. */
  readonly queued: QueuedStatus | null;
  readonly appliedAt: Date | null;
  /** The commit that the applied content came from. */
  readonly revision: string | null;
  /** Only where true: the file was not as that commit has it. */
  readonly isEdited?: true;
}

export type StateCounts = { readonly [state in WidgetState]: number };

export interface AccountStatus {
  /** Null where no pass was recorded. */
  readonly record: StatusRecord | null;
  /** Sorted by state, worst first, then by file. */
  readonly widgets: readonly WidgetStatus[];
  /** They add up to the number of widgets. */
  readonly counts: StateCounts;
}
