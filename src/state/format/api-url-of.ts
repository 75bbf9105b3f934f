// Whose a kept text is.
import { isJsonObject, parseJson } from '../../base/json/json.ts';

/** As each is written, so that a status of megabytes need not be understood for it. */
const apiUrlFirst = /^\{\s*"version":\s*\d+,\s*"api_url":\s*("(?:[^"\\]|\\.)*")/;

/** The API of a record or a status; null where the text does not tell. */
export function apiUrlOf(text: string): string | null {
  const [, atItsBegin] = text.endsWith('}\n') ? (apiUrlFirst.exec(text) ?? []) : [];
  const stored = parseJson(atItsBegin === undefined ? text : `{"api_url":${atItsBegin}}`);
  const apiUrl = isJsonObject(stored) ? stored['api_url'] : undefined;
  return typeof apiUrl === 'string' ? apiUrl : null;
}
