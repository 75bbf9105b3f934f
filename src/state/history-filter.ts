// The question that is asked of the history, and which entries answer it. Most lines are ruled out by their bytes:
// to parse all lines of a long history takes seconds.
import { toPointer } from '../base/json/json.ts';
import type { WidgetId } from '../model/widget.ts';
import type { HistoryEntry } from '../status/history-entry.ts';

/** Null or absent: whatever it is. */
export interface HistoryFilter {
  readonly widgetId: WidgetId | null;
  /** The widget's file, as the entry has it. */
  readonly file?: string | null;
  /** Why it was written. */
  readonly reason?: string | null;
  /** From this moment on, and up to that one, in milliseconds since 1970. */
  readonly sinceMs?: number | null;
  readonly untilMs?: number | null;
  /** The beginning of the commit's hash. */
  readonly commit?: string | null;
  /** The name of a top-level field that the write changed, wholly or in part. */
  readonly field?: string | null;
}

export function isAskedFor(entry: HistoryEntry, filter: HistoryFilter): boolean {
  const { widgetId, file, reason, sinceMs, untilMs, commit, field } = filter;
  const atMs = entry.time.getTime();
  const pointer = toPointer([field ?? '']);
  return (
    entry.widgetId === (widgetId ?? entry.widgetId) &&
    entry.file === (file ?? entry.file) &&
    entry.reason === (reason ?? entry.reason) &&
    atMs >= (sinceMs ?? Number.NEGATIVE_INFINITY) &&
    atMs <= (untilMs ?? Number.POSITIVE_INFINITY) &&
    (entry.revision ?? '').startsWith(commit ?? '') &&
    (field == null ||
      entry.fields.some((path) => path === pointer || path.startsWith(`${pointer}/`)))
  );
}

/** What the bytes alone tell. Neither is certain that it is asked for what it does not rule out. */
export interface ByteFilter {
  /** Whether none of these lines is asked for. Of one line, or of any number of whole ones. */
  rulesOut(lines: Buffer): boolean;
  /** Whether this line, without its newline, is of another time. */
  isOutOfTime(line: Buffer): boolean;
}

export function byteFilter(filter: HistoryFilter): ByteFilter {
  const { sinceMs, untilMs } = filter;
  const needles = needlesOf(filter).map((text) => Buffer.from(text));
  const isTimed = sinceMs != null || untilMs != null;
  return {
    rulesOut: (lines) => needles.some((needle) => !lines.includes(needle)),
    isOutOfTime(line) {
      if (!isTimed) return false;
      const atMs = Date.parse(line.toString('latin1', beginning.length, timeEnd));
      // A line that was torn is read, to be counted.
      return atMs < (sinceMs ?? atMs) || atMs > (untilMs ?? atMs);
    },
  };
}

/** Texts that a line has, as `formatHistoryEntry` writes it, where it is asked for. */
export function needlesOf({ widgetId, file, reason, commit, field }: HistoryFilter): string[] {
  return [
    ...(widgetId === null ? [] : [`"widget_id":"${widgetId}"`]),
    ...(file == null ? [] : [`"file":${JSON.stringify(file)}`]),
    ...(reason == null ? [] : [`"reason":${JSON.stringify(reason)}`]),
    ...(commit == null ? [] : [`"revision":"${commit}`]),
    ...(field == null ? [] : [JSON.stringify(toPointer([field])).slice(0, -1)]),
  ];
}

const beginning = '{"time":"';
const timeEnd = beginning.length + '2026-03-01T08:00:00.000Z'.length;
