// What a preview shows, as a value: made from the files and from what is known of before, rendered as a
// page or as JSON.
import type { Json, JsonObject } from '../../base/json/json.ts';
import type { FieldDifference } from '../../model/diff-fields.ts';
import type { HeldFile, Problem } from '../../model/document.ts';
import type { WidgetId } from '../../model/widget.ts';
import { nameIn } from '../../status/widget-name.ts';

export interface PreviewModel {
  /** The widget directory, as the user named it. */
  readonly directory: string;
  /** The commit that the files came from, where known. */
  readonly revision: string | null;
  readonly before: Before;
  /** Those that differ or are to be mended first, then by file. */
  readonly widgets: readonly PreviewWidget[];
  /** How many that are as before are left out, because only what differs is to be shown. */
  readonly leftOut: number;
  /** Known from before, and declared by no file now; sorted by file. */
  readonly orphaned: readonly OrphanedWidget[];
  /** What is wrong with files of which no widget is known. */
  readonly problems: readonly Problem[];
  /** Why the files cannot be read now; what is shown is then what they said last. */
  readonly unsettled: string | null;
}

/** What the files are compared with. */
export type Before =
  | { readonly kind: 'applied'; readonly state: string }
  | { readonly kind: 'live'; readonly apiUrl: string }
  | { readonly kind: 'directory'; readonly directory: string }
  /** Nothing was applied with this state yet. */
  | { readonly kind: 'nothing'; readonly state: string };

/**
 * `changed`: differs from before. `new`: before, there was none. `same`: as before. `alone`: there is no
 * before to compare with. `waiting`: its file is suspended, and `after` is what waits in it. `broken`: its
 * file cannot be used, and `after` is what it said last.
 */
export type PreviewStatus = 'changed' | 'new' | 'same' | 'alone' | 'waiting' | 'broken';

export interface PreviewWidget {
  readonly widgetId: WidgetId;
  readonly file: string;
  readonly status: PreviewStatus;
  /** The same value as long as nothing moves: what is drawn of it is drawn once. */
  readonly bodies: WidgetBodies;
  /** Why the file is not applied, where it is not. */
  readonly held: Pick<HeldFile, 'code' | 'message'> | null;
  readonly problems: readonly Problem[];
  /** Why it is not compared though others are, as a sentence without its end; else null. */
  readonly uncompared: string | null;
}

export interface OrphanedWidget {
  readonly widgetId: WidgetId;
  /** That declared it; null where that is not known. */
  readonly file: string | null;
  /** Null where it has none. */
  readonly name: string | null;
}

export interface WidgetBodies {
  /** As the widget is now, each nothing spelt as in `after`; null where that is not known. */
  readonly before: JsonObject | null;
  /** As the file leaves it; null where the file was never seen usable. */
  readonly after: JsonObject | null;
  /** What the file says, without what is kept of before; null where it was never seen usable. */
  readonly declared: JsonObject | null;
  /** Where `after` differs from `before`, sorted by path; none without one of them. */
  readonly changes: readonly FieldDifference[];
}

/** The groups of a preview, in their order. */
export type PreviewGroup = 'differ' | 'mend' | 'alone' | 'waiting' | 'same';

export function groupOf({ status }: Pick<PreviewWidget, 'status'>): PreviewGroup {
  return groups[status];
}

const groups: { readonly [status in PreviewStatus]: PreviewGroup } = {
  changed: 'differ',
  new: 'differ',
  broken: 'mend',
  alone: 'alone',
  waiting: 'waiting',
  same: 'same',
};

/** How many problems of each kind there are. */
export function countProblems({ widgets, problems }: Pick<PreviewModel, 'widgets' | 'problems'>) {
  const counts = { error: 0, warning: 0, note: 0 };
  for (const { severity } of [...problems, ...widgets.flatMap((widget) => widget.problems)]) {
    counts[severity] += 1;
  }
  return counts;
}

/** What people know a widget by. */
export function titleOf({ bodies, file }: Pick<PreviewWidget, 'bodies' | 'file'>): string {
  return nameIn(bodies.after ?? bodies.before ?? {}) ?? file;
}

/** As its file has it, else as it is now. */
export function typeOf({ after, before }: WidgetBodies): Json {
  return (after ?? before)?.['widget_type'] ?? null;
}
