// A confirmed write as a line of the history, and back. `history --json` prints the same lines.
import { isJsonObject, parseJson } from '../base/json/json.ts';
import type { HistoryEntry } from '../model/applied-record.ts';
import { parseWidgetId } from '../model/widget.ts';

/** Without the newline. */
export function formatHistoryEntry(entry: HistoryEntry): string {
  return JSON.stringify({
    time: entry.time.toISOString(),
    widget_id: entry.widgetId,
    file: entry.file,
    reason: entry.reason,
    hash: entry.hash,
    revision: entry.revision,
    fields: entry.fields,
    attempts: entry.attempts,
  });
}

/** Null for a line that is torn, or was not written by `formatHistoryEntry`. */
export function parseHistoryEntry(line: string): HistoryEntry | null {
  const value = parseJson(line);
  if (!isJsonObject(value)) return null;
  const widgetId = parseWidgetId(value['widget_id']);
  const time = new Date(typeof value['time'] === 'string' ? value['time'] : Number.NaN);
  const { file, reason, hash, revision, fields, attempts } = value;
  const complete =
    widgetId !== null &&
    !Number.isNaN(time.getTime()) &&
    typeof file === 'string' &&
    typeof reason === 'string' &&
    typeof hash === 'string' &&
    typeof attempts === 'number' &&
    Array.isArray(fields);
  if (!complete) return null;
  return {
    time,
    widgetId,
    file,
    reason,
    hash,
    revision: typeof revision === 'string' ? revision : null,
    fields: fields.map(String),
    attempts,
  };
}
