// An applied record as text on disk, and back. Reading trusts nothing: a record that is not exactly
// what this account's writer left says why, and is then as good as none.

import type { JsonObject } from '../../base/json/json.ts';
import {
  canonicalJson,
  isDeeperThan,
  isJsonObject,
  parseJson,
  sortKeys,
} from '../../base/json/json.ts';
import { stringifyJson } from '../../base/json/json-text.ts';
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { WidgetId, WidgetSpec } from '../../model/widget.ts';
import { asJson, parseWidgetId, sha256 } from '../../model/widget.ts';
import { deepestLive } from '../../model/widget-fields.ts';
import { findMalformed, type StoredRecordFields } from './record-schema.ts';
import { formatTrail, parseTrail } from './trail-format.ts';

const formatVersion = 1;

/** The account that the records belong to, and the version that read their files. */
export interface Origin {
  /** The API's base URL, without a slash at the end. */
  readonly apiUrl: string;
  /** The widget-sync version that reads the files. */
  readonly reader: string;
  /** The widget directory, absolute; absent where it is not known. */
  readonly root?: string;
}

export type ParsedRecord =
  | { readonly record: AppliedRecord; readonly reader: string; readonly root?: string }
  /** `ofApi`: nothing is wrong with it but that it is another API's. */
  | { readonly damage: string; readonly ofApi?: string };

/** Top-level keys in a fixed order, all others sorted: equal records are equal bytes. */
export function formatRecord(record: AppliedRecord, origin: Origin): string {
  const stored = {
    version: formatVersion,
    api_url: origin.apiUrl,
    widget_id: record.widgetId,
    file: record.file,
    digest: record.digest,
    ...(record.extends && { extends: record.extends }),
    hash: record.hash,
    spec: sortKeys(asJson(record.spec)),
    sync: { drift: record.sync.drift, ignore: record.sync.ignore },
    echo: record.echo === null ? null : sortKeys(record.echo),
    revision: record.revision,
    ...(record.isEdited && { edited: true }),
    applied_at: record.appliedAt.toISOString(),
    ...formatTrail(record.trail),
    ...(record.isGone && { gone: true }),
    ...(record.spelling && { spelling: record.spelling }),
    ...(record.keptSince && { kept_since: record.keptSince.toISOString() }),
    ...(record.keptBeside && { kept_beside: sortKeys(record.keptBeside) }),
    corrections: record.corrections,
    reader: origin.reader,
    ...(origin.root !== undefined && { root: origin.root }),
  };
  return `${stringifyJson(stored, 2)}\n`;
}

/** Never throws; `damage` says in words what is wrong with the text. */
export function parseRecord(text: string, widgetId: WidgetId, apiUrl: string): ParsedRecord {
  const stored = parseJson(text);
  if (stored === undefined) {
    return { damage: text.trim() === '' ? 'it is empty' : 'it is not complete JSON' };
  }
  if (!isJsonObject(stored)) return { damage: 'it is not a JSON object' };
  const { version, api_url: ofApi } = stored;
  if (version !== formatVersion) {
    return { damage: `its version is ${JSON.stringify(version)}, expected ${formatVersion}` };
  }
  if (ofApi !== apiUrl) {
    const damage = `it belongs to another API, ${JSON.stringify(ofApi)}`;
    return typeof ofApi === 'string' ? { damage, ofApi } : { damage };
  }
  const damage =
    findForeign(stored, widgetId) ??
    sayMalformed(findMalformed(stored)) ??
    findTooDeep(stored) ??
    checkHash(stored);
  // `findMalformed` has looked at each field by the schema that this type is derived from.
  return damage === null ? toRecord(stored as unknown as StoredRecordFields, widgetId) : { damage };
}

function findForeign(stored: JsonObject, widgetId: WidgetId): string | null {
  if (parseWidgetId(stored['widget_id']) === widgetId) return null;
  return `its widget_id is ${JSON.stringify(stored['widget_id'])}, not the one in its file name`;
}

function sayMalformed(key: string | null): string | null {
  return key === null ? null : `its ${key} is missing or malformed`;
}

/** A deeper record was left by an earlier version: nothing that is compared with it may overflow. */
function findTooDeep(stored: JsonObject): string | null {
  return isDeeperThan(deepestRecord, stored) ? 'it nests too deeply' : null;
}

/** A value of a live widget, in a list of values, in a list of what was replaced. */
const deepestRecord = deepestLive + 4;

function checkHash(stored: JsonObject): string | null {
  const matches = sha256(canonicalJson(stored['spec'] ?? null)) === stored['hash'];
  return matches ? null : 'its hash does not match its spec';
}

function toRecord(stored: StoredRecordFields, widgetId: WidgetId): ParsedRecord {
  const { file, digest, hash, echo, revision, corrections, reader, root } = stored;
  const { extends: extended, edited, spelling, kept_since, kept_beside, gone } = stored;
  // The schema of another version may have declared other fields: its hash says that they are as they were
  // written.
  const spec = stored.spec as WidgetSpec;
  const record = {
    ...{ widgetId, file, digest, hash, spec, sync: stored.sync, echo, revision },
    ...(extended && { extends: extended }),
    ...(edited && { isEdited: true as const }),
    appliedAt: new Date(stored.applied_at),
    trail: parseTrail(stored),
    ...(spelling && { spelling }),
    ...(kept_since !== undefined && { keptSince: new Date(kept_since) }),
    ...(kept_beside && { keptBeside: kept_beside }),
    ...(gone && { isGone: true as const }),
    corrections,
  };
  return { record, reader, ...(root !== undefined && { root }) };
}
