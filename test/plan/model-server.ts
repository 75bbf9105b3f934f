// The API as a function, in every way in which it may treat a write, and the record that a confirmed
// write leaves. Refuses bodies that the schema does not allow, as the API does.

import { Ajv } from 'ajv';
import type { Json, JsonObject } from '../../src/json.ts';
import { isJsonObject } from '../../src/json.ts';
import { correctionsSoFar } from '../../src/plan/decide.ts';
import { echoOf } from '../../src/plan/echo.ts';
import type { Adoption, Change, LiveWidget } from '../../src/plan/types.ts';
import type { AppliedRecord } from '../../src/state/record.ts';
import { bodyFields, isUuid } from '../../src/widget.ts';
import { widgetSchema } from '../../src/widget-schema.ts';
import { recordOf } from './fixtures.ts';

export interface Server {
  /** What becomes of a field that the body omits. */
  readonly omitted: 'kept' | 'reset';
  /** Whether texts are lower-cased and null becomes "". */
  readonly spells: boolean;
}

export const servers: readonly Server[] = [
  { omitted: 'kept', spells: false },
  { omitted: 'reset', spells: false },
  { omitted: 'kept', spells: true },
  { omitted: 'reset', spells: true },
];

/** A body as this server holds it. */
export function spelled(server: Server, value: Json): Json {
  if (!server.spells) return value;
  if (value === null) return '';
  if (typeof value === 'string') return value.toLowerCase();
  if (Array.isArray(value)) return value.map((item) => spelled(server, item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, spelled(server, item)]),
  );
}

/** The widget after a PUT of the body. */
export function put(server: Server, widget: JsonObject, body: JsonObject): JsonObject {
  if (!accepts(body))
    throw new Error(`refused: ${JSON.stringify(body)} ${JSON.stringify(accepts.errors)}`);
  const empty = Object.fromEntries(
    Object.keys(widget).map((name) => [
      name,
      bodyFields.includes(name) ? null : (widget[name] ?? null),
    ]),
  );
  const before = server.omitted === 'kept' ? widget : (spelled(server, empty) as JsonObject);
  return { ...before, ...(spelled(server, body) as JsonObject) };
}

const ajv = new Ajv({ strict: false });
ajv.addFormat('uuid', isUuid);
const { widget_id: _, sync: __, ...properties } = widgetSchema.properties;
const accepts = ajv.compile({ ...widgetSchema, properties, required: ['widget_type'] });

export interface Confirmed {
  readonly change: Change;
  readonly base: LiveWidget | null;
  readonly widget: JsonObject;
  readonly atMs: number;
}

/** The record that a confirmed write leaves. */
export function recordOfWrite(
  { change, base, widget, atMs }: Confirmed,
  earlier: AppliedRecord | null,
): AppliedRecord {
  const written = { ...change.resets, ...change.spec };
  const before = earlier === null ? 0 : correctionsSoFar(earlier, atMs);
  const corrections = { new: 0, edited: 0, forced: before, drifted: before + 1 }[change.reason];
  return {
    ...recordOf(change),
    echo: echoOf(change, widget),
    appliedAt: new Date(atMs),
    replaced: base === null ? null : entriesOf(base.body, (name) => Object.hasOwn(written, name)),
    corrections,
  };
}

export function recordOfAdoption({ document, echo }: Adoption, atMs: number): AppliedRecord {
  return { ...recordOf(document), echo, appliedAt: new Date(atMs) };
}

export function entriesOf(body: JsonObject, wanted: (name: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => wanted(name)));
}
