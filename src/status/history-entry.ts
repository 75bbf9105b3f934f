// The history: one entry for each confirmed write of a widget, and for each record that a person has removed.
import type { JsonObject } from '../base/json/json.ts';
import type { Commit } from '../model/commit.ts';
import type { ChangedBy } from '../model/plan.ts';
import type { WidgetId } from '../model/widget.ts';

/** One line of the history. What earlier versions did not write is absent. */
export interface HistoryEntry {
  /** When the API confirmed the write, or the record was removed. */
  readonly time: Date;
  /** As `writeId` makes it. */
  readonly id?: string;
  readonly widgetId: WidgetId;
  readonly file: string;
  /**
   * The `Reason` of a write; or `forgotten`, which is none: the widget's record was removed, and the widget stays as
   * it is. A line of a later version may have another.
   */
  readonly reason: string;
  readonly hash: string;
  readonly revision: string | null;
  /** The commit of `revision`; absent where it was not known. */
  readonly commit?: Commit;
  /** Only where true: the file's bytes were not those that the commit has. */
  readonly isEdited?: true;
  /** JSON Pointers of the fields that the write changed. */
  readonly fields: readonly string[];
  /** By such a pointer, who had moved the field away from what was applied before the write set it. */
  readonly by?: Readonly<Record<string, ChangedBy>>;
  /**
   * The top-level fields that the write changed, by name, as they were read just before it: one that is
   * missing was not there. Absent where nothing is known of them.
   */
  readonly before?: JsonObject;
  /** Only where true: nothing was read, and `before` is what was applied last, as far as that says. */
  readonly isBeforeAsApplied?: true;
  /** The same fields as the API's answer has them; one that it does not speak of is as it was sent. */
  readonly after?: JsonObject;
  /** Requests that it took. */
  readonly attempts: number;
}

/** The name of one write, `w-` and 8 hexadecimal digits, from a random number of at least 0 and below 1. */
export function writeId(random: number): string {
  const digits = Math.floor(random * 2 ** 32).toString(16);
  return `w-${digits.padStart(8, '0')}`;
}
