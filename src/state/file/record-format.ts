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
import { hiddenKey } from '../../base/secrets.ts';
import type { AppliedRecord, Replaced, SentValues } from '../../model/applied-record.ts';
import type { SyncPolicy, WidgetId, WidgetSpec } from '../../model/widget.ts';
import { asJson, parseWidgetId, sha256 } from '../../model/widget.ts';
import { deepestLive } from '../../model/widget-fields.ts';
import { formatKept, keptShapes, parseKept, type StoredKept } from './unapplied-format.ts';

const formatVersion = 1;

/** Whose records these are, and by whose reading of the files they came to be. */
export interface Origin {
  /** The API's base URL, without a slash at the end. */
  readonly apiUrl: string;
  /** The widget-sync version that reads the files. */
  readonly reader: string;
  /** The widget directory, absolute; absent where nobody has said. */
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
    hash: record.hash,
    spec: sortKeys(asJson(record.spec)),
    sync: { drift: record.sync.drift, ignore: record.sync.ignore },
    echo: record.echo === null ? null : sortKeys(record.echo),
    ...(record.isEchoUnknown && { echo_unknown: true }),
    revision: record.revision,
    applied_at: record.appliedAt.toISOString(),
    unconfirmed_hash: record.unconfirmedHash,
    ...(record.unconfirmedAt && { unconfirmed_at: record.unconfirmedAt.toISOString() }),
    ...(record.areSeveralUnconfirmed && { several_unconfirmed: true }),
    ...(record.unconfirmedFields !== undefined && {
      unconfirmed_values: sortKeys(record.unconfirmedFields),
    }),
    ...(record.unconfirmedBefore && {
      unconfirmed_before: sortKeys(record.unconfirmedBefore),
    }),
    replaced: record.replaced === null ? null : sortKeys(record.replaced),
    ...(record.replacedBefore !== undefined && {
      replaced_before: record.replacedBefore.map(formatReplaced),
    }),
    ...(record.leftBeside !== undefined && { left_beside: sortKeys(record.leftBeside) }),
    ...(record.isGone && { gone: true }),
    ...formatKept(record),
    corrections: record.corrections,
    reader: origin.reader,
    ...(origin.root !== undefined && { root: origin.root }),
  };
  return `${stringifyJson(stored, 2)}\n`;
}

function formatReplaced({ at, values }: Replaced): JsonObject {
  return { at: at.toISOString(), values: sortKeys(values) };
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
    findMalformed(stored) ??
    findTooDeep(stored) ??
    checkHash(stored);
  // `findMalformed` has looked at each field by a table that the compiler checks against this type.
  return damage === null ? toRecord(stored as unknown as Stored, widgetId) : { damage };
}

function findForeign(stored: JsonObject, widgetId: WidgetId): string | null {
  if (parseWidgetId(stored['widget_id']) === widgetId) return null;
  return `its widget_id is ${JSON.stringify(stored['widget_id'])}, not the one in its file name`;
}

/** A record that passed `findMalformed`. */
interface Stored extends StoredKept {
  readonly file: string;
  readonly digest: string;
  readonly hash: string;
  readonly spec: WidgetSpec;
  readonly sync: SyncPolicy;
  readonly echo: JsonObject | null;
  readonly echo_unknown?: true;
  readonly revision: string | null;
  readonly applied_at: string;
  readonly unconfirmed_hash: string | null;
  readonly unconfirmed_at?: string;
  readonly several_unconfirmed?: true;
  readonly unconfirmed_values?: SentValues;
  readonly unconfirmed_before?: JsonObject;
  readonly unconfirmed_fields?: JsonObject;
  readonly replaced: JsonObject | null;
  readonly replaced_before?: readonly { readonly at: string; readonly values: JsonObject }[];
  readonly left_beside?: JsonObject;
  readonly gone?: true;
  readonly corrections: number;
  readonly reader: string;
  readonly root?: string;
}

const shapes: { readonly [key in keyof Stored]-?: (value: unknown) => boolean } = {
  file: (value) => typeof value === 'string' && value !== '',
  digest: isSha256,
  hash: isSha256,
  spec: isJsonObject,
  sync: isSyncPolicy,
  echo: isObjectOrNull,
  // Earlier versions kept neither this, nor what is replaced before and left beside.
  echo_unknown: (value) => value === undefined || value === true,
  revision: (value) => value === null || typeof value === 'string',
  applied_at: isTime,
  unconfirmed_hash: (value) => value === null || isSha256(value),
  // Earlier versions kept none of these.
  unconfirmed_at: (value) => value === undefined || isTime(value),
  several_unconfirmed: (value) => value === undefined || value === true,
  unconfirmed_before: (value) => value === undefined || isJsonObject(value),
  unconfirmed_values: (value) => value === undefined || isSentValues(value),
  // Of earlier versions, which kept the last value alone.
  unconfirmed_fields: (value) => value === undefined || isJsonObject(value),
  replaced: isObjectOrNull,
  replaced_before: (value) =>
    value === undefined || (Array.isArray(value) && value.every(isReplaced)),
  left_beside: (value) => value === undefined || isJsonObject(value),
  gone: (value) => value === undefined || value === true,
  ...keptShapes,
  corrections: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  reader: (value) => typeof value === 'string',
  // Earlier versions did not keep it.
  root: (value) => value === undefined || typeof value === 'string',
};

function findMalformed(stored: JsonObject): string | null {
  const key = Object.entries(shapes).find(([name, fits]) => !fits(stored[name]))?.[0];
  return key === undefined ? null : `its ${key} is missing or malformed`;
}

/** What is deeper was left by an earlier version: nothing that is compared with it may overflow. */
function findTooDeep(stored: JsonObject): string | null {
  return isDeeperThan(deepestRecord, stored) ? 'it nests too deeply' : null;
}

/** A value of a live widget, in a list of values, in a list of what was replaced. */
const deepestRecord = deepestLive + 4;

function checkHash(stored: JsonObject): string | null {
  const matches = sha256(canonicalJson(stored['spec'] ?? null)) === stored['hash'];
  return matches ? null : 'its hash does not match its spec';
}

function toRecord({ reader, root, ...stored }: Stored, widgetId: WidgetId): ParsedRecord {
  const { file, digest, hash, spec, sync, echo, revision, replaced, corrections } = stored;
  const appliedAt = new Date(stored.applied_at);
  const unconfirmedHash = stored.unconfirmed_hash;
  const content = { widgetId, file, digest, hash, spec, sync, echo };
  const write = { revision, appliedAt, unconfirmedHash, replaced, corrections };
  const from = root === undefined ? {} : { root };
  return { record: { ...content, ...write, ...rareFields(stored) }, reader, ...from };
}

function rareFields(stored: Omit<Stored, 'reader' | 'root'>): Partial<AppliedRecord> {
  const { echo_unknown, unconfirmed_at, several_unconfirmed, unconfirmed_before } = stored;
  const { replaced_before, left_beside, gone } = stored;
  const unconfirmedFields = unconfirmedIn(stored);
  return {
    ...(echo_unknown && { isEchoUnknown: true }),
    ...(unconfirmed_at && { unconfirmedAt: new Date(unconfirmed_at) }),
    ...(several_unconfirmed && { areSeveralUnconfirmed: true }),
    ...(unconfirmedFields && { unconfirmedFields }),
    ...(unconfirmed_before && { unconfirmedBefore: unconfirmed_before }),
    ...(replaced_before && {
      replacedBefore: replaced_before.map(({ at, values }) => ({ at: new Date(at), values })),
    }),
    ...(left_beside && { leftBeside: left_beside }),
    ...(gone && { isGone: true }),
    ...parseKept(stored),
  };
}

function unconfirmedIn({
  unconfirmed_values,
  unconfirmed_fields,
}: Pick<Stored, 'unconfirmed_values' | 'unconfirmed_fields'>): SentValues | undefined {
  if (unconfirmed_values !== undefined || unconfirmed_fields === undefined) {
    return unconfirmed_values;
  }
  const sent = Object.entries(unconfirmed_fields);
  return Object.fromEntries(sent.map(([name, value]) => [name, [value]]));
}

function isSyncPolicy(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { drift, ignore } = value;
  const knownDrift = [null, 'correct', 'report', 'off'].some((known) => known === drift);
  return knownDrift && Array.isArray(ignore) && ignore.every(isWholePath);
}

/** A path in which a key was hidden leads elsewhere, and no hash tells it. */
function isWholePath(path: unknown): boolean {
  return typeof path === 'string' && !path.includes(hiddenKey);
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function isReplaced(value: unknown): boolean {
  return isJsonObject(value) && isTime(value['at']) && isJsonObject(value['values']);
}

function isSentValues(value: unknown): boolean {
  return isJsonObject(value) && Object.values(value).every((values) => Array.isArray(values));
}

function isObjectOrNull(value: unknown): boolean {
  return value === null || isJsonObject(value);
}

function isSha256(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}
