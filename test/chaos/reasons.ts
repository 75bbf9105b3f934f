// Why a widget may rightly differ from its file until somebody asks the daemon to look or to send
// again: only what was recorded of that very widget counts. Pure.
import type { Edit, Entry } from './journal.ts';
import type { WidgetNow } from './now.ts';
import { isOf } from './requests-checks.ts';

export type Reason = 'drift' | 'stale read' | 'late write' | 'not stored' | 'refused';

/** Answers that say no to this very content: it is not sent again before something changes. */
const refusals: ReadonlySet<number> = new Set([400, 404, 409, 422]);

/** What has happened to the widget since its last write, of all that its process cannot know. */
export function reasonToDiffer(widget: WidgetNow): Reason | null {
  const { entries, edits, reads, run } = widget;
  const last = lastStored(entries);
  const sinceMs = last?.request.startedAtMs ?? Number.NEGATIVE_INFINITY;
  if (edits.some((edit) => isDrift(edit) && edit.atMs >= sinceMs)) return 'drift';
  if (last?.stored?.isLate) return 'late write';
  // Another process reads everything anew.
  if (reads.some((read) => read.daemon === run && isStale(read) && endMs(read) >= sinceMs)) {
    return 'stale read';
  }
  if (entries.some((entry) => wasIgnored(entry) && entry.request.startedAtMs >= sinceMs)) {
    return 'not stored';
  }
  return wasRefused(widget) ? 'refused' : null;
}

/** The process that runs was told that this content is not to be had. */
export function wasRefused({ entries, spans, run }: WidgetNow): boolean {
  const content = spans.at(-1);
  return entries.some(
    ({ request: { method, status, body }, daemon }) =>
      daemon === run &&
      method === 'PUT' &&
      refusals.has(status ?? 0) &&
      content !== undefined &&
      isOf(content, body),
  );
}

/** Something has made the daemon see, or believe to see, that somebody else changes the widget. */
export function mayBeFoughtOver({ entries, edits, reads }: WidgetNow): boolean {
  const hasDrifted = edits.some(isDrift) || reads.some(isStale);
  return hasDrifted || entries.some((entry) => wasIgnored(entry) || entry.stored?.isLate === true);
}

/** The API said that it stored the write and did not. */
export function wasIgnored({ request }: Entry): boolean {
  return request.fault === 'not-stored';
}

/** The API answered a read with what was no longer so. */
export function isStale({ request }: Entry): boolean {
  return request.fault === 'stale';
}

function lastStored(entries: readonly Entry[]): Entry | null {
  const stored = entries.filter((entry) => entry.stored !== null);
  return stored.reduce<Entry | null>(
    (last, entry) => (turn(entry) > turn(last) ? entry : last),
    null,
  );
}

function turn(entry: Entry | null): number {
  return entry?.stored?.turn ?? 0;
}

function isDrift({ fields }: Edit): boolean {
  return Object.hasOwn(fields, 'header_color');
}

function endMs({ request }: Entry): number {
  return request.endedAtMs ?? Number.POSITIVE_INFINITY;
}
