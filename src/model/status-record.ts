// The findings of the last pass, as they stand in the state directory for `status`. Types only.
import type { UnappliedField } from './unapplied-fields.ts';

export interface StatusRecord {
  /** When the last pass succeeded; null before the first. */
  readonly time: Date | null;
  /** The command that made the pass. */
  readonly command: string;
  /** The widget directory as the user named it. */
  readonly directory: string;
  readonly revision: string | null;
  /** The origin of the files; null where no tree was read, or an earlier version wrote this. */
  readonly source: 'checkout' | 'published' | 'plain' | null;
  /** Why nothing can be looked at or sent at present; null when all goes its way. */
  readonly blocked: string | null;
  /** Nothing is sent until then; null when that is in the next moment. */
  readonly waiting: { readonly why: string; readonly until: Date } | null;
  /** The API's own limit, where it is less than the rate allows, such as `3/s`. */
  readonly apiRate: string | null;
  /** Nothing was read of what is live: decisions rested on hashes. */
  readonly isBlind: boolean;
  /** The checksum of a plan that waits for a person's approval. */
  readonly refusedChecksum: string | null;
  /** Changes that wait or are in flight. */
  readonly pending: number;
  readonly held: readonly HeldStatus[];
  readonly failed: readonly FailedStatus[];
  readonly drifted: readonly DriftedStatus[];
  readonly orphaned: readonly WidgetFileStatus[];
  readonly kept: readonly UnappliedStatus[];
}

export interface WidgetFileStatus {
  readonly widgetId: string;
  readonly file: string;
}

export interface HeldStatus {
  readonly widgetId: string | null;
  readonly file: string;
  /** `suspended` is meant so; every other code is something to mend. */
  readonly code: string;
  readonly message: string;
}

export interface FailedStatus extends WidgetFileStatus {
  readonly error: string;
  readonly httpStatus: number | null;
  readonly attempts: number;
  readonly time: Date;
}

export interface DriftedStatus extends WidgetFileStatus {
  readonly why: 'policy' | 'fought-over';
  /** When it may be corrected; null for never by itself. */
  readonly until: Date | null;
  /** JSON Pointers. */
  readonly fields: readonly string[];
}

/** A widget of which the API keeps something otherwise than it was sent. */
export interface UnappliedStatus extends WidgetFileStatus {
  /** When it confirmed this content so first. */
  readonly since: Date;
  readonly fields: readonly UnappliedField[];
}
