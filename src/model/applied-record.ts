// What was applied to one widget, as it stands on disk.
import type { Json, JsonObject } from '../base/json/json.ts';
import type { SyncPolicy, WidgetId, WidgetSpec } from './widget.ts';

export interface AppliedRecord {
  readonly widgetId: WidgetId;
  /** Relative to the widget directory. */
  readonly file: string;
  /** SHA-256 (hex) of the file's bytes when it was applied. */
  readonly digest: string;
  /** `hashSpec(spec)`. */
  readonly hash: string;
  readonly spec: WidgetSpec;
  /** As the file had it when it was applied. */
  readonly sync: SyncPolicy;
  /** The declared fields as the API gave them back, where any differed from what was sent. */
  readonly echo: JsonObject | null;
  /** The API confirmed without saying what it made of every field: the first late enough read shows it. */
  readonly isEchoUnknown?: true;
  /**
   * Reads have shown another spelling of what was sent than the API confirmed. `unread`: so of an earlier
   * write, and the first late enough read shows it of this one. Absent where that was never seen.
   */
  readonly spelling?: 'read' | 'unread';
  /** When the API first confirmed this content and kept some of it otherwise. Absent where it kept all. */
  readonly keptSince?: Date;
  /** Fields that were to be set back to empty, with what the API kept there. Absent when there are none. */
  readonly keptBeside?: JsonObject;
  /** The commit the content came from, where known. */
  readonly revision: string | null;
  readonly appliedAt: Date;
  /**
   * Hash of a body that was sent after this one and never confirmed: the widget may hold either.
   * Null once a write is confirmed or refused.
   */
  readonly unconfirmedHash: string | null;
  /** When that body, or another unconfirmed one, was sent last. Absent without one. */
  readonly unconfirmedAt?: Date;
  /** Other bodies were sent as well since the last confirmation: which one is live is not known. */
  readonly areSeveralUnconfirmed?: true;
  /**
   * Fields that bodies since this one may have set otherwise than `spec` has them, with the values that
   * they were sent. Absent when there are none.
   */
  readonly unconfirmedFields?: SentValues;
  /** What stood in the fields that those bodies set, as it was read before. Absent when it was not. */
  readonly unconfirmedBefore?: JsonObject;
  /**
   * The values that the last write replaced, of all fields that it and the recent writes before it
   * set; null where they were not known. A read shortly after the write may still show them.
   */
  readonly replaced: JsonObject | null;
  /** The write before had sent the same content: what was `replaced` is what became of that. */
  readonly isSentAgain?: true;
  /** What the writes shortly before had replaced, the newest first. Absent when there was none. */
  readonly replacedBefore?: readonly Replaced[];
  /**
   * Fields that those writes set and `spec` does not declare, with what they left there: a reset, or
   * a value that was left when the file no longer declared it. Absent when there are none.
   */
  readonly leftBeside?: JsonObject;
  /** No file declared the widget any more, and the account had it no longer either. */
  readonly isGone?: true;
  /** Drift corrections in a row, with no edit in between; 0 for none lately. */
  readonly corrections: number;
}

/** By field, each value that was sent, the newest first: which of them landed is not known. */
export type SentValues = Readonly<Record<string, Json[]>>;

/** Values that a write replaced. */
export interface Replaced {
  /** When the API confirmed the write. */
  readonly at: Date;
  readonly values: JsonObject;
}

/** One confirmed write, as a line of `history.ndjson`. */
export interface HistoryEntry {
  readonly time: Date;
  readonly widgetId: WidgetId;
  readonly file: string;
  readonly reason: string;
  readonly hash: string;
  readonly revision: string | null;
  /** JSON Pointers of the fields that the write changed. */
  readonly fields: readonly string[];
  readonly attempts: number;
}
