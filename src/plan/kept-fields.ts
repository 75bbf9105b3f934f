// What the API made of a write otherwise than it was sent. A mere respelling is no news; a value that did
// not stick is.
import { equalJson, isJsonObject, type Json, type JsonObject } from '../json.ts';
import { diffFields } from './diff-fields.ts';
import { sameValue } from './value-at.ts';

/** A declared field that the API confirmed, or shows since, with another value than the one sent. */
export interface KeptField {
  /** JSON Pointer into the body. */
  readonly path: string;
  readonly sent?: Json;
  readonly kept?: Json;
}

/** The fields, by JSON Pointer, that hold something else than what was sent. */
export function keptFields(sent: JsonObject, given: JsonObject): KeptField[] {
  return diffFields(sent, given)
    .filter(({ from, to }) => !isRespelling(from, to))
    .map(({ path, from, to }) => ({
      path,
      ...(from !== undefined && { sent: from }),
      ...(to !== undefined && { kept: to }),
    }));
}

/** Trimmed, another case, or one kind of nothing for another. */
export function isRespelling(sent: Json | undefined, given: Json | undefined): boolean {
  if (isNothing(sent) && isNothing(given)) return true;
  if (typeof sent === 'string' && typeof given === 'string') {
    return sent.trim().toLowerCase() === given.trim().toLowerCase();
  }
  if (isJsonObject(sent) && isJsonObject(given)) return keptFields(sent, given).length === 0;
  if (Array.isArray(sent) && Array.isArray(given)) {
    return sent.length === given.length && sent.every((item, at) => same(item, given[at]));
  }
  return false;
}

function same(sent: Json, given: Json | undefined): boolean {
  if (given === undefined) return false;
  return equalJson(sent, given) || isRespelling(sent, given);
}

/** Whether a read shows the value, or how the API may have spelled it without saying so. */
export function isShownAs(value: Json | undefined, read: Json | undefined): boolean {
  return value !== undefined && (sameValue(value, read) || isRespelling(value, read));
}

function isNothing(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '';
}
