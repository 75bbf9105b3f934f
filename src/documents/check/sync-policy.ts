// The `sync` block of a file: the policy that goes with its document, the suspension
// that holds it, and the settings in it that cannot mean anything. Pure; time arrives as a value.

import {
  fromPointer,
  isJsonObject,
  type Json,
  type JsonObject,
  toPointer,
} from '../../base/json/json.ts';
import { closestName } from '../../base/suggest-name.ts';
import { printable, shorten } from '../../base/text.ts';
import type { Finding } from '../../model/document.ts';
import {
  bodyFields,
  readOnlyFields,
  type SyncPolicy,
  type WidgetFile,
} from '../../model/widget.ts';
import { bodySchemas, typesOf } from '../../model/widget-fields.ts';
import {
  type BodyFinding,
  errorAt,
  quoted,
  type Said,
  shown,
  shownField,
  valueIn,
  warningAt,
} from '../parse/finding.ts';
import { parseInstant } from './parse-timestamp.ts';

/** `suspend: true`, with or without an end. Whether it has ended is for the moment of asking to say. */
export interface Suspension {
  readonly reason: string | null;
  /** Null for as long as the file says so. */
  readonly until: Date | null;
}

type Declared = WidgetFile['sync'];

/** For a `sync` that the schema accepts. */
export function policyOf(sync: Declared): SyncPolicy {
  return { drift: sync?.drift ?? null, ignore: [...(sync?.ignore ?? [])] };
}

/**
 * For a `sync` in any state: also a broken file may say that it is suspended. An end that cannot be
 * read is no end.
 */
export function suspensionOf(sync: Json | undefined): Suspension | null {
  if (!isJsonObject(sync) || sync['suspend'] !== true) return null;
  const { reason, until } = sync;
  return {
    reason: typeof reason === 'string' && reason.trim() !== '' ? reason : null,
    until: typeof until === 'string' ? parseInstant(until) : null,
  };
}

export function isOver({ until }: Suspension, now: Date): boolean {
  return until !== null && until <= now;
}

/**
 * The message beside the code `suspended`: `the Christmas page, until 2026-12-24T00:00:00.000Z`, or
 * the setting itself where the file gives no reason.
 */
export function suspensionMessage({ reason, until }: Suspension): string {
  const [what, before] =
    reason === null ? ['sync.suspend is true', ' until '] : [quotedReason(reason), ', until '];
  return until === null ? what : `${what}${before}${until.toISOString()}`;
}

function quotedReason(reason: string): string {
  return printable(shorten(reason.trim().replace(/\s+/g, ' '), 200));
}

/** Whether the file says that it means what a warning or a note is about. An error cannot be allowed. */
export function isAllowed(
  { severity, code }: Pick<Finding, 'severity' | 'code'>,
  sync: Json | undefined,
): boolean {
  if (severity === 'error' || !isJsonObject(sync)) return false;
  const { allow } = sync;
  return Array.isArray(allow) && allow.includes(code);
}

/** Finds what the schema cannot say of `sync`, and nothing about values that it refuses already. */
export function syncFindings(value: JsonObject): BodyFinding[] {
  const sync = value['sync'];
  if (!isJsonObject(sync)) return [];
  return [...ignoreFindings(sync, value), ...untilFindings(sync)];
}

/** Of one file of several: what is wrong with it, whatever the others say. */
export function layerSyncFindings(value: JsonObject): BodyFinding[] {
  const sync = value['sync'];
  const isCalledOff = isJsonObject(sync) && sync['suspend'] === false;
  const isOfLayer = (finding: BodyFinding) =>
    finding.severity === 'error' || (isCalledOff && finding.pointer === untilPointer);
  return syncFindings(value).filter(isOfLayer);
}

/**
 * Of files laid over each other. Where one of them says `suspend`, an end that stands in another belongs to that, also
 * for a file that opts out of it.
 */
export function wholeSyncFindings(value: JsonObject, layers: readonly JsonObject[]): BodyFinding[] {
  const isSaid = layers.some(({ sync }) => isJsonObject(sync) && Object.hasOwn(sync, 'suspend'));
  return syncFindings(value).filter(({ pointer }) => !isSaid || pointer !== untilPointer);
}

const untilPointer = '/sync/until';

/** Whether a text is a JSON Pointer (RFC 6901). */
export function isJsonPointer(text: string): boolean {
  return /^(?:\/(?:[^~/]|~[01])*)*$/.test(text);
}

function ignoreFindings({ ignore }: JsonObject, value: JsonObject): BodyFinding[] {
  if (!Array.isArray(ignore)) return [];
  return ignore.flatMap((pointer, index) => {
    if (typeof pointer !== 'string' || !isJsonPointer(pointer)) return [];
    const refused = explainIgnored(pointer, value);
    const idle = refused === null ? explainIdle(pointer, value) : null;
    if (refused === null && idle === null) return [];
    const at = valueIn(`/sync/ignore/${index}`);
    if (refused !== null) return errorAt(at, 'invalid-value', refused);
    return idle === null ? [] : warningAt(at, 'no-effect', idle);
  });
}

/** The fields that a pointer may begin with. */
export const ignorable = bodyFields.filter((name) => name !== 'widget_type');

/** Null where the pointer can be ignored. */
function explainIgnored(pointer: string, value: JsonObject): Said | null {
  const [field, ...rest] = fromPointer(pointer);
  const summary = `${shown(pointer)} cannot be ignored`;
  if (field === undefined || !ignorable.includes(field)) {
    return { summary, detail: whyNot(field, rest) };
  }
  const list = listAbove([field, ...rest], value);
  if (list === null) return null;
  const whole = toPointer(list);
  return {
    summary: `${summary}: ${shownField(list)} is a list`,
    detail: `A list is ignored whole: write ${quoted(whole)}, or remove the entry.`,
  };
}

/** The list that a place is in, where the schema or the file itself says that there is one. */
export function listAbove(
  segments: readonly string[],
  value: JsonObject,
): readonly string[] | null {
  const [field = ''] = segments;
  if (segments.length > 1 && typesOf(bodySchemas.get(field) ?? {}).includes('array')) {
    return [field];
  }
  let around: Json | undefined = value;
  for (const [index, segment] of segments.entries()) {
    if (Array.isArray(around)) return segments.slice(0, index);
    around = ownMember(around, segment);
  }
  return null;
}

/** Null where what is ignored matters. */
function explainIdle(pointer: string, value: JsonObject): Said | null {
  const segments = fromPointer(pointer);
  const [field = '', ...within] = segments;
  const types = typesOf(bodySchemas.get(field) ?? {});
  if (within.length > 0 && !types.includes('object')) {
    return {
      summary: `${shown(pointer)} leads to nothing`,
      detail: `${field} has nothing within it. Write ${quoted(toPointer([field]))}, or remove the entry.`,
    };
  }
  const declared = segments.reduce<Json | undefined>(ownMember, value);
  if (declared === undefined) return null;
  return {
    summary: `${shownField(segments)} is both declared and ignored`,
    detail:
      'What is ignored belongs to the dashboard, so that what the file declares there is never sent. Remove the one or the other.',
  };
}

function ownMember(value: Json | undefined, name: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function whyNot(field: string | undefined, rest: readonly string[]): string {
  if (field === undefined) return 'It names the whole body. Name fields, such as /bubble_text.';
  if (field === 'widget_type')
    return 'The API requires widget_type in every update. Remove the entry.';
  if (field === 'widget_id' || field === 'sync') {
    return `${field} is no field of the body. Remove the entry.`;
  }
  if (readOnlyFields.includes(field)) {
    return `${field} is set by the API and never compared. Remove the entry.`;
  }
  const nearest = closestName(field, ignorable);
  return nearest === null
    ? `No field of the body is called ${quoted(field)}. Correct the name, or remove the entry.`
    : `Did you mean ${quoted(toPointer([nearest, ...rest]))}?`;
}

function untilFindings(sync: JsonObject): BodyFinding[] {
  const { suspend, until } = sync;
  if (typeof until !== 'string' || parseInstant(until) === null) return [];
  if (suspend === true || (suspend !== undefined && typeof suspend !== 'boolean')) return [];
  const at = valueIn(untilPointer);
  return [
    warningAt(at, 'no-effect', {
      summary: 'sync.until has no effect without suspend: true',
      detail: `The widget is kept as declared, before ${quoted(until)} too. Add suspend: true, or remove until.`,
    }),
  ];
}

/** For a suspension that is over: it has come to nothing, and the file still says otherwise. Null for any other. */
export function explainOver(suspension: Suspension | null, now: Date): Said | null {
  if (suspension === null || suspension.until === null || !isOver(suspension, now)) return null;
  return {
    summary: 'sync.until has passed: the widget is no longer suspended',
    detail: `It ended at ${suspension.until.toISOString()}, and the widget is kept as declared. Remove suspend and until, or set a later end.`,
  };
}
