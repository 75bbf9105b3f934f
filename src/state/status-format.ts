// The status as text on disk, and back. It only informs: a file that cannot be read is none.
import { isJsonObject, parseJson } from '../base/json/json.ts';
import { stringifyJson } from '../base/json/json-text.ts';
import { readStatusJson, statusJson } from '../status/status-json.ts';
import type { StatusRecord } from '../status/status-record.ts';

const formatVersion = 1;

export function formatStatus(status: StatusRecord, apiUrl: string): string {
  const stored = { version: formatVersion, api_url: apiUrl, ...statusJson(status) };
  return `${stringifyJson(stored, 2)}\n`;
}

/** Null for anything that `formatStatus` did not write for this API. */
export function parseStatus(text: string, apiUrl: string): StatusRecord | null {
  const stored = parseJson(text);
  if (!isJsonObject(stored) || stored['version'] !== formatVersion) return null;
  if (stored['api_url'] !== apiUrl) return null;
  return readStatusJson(stored);
}

/** Whether a text that `parseStatus` gives nothing for is well, and merely of another API. */
export function isStatusOfAnother(text: string, apiUrl: string): boolean {
  const stored = parseJson(text);
  if (!isJsonObject(stored) || stored['version'] !== formatVersion) return false;
  return typeof stored['api_url'] === 'string' && stored['api_url'] !== apiUrl;
}
