// Brings the body of an error response to a form that can be shown: one line, no markup,
// no URL query, no key. Pure; the status decides what it means (`classify.ts`).
import type { RefusedField } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json/json.ts';
import { isJsonObject, parseJson, toPointer } from '../base/json/json.ts';
import { hideSecrets } from '../base/secrets.ts';
import { listed, oneLine } from '../base/text.ts';
import { fieldName } from '../model/field-name.ts';

export interface Explanation {
  /** Empty when the body holds nothing fit to be shown (HTML, nothing at all). */
  readonly text: string;
  readonly refusedFields: readonly RefusedField[];
}

/** Reads FastAPI's two shapes, the API's own envelope, and plain text. */
export function explain(body: string): Explanation {
  const json = parseJson(body);
  if (!isJsonObject(json)) return { text: plainText(body, json), refusedFields: [] };
  if (Array.isArray(json['detail'])) return explainFields(json['detail']);
  return { text: firstText(json), refusedFields: [] };
}

const maxTextLength = 300;

/** Far more than is shown, so that the pattern below never works through megabytes. */
const maxCleanedLength = 8 * maxTextLength;

/** Text from outside as one short, printable line without the queries of URLs. */
export function safeLine(text: string): string {
  // Keys first: cutting the text could cut a key in two and leave one half unrecognised.
  const begin = hideSecrets(text).slice(0, maxCleanedLength);
  return oneLine(begin.replace(urlQuery, ''), maxTextLength);
}

// A question mark counts after a slash only: a refused field may well quote a pattern such as ^#?\w+$.
const urlQuery = /(?<=\/[^\s?"'<>]{0,200})\?(?:\[api key\]|[^\s"'<>])+/g;

function plainText(body: string, json: Json | undefined): string {
  if (typeof json === 'string') return safeLine(json);
  const isMarkup = body.trimStart().startsWith('<');
  return json !== undefined || isMarkup ? '' : safeLine(body);
}

function firstText(body: JsonObject): string {
  const { detail } = body;
  const places = isJsonObject(detail) ? [detail, body] : [body];
  const texts = places.flatMap((place) => [place['detail'], place['message'], place['msg']]);
  const text = texts.find((value) => typeof value === 'string');
  return text === undefined ? '' : safeLine(text);
}

/** How many of the refused fields the message names; all of them are in `refusedFields`. */
const namedFields = 3;

function explainFields(detail: readonly Json[]): Explanation {
  const refusedFields = detail.filter(isJsonObject).map(toRefusedField);
  const texts = refusedFields.map(({ path, message }) =>
    path === '' ? message : `${safeLine(fieldName(path))}: ${message}`,
  );
  return { text: listed(texts, namedFields, '; '), refusedFields };
}

/** FastAPI's `loc` begins with the part of the request; only `body` leads into the file. */
function toRefusedField(detail: JsonObject): RefusedField {
  const { loc, msg } = detail;
  const message = typeof msg === 'string' ? safeLine(msg) : 'refused, without a reason';
  const steps = Array.isArray(loc) ? loc.filter(isStep) : [];
  if (steps[0] === 'body') return { path: hideSecrets(toPointer(steps.slice(1))), message };
  const place = safeLine(steps.join('.'));
  return { path: '', message: place === '' ? message : `${place}: ${message}` };
}

function isStep(step: Json): step is string | number {
  return typeof step === 'string' || typeof step === 'number';
}
