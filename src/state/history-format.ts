// An entry as a line of the history, and back. `history --json` prints the same lines.
import { isJsonObject, type Json, type JsonObject, parseJson } from '../base/json/json.ts';
import { stringifyJson } from '../base/json/json-text.ts';
import type { Commit } from '../model/commit.ts';
import type { ChangedBy } from '../model/plan.ts';
import { parseWidgetId } from '../model/widget.ts';
import type { HistoryEntry } from '../status/history-entry.ts';

/** Without the newline. The time stands first, where `history-filter.ts` looks for it. */
export function formatHistoryEntry(entry: HistoryEntry): string {
  const { id, commit, isEdited, by, before, isBeforeAsApplied, after } = entry;
  return stringifyJson({
    time: entry.time.toISOString(),
    ...(id !== undefined && { id }),
    widget_id: entry.widgetId,
    file: entry.file,
    reason: entry.reason,
    hash: entry.hash,
    revision: entry.revision,
    ...(commit && { commit: { ...commit, time: commit.time.toISOString() } }),
    ...(isEdited && { edited: true }),
    fields: entry.fields,
    ...(by && { by }),
    ...(before && { before }),
    ...(isBeforeAsApplied && { before_as_applied: true }),
    ...(after && { after }),
    attempts: entry.attempts,
  });
}

/** Null for a line that is torn, or was not written by `formatHistoryEntry`. Earlier versions wrote less. */
export function parseHistoryEntry(line: string): HistoryEntry | null {
  const value = parseJson(line);
  if (!isJsonObject(value)) return null;
  const widgetId = parseWidgetId(value['widget_id']);
  const time = timeOf(value['time']);
  const { file, reason, hash, revision, fields, attempts } = value;
  const complete =
    widgetId !== null &&
    time !== null &&
    typeof file === 'string' &&
    typeof reason === 'string' &&
    typeof hash === 'string' &&
    typeof attempts === 'number' &&
    Array.isArray(fields);
  if (!complete) return null;
  return {
    time,
    ...(typeof value['id'] === 'string' && { id: value['id'] }),
    widgetId,
    file,
    reason,
    hash,
    revision: typeof revision === 'string' ? revision : null,
    ...commitOf(value['commit']),
    ...(value['edited'] === true && { isEdited: true as const }),
    fields: fields.map(String),
    ...valuesOf(value),
    attempts,
  };
}

function timeOf(value: Json | undefined): Date | null {
  const time = new Date(typeof value === 'string' ? value : Number.NaN);
  return Number.isNaN(time.getTime()) ? null : time;
}

function commitOf(value: Json | undefined): { readonly commit?: Commit } {
  if (!isJsonObject(value)) return {};
  const { id, subject, author } = value;
  const time = timeOf(value['time']);
  const areTexts =
    typeof id === 'string' && typeof subject === 'string' && typeof author === 'string';
  return areTexts && time !== null ? { commit: { id, subject, author, time } } : {};
}

function valuesOf({ by, before, after, ...value }: JsonObject) {
  return {
    ...(isJsonObject(by) && { by: changersIn(by) }),
    ...(isJsonObject(before) && { before }),
    ...(value['before_as_applied'] === true && { isBeforeAsApplied: true as const }),
    ...(isJsonObject(after) && { after }),
  };
}

function changersIn(by: JsonObject): Record<string, ChangedBy> {
  return Object.fromEntries(
    Object.entries(by).flatMap(([path, who]) => {
      const known = changers.find((one) => one === who);
      return known === undefined ? [] : [[path, known]];
    }),
  );
}

const changers: readonly ChangedBy[] = ['git', 'dashboard', 'both'];
