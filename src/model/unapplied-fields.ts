// Fields that the API keeps otherwise than they were sent. A mere respelling is no news; a value that did
// not stick is, and so is a respelling that only reads have shown.
import { equalJson, isJsonObject, type Json, type JsonObject } from '../base/json/json.ts';
import { diffFields, type FieldDifference } from './diff-fields.ts';
import { sameValue } from './value-at.ts';

/** A declared field that the API confirmed, or shows since, with another value than the one sent. */
export interface UnappliedField {
  /** JSON Pointer into the body. */
  readonly path: string;
  readonly sent?: Json;
  readonly kept?: Json;
  /** Only where true: merely spelled otherwise, as two reads after two writes have shown. */
  readonly spelling?: true;
}

/** The fields, by JSON Pointer, that hold something else than what was sent. */
export function unappliedFields(sent: JsonObject, given: JsonObject): UnappliedField[] {
  return diffFields(sent, given)
    .filter(({ from, to }) => !isRespelling(from, to))
    .map(asUnapplied);
}

/** The fields, by JSON Pointer, that hold what was sent in another spelling. */
export function respelledFields(sent: JsonObject, given: JsonObject): UnappliedField[] {
  return diffFields(sent, given)
    .filter(({ from, to }) => isRespelling(from, to))
    .map((difference) => ({ ...asUnapplied(difference), spelling: true }));
}

function asUnapplied({ path, from, to }: FieldDifference): UnappliedField {
  return {
    path,
    ...(from !== undefined && { sent: from }),
    ...(to !== undefined && { kept: to }),
  };
}

/**
 * Trimmed, another case, another Unicode form, line ending or notation of a colour, or one kind of nothing
 * for another.
 */
export function isRespelling(sent: Json | undefined, given: Json | undefined): boolean {
  if (isNothing(sent) && isNothing(given)) return true;
  if (typeof sent === 'string' && typeof given === 'string') {
    return plainSpelling(sent) === plainSpelling(given);
  }
  if (isJsonObject(sent) && isJsonObject(given)) return unappliedFields(sent, given).length === 0;
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

function plainSpelling(text: string): string {
  const plain = text.normalize('NFC').replaceAll('\r\n', '\n').trim().toLowerCase();
  return isHexColour.test(plain) ? longColour(plain) : plain;
}

/** CSS: `#rgb` is short for `#rrggbb`, and the opacity that a fourth digit or pair gives is `ff` without. */
const isHexColour = /^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/;

function longColour(colour: string): string {
  const long = colour.length < 6 ? colour.replace(/[0-9a-f]/g, '$&$&') : colour;
  return long.length === 9 ? long.replace(/ff$/, '') : long;
}

function isNothing(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return true;
  return Array.isArray(value) ? value.length === 0 : isEmptyObject(value);
}

function isEmptyObject(value: Json): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}
