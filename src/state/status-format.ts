// The status as text on disk, and back. It only informs: a file that cannot be read is none.
import { isJsonObject, type Json, type JsonObject, parseJson } from '../base/json/json.ts';
import { stringifyJson } from '../base/json/json-text.ts';
import type {
  DriftedStatus,
  FailedStatus,
  HeldStatus,
  StatusRecord,
  UnappliedStatus,
  WidgetFileStatus,
} from '../model/status-record.ts';
import type { UnappliedField } from '../model/unapplied-fields.ts';

const formatVersion = 1;

export function formatStatus(status: StatusRecord, apiUrl: string): string {
  const stored = {
    version: formatVersion,
    api_url: apiUrl,
    ...statusJson(status),
  };
  return `${stringifyJson(stored, 2)}\n`;
}

/** The status in the snake_case of every JSON that leaves the program. */
export function statusJson(status: StatusRecord) {
  return {
    time: status.time?.toISOString() ?? null,
    command: status.command,
    directory: status.directory,
    revision: status.revision,
    source: status.source,
    blocked: status.blocked,
    waiting: status.waiting && {
      why: status.waiting.why,
      until: status.waiting.until.toISOString(),
    },
    api_rate: status.apiRate,
    blind: status.isBlind,
    refused_checksum: status.refusedChecksum,
    pending: status.pending,
    held: status.held.map(({ widgetId, file, code, message }) => ({
      widget_id: widgetId,
      file,
      code,
      message,
    })),
    failed: status.failed.map(({ widgetId, file, error, httpStatus, attempts, time }) => ({
      widget_id: widgetId,
      file,
      error,
      http_status: httpStatus,
      attempts,
      time: time.toISOString(),
    })),
    drifted: status.drifted.map(({ widgetId, file, why, until, fields }) => ({
      widget_id: widgetId,
      file,
      why,
      until: until?.toISOString() ?? null,
      fields,
    })),
    orphaned: status.orphaned.map(({ widgetId, file }) => ({ widget_id: widgetId, file })),
    kept: status.kept.map(({ widgetId, file, since, fields }) => ({
      widget_id: widgetId,
      file,
      since: since.toISOString(),
      fields,
    })),
  };
}

/** Null for anything that `formatStatus` did not write for this API. */
export function parseStatus(text: string, apiUrl: string): StatusRecord | null {
  const stored = parseJson(text);
  if (!isJsonObject(stored) || stored['version'] !== formatVersion) return null;
  if (stored['api_url'] !== apiUrl) return null;
  try {
    return toStatus(stored);
  } catch (error) {
    if (error instanceof MalformedStatus) return null;
    throw error;
  }
}

/** Whether a text that `parseStatus` gives nothing for is well, and merely of another API. */
export function isStatusOfAnother(text: string, apiUrl: string): boolean {
  const stored = parseJson(text);
  if (!isJsonObject(stored) || stored['version'] !== formatVersion) return false;
  return typeof stored['api_url'] === 'string' && stored['api_url'] !== apiUrl;
}

class MalformedStatus extends Error {}

function toStatus(stored: JsonObject): StatusRecord {
  return {
    time: stored['time'] === null ? null : date(stored['time']),
    command: text(stored['command']),
    directory: text(stored['directory']),
    revision: stored['revision'] === null ? null : text(stored['revision']),
    source: source(stored['source']),
    blocked: stored['blocked'] === null ? null : text(stored['blocked']),
    // Earlier versions told none of these.
    waiting: stored['waiting'] == null ? null : waiting(stored['waiting']),
    apiRate: stored['api_rate'] == null ? null : text(stored['api_rate']),
    isBlind: stored['blind'] === true,
    refusedChecksum: stored['refused_checksum'] == null ? null : text(stored['refused_checksum']),
    pending: number(stored['pending']),
    held: list(
      stored['held'],
      (held): HeldStatus => ({
        widgetId: held['widget_id'] === null ? null : text(held['widget_id']),
        file: text(held['file']),
        code: text(held['code']),
        message: text(held['message']),
      }),
    ),
    failed: list(
      stored['failed'],
      (failed): FailedStatus => ({
        ...widgetFile(failed),
        error: text(failed['error']),
        httpStatus: failed['http_status'] === null ? null : number(failed['http_status']),
        attempts: number(failed['attempts']),
        time: date(failed['time']),
      }),
    ),
    drifted: list(
      stored['drifted'],
      (drifted): DriftedStatus => ({
        ...widgetFile(drifted),
        why: why(drifted['why']),
        until: drifted['until'] === null ? null : date(drifted['until']),
        fields: texts(drifted['fields']),
      }),
    ),
    orphaned: list(stored['orphaned'], widgetFile),
    kept: list(
      // Earlier versions did not tell it.
      stored['kept'] ?? [],
      (kept): UnappliedStatus => ({
        ...widgetFile(kept),
        since: date(kept['since']),
        fields: list(kept['fields'], unappliedField),
      }),
    ),
  };
}

function unappliedField({ path, sent, kept, spelling }: JsonObject): UnappliedField {
  return {
    path: text(path),
    ...(sent !== undefined && { sent }),
    ...(kept !== undefined && { kept }),
    ...(spelling === true && { spelling }),
  };
}

function waiting(value: Json): StatusRecord['waiting'] {
  if (!isJsonObject(value)) throw new MalformedStatus();
  return { why: text(value['why']), until: date(value['until']) };
}

function widgetFile(entry: JsonObject): WidgetFileStatus {
  return { widgetId: text(entry['widget_id']), file: text(entry['file']) };
}

function list<Entry>(value: Json | undefined, read: (entry: JsonObject) => Entry): Entry[] {
  if (!Array.isArray(value)) throw new MalformedStatus();
  return value.map((entry) => {
    if (!isJsonObject(entry)) throw new MalformedStatus();
    return read(entry);
  });
}

function why(value: Json | undefined): DriftedStatus['why'] {
  if (value !== 'policy' && value !== 'fought-over') throw new MalformedStatus();
  return value;
}

function source(value: Json | undefined): StatusRecord['source'] {
  // Earlier versions did not tell.
  if (value === undefined || value === null) return null;
  if (value === 'checkout' || value === 'published' || value === 'plain') return value;
  throw new MalformedStatus();
}

function texts(value: Json | undefined): string[] {
  if (!Array.isArray(value)) throw new MalformedStatus();
  return value.map(text);
}

function text(value: Json | undefined): string {
  if (typeof value !== 'string') throw new MalformedStatus();
  return value;
}

function number(value: Json | undefined): number {
  if (typeof value !== 'number') throw new MalformedStatus();
  return value;
}

function date(value: Json | undefined): Date {
  const found = new Date(text(value));
  if (Number.isNaN(found.getTime())) throw new MalformedStatus();
  return found;
}
