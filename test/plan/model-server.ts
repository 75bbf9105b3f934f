// The API as a function, in every way in which it may treat a write. Refuses bodies that the schema does
// not allow, as the API does.
import { Ajv } from 'ajv';
import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/base/json/json.ts';
import { isJsonObject } from '../../src/base/json/json.ts';
import { bodyFields, isUuid } from '../../src/model/widget.ts';
import { bodySchemas } from '../../src/model/widget-fields.ts';

export interface Server {
  /** What becomes of a field that the body omits. */
  readonly omitted: 'kept' | 'reset';
  /** Whether texts are lower-cased and null becomes "". */
  readonly spells: boolean;
  /** What it gives back of a write. */
  readonly tells: 'all' | 'some' | 'nothing';
  /** Whether what is null is left out of what it tells and shows. */
  readonly leavesOutNulls?: boolean;
  /** Whether reads show texts lower-cased and null as "", however the write was confirmed. */
  readonly respellsReads?: boolean;
  /** A field that no write changes. */
  readonly stubborn: string | null;
}

export const anyServer: fc.Arbitrary<Server> = fc.record({
  omitted: fc.constantFrom('kept', 'reset'),
  spells: fc.boolean(),
  tells: fc.constantFrom('all', 'some', 'nothing'),
  stubborn: fc.constantFrom(null, null, 'name', 'style_params'),
});

/** What a confirmation says of the widget. */
export function told(server: Server, widget: JsonObject): JsonObject | null {
  if (server.tells === 'nothing') return null;
  const { name, style_params, ...rest } = widget;
  return withoutNulls(server, server.tells === 'all' ? widget : rest);
}

/** What a read shows of the widget. */
export function shown(server: Server, widget: JsonObject): JsonObject {
  if (server.respellsReads) return spelled({ ...server, spells: true }, widget) as JsonObject;
  return withoutNulls(server, widget);
}

function withoutNulls({ leavesOutNulls }: Server, widget: JsonObject): JsonObject {
  if (!leavesOutNulls) return widget;
  return Object.fromEntries(Object.entries(widget).filter(([, value]) => value !== null));
}

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

/** How this server may show a value that was declared: it may hold nothing where it takes an empty one. */
export function shownAs(server: Server, value: Json): Json[] {
  const isEmpty = value !== null && typeof value === 'object' && Object.keys(value).length === 0;
  // What is nothing or the API's default is not sent where null looks the same.
  const isUnsent = server.leavesOutNulls && (value === '' || value === false);
  return [
    value,
    spelled(server, value),
    ...(isEmpty ? [null, ''] : []),
    ...(isUnsent ? [null] : []),
  ];
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
  const after = { ...before, ...(spelled(server, body) as JsonObject) };
  const kept = entriesOf(widget, (name) => name === server.stubborn);
  return { ...after, ...kept };
}

function entriesOf(body: JsonObject, wanted: (name: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => wanted(name)));
}

const ajv = new Ajv({ strict: false });
ajv.addFormat('uuid', isUuid);
const properties = Object.fromEntries(bodySchemas);
const required = ['widget_type'];
const accepts = ajv.compile({ type: 'object', properties, required, additionalProperties: false });
