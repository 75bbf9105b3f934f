// The record of one widget: the content that was applied to it, as it stands on disk.
import type { JsonObject } from '../base/json/json.ts';
import type { SyncPolicy, WidgetId, WidgetSpec } from './widget.ts';
import type { WriteTrail } from './write-trail.ts';

export interface AppliedRecord {
  readonly widgetId: WidgetId;
  /** Relative to the widget directory. */
  readonly file: string;
  /** Of the file and what it extended when it was applied: see `WidgetDocument.digest`. */
  readonly digest: string;
  /** What the file extended then, as written; absent where it extended nothing. */
  readonly extends?: readonly string[];
  /** `hashSpec(spec)`. */
  readonly hash: string;
  readonly spec: WidgetSpec;
  /** The file's `sync` when it was applied. */
  readonly sync: SyncPolicy;
  /** The declared fields as the API gave them back, where any differed from what was sent. */
  readonly echo: JsonObject | null;
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
  /** Only where true: the file's bytes were not those that the commit has. */
  readonly isEdited?: true;
  /** When the API confirmed the content, or a read showed it. */
  readonly appliedAt: Date;
  /** The uncertain part: of this write, of those shortly before it, and of those sent since. */
  readonly trail: WriteTrail;
  /** No file declared the widget any more, and the account had it no longer either. */
  readonly isGone?: true;
  /** Drift corrections in a row, with no edit in between; 0 for none lately. */
  readonly corrections: number;
}

/** Whether nothing was sent since that may be live instead. */
export function isConfirmed({ trail }: Pick<AppliedRecord, 'trail'>): boolean {
  return trail.state === 'confirmed';
}
