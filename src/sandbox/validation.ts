// The refusals of the API with 422, in the words of FastAPI and pydantic 2. Everything that is wrong with a
// body is reported at once. Stricter than pydantic in one respect: nothing is coerced.
import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv } from 'ajv';
import type { ValidationDetail } from '../api/wire.ts';
import type { Json, JsonObject } from '../base/json/json.ts';
import { fromPointer, isJsonObject } from '../base/json/json.ts';
import { parseJsonText } from '../base/json/json-text.ts';
import type { WidgetId } from '../model/widget.ts';
import { bodyFields, isUuid, parseWidgetId } from '../model/widget.ts';
import { widgetSchema } from '../model/widget-schema.ts';
import { jsonErrorOffset } from './json-offset.ts';

export interface Detail extends ValidationDetail {
  readonly input: Json;
  readonly ctx?: JsonObject;
}

export type Checked<Value> = { readonly value: Value } | { readonly refused: readonly Detail[] };

export interface RawBody {
  readonly text: string;
  readonly contentType: string | undefined;
}

export function checkWidgetId(text: string): Checked<WidgetId> {
  const value = parseWidgetId(text);
  if (value !== null) return { value };
  const problem = { type: 'uuid_parsing', msg: 'Input should be a valid UUID' };
  return { refused: [{ ...problem, loc: ['path', 'widget_id'], input: text }] };
}

export function checkBody(raw: RawBody): Checked<JsonObject> {
  const parsed = parseBody(raw);
  if ('refused' in parsed) return parsed;
  // A number that keeps its text would pass for an object there.
  const plain: JsonObject = JSON.parse(raw.text);
  const validate = bodyValidator();
  if (validate(plain)) return parsed;
  return { refused: (validate.errors ?? []).map((error) => toDetail(error, plain)) };
}

let compiled: ValidateFunction | undefined;

/** Compiled once, by the first body. That it is a schema needs no look: it is a part of the file's. */
function bodyValidator(): ValidateFunction {
  const unchecked = { meta: false, validateSchema: false };
  compiled ??= new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true, ...unchecked })
    .addFormat('uuid', isUuid)
    .compile(bodySchema());
  return compiled;
}

/** The file's schema without what is ours; unknown fields are ignored by the API, not refused. */
function bodySchema(): object {
  const properties = new Map<string, object>(Object.entries(widgetSchema.properties));
  return {
    type: 'object',
    required: ['widget_type'],
    properties: Object.fromEntries(
      bodyFields.map((field) => {
        const schema = properties.get(field) ?? {};
        // The list of values says it all; a type beside it would report one mistake twice.
        return [field, 'enum' in schema ? { enum: schema.enum } : schema];
      }),
    ),
  };
}

/** Reads a body as FastAPI does: JSON where the content type says so or says nothing, else opaque text. */
function parseBody({ text, contentType }: RawBody): Checked<JsonObject> {
  const refuse = (detail: Detail) => ({ refused: [detail] });
  if (text === '') {
    return refuse({ type: 'missing', loc: ['body'], msg: 'Field required', input: null });
  }
  const isJson = contentType === undefined || jsonType.test(contentType);
  const offset = isJson ? jsonErrorOffset(text) : null;
  if (offset !== null) {
    const found = offset < text.length ? 'Unexpected character' : 'Unexpected end of the text';
    const problem = { type: 'json_invalid', msg: 'JSON decode error', ctx: { error: found } };
    return refuse({ ...problem, loc: ['body', offset], input: {} });
  }
  const value = isJson ? (parseJsonText(text) as Json) : text;
  if (isJsonObject(value)) return { value };
  const msg = 'Input should be a valid dictionary or object to extract fields from';
  return refuse({ type: 'model_attributes_type', loc: ['body'], msg, input: value });
}

const jsonType = /^\s*application\/(?:[^;\s]+\+)?json\s*(?:;|$)/i;

function toDetail(error: ErrorObject, body: JsonObject): Detail {
  if (error.keyword === 'required') {
    const loc = ['body', String(error.params['missingProperty'])];
    return { type: 'missing', loc, msg: 'Field required', input: body };
  }
  const loc = ['body', ...locationIn(body, error.instancePath)];
  return { ...refusal(error), loc, input: error.data as Json };
}

/** The segments of a pointer, with positions in arrays as numbers. */
function locationIn(body: Json, pointer: string): (string | number)[] {
  let value: Json | undefined = body;
  return fromPointer(pointer).map((segment) => {
    const isPosition = Array.isArray(value);
    value = (value as JsonObject | undefined)?.[segment];
    return isPosition ? Number(segment) : segment;
  });
}

function refusal({
  keyword,
  schema,
  parentSchema,
  data,
}: ErrorObject): Omit<Detail, 'loc' | 'input'> {
  if (keyword === 'enum') return notAmong(schema as readonly Json[]);
  if (parentSchema?.['format'] === 'uuid') {
    return typeof data === 'string'
      ? { type: 'uuid_parsing', msg: 'Input should be a valid UUID' }
      : { type: 'uuid_type', msg: 'UUID input should be a string, bytes or UUID object' };
  }
  return wrongType(String([schema].flat()[0]));
}

function wrongType(expected: string): Omit<Detail, 'loc' | 'input'> {
  const [type, noun] = pydanticTypes[expected] ?? ['value_error', expected];
  return { type, msg: `Input should be a valid ${noun}` };
}

const pydanticTypes: Readonly<Record<string, readonly [string, string]>> = {
  string: ['string_type', 'string'],
  boolean: ['bool_type', 'boolean'],
  object: ['dict_type', 'dictionary'],
  array: ['list_type', 'list'],
};

function notAmong(values: readonly Json[]): Omit<Detail, 'loc' | 'input'> {
  const quoted = values.filter((value) => value !== null).map((value) => `'${value}'`);
  const expected = `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
  return { type: 'enum', msg: `Input should be ${expected}`, ctx: { expected } };
}
