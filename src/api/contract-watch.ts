// Whether a live widget is what the API's documentation says: a field that nobody knows, or another
// type, is the first sign that the API has moved. Pure; its findings name types, never values.
import type { Json, JsonObject } from '../json.ts';
import { isJsonObject } from '../json.ts';
import { bodyFields, isUuid, readOnlyFields } from '../widget.ts';
import { widgetSchema } from '../widget-schema.ts';
import { oneLine } from './error-body.ts';

export interface ContractFinding {
  /** As the API names it, made fit to be shown. */
  readonly field: string;
  /** `unknown`: neither a body field nor one that only the API sets. `type`: known, with another type. */
  readonly kind: 'unknown' | 'type';
  /** What was expected and what was found, in one sentence. */
  readonly message: string;
}

export interface ContractWatch {
  see(widget: JsonObject): void;
}

/** Says each field once, however many widgets have it. */
export function createContractWatch(onFinding: (finding: ContractFinding) => void): ContractWatch {
  const said = new Set<string>();
  return {
    see(widget) {
      for (const finding of checkContract(widget)) {
        if (said.has(finding.field)) continue;
        said.add(finding.field);
        onFinding(finding);
      }
    },
  };
}

/** In the order of the widget's fields; a field that is missing is no finding. */
export function checkContract(widget: JsonObject): ContractFinding[] {
  return Object.entries(widget).flatMap(([name, value]) => {
    const finding = checkField(name, value);
    return finding === null ? [] : [finding];
  });
}

function checkField(name: string, value: Json): ContractFinding | null {
  const field = oneLine(name);
  const schema = schemas.get(name);
  if (schema === undefined) {
    const message = `The API's documentation does not know the field ${field} of live widgets (found ${typeOf(value)}); it is never sent`;
    return { field, kind: 'unknown', message };
  }
  const found = mismatch(schema, value);
  if (found === null) return null;
  const message = `The field ${field} of live widgets is not what the API's documentation says: expected ${expectation(schema)}, found ${found}`;
  return { field, kind: 'type', message };
}

interface FieldSchema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly Json[];
  readonly items?: FieldSchema;
}

/** What the API may give is what it takes, plus what it sets itself, where a null does no harm. */
const schemas: ReadonlyMap<string, FieldSchema> = new Map([
  ...Object.entries<FieldSchema>(widgetSchema.properties).filter(([name]) =>
    bodyFields.includes(name),
  ),
  ...readOnlyFields.map((name): [string, FieldSchema] => [name, { type: ['string', 'null'] }]),
  ['id', { type: ['string'], format: 'uuid' }],
]);

/** What was found in place of the documented type, or null when it is that type. */
function mismatch(schema: FieldSchema, value: Json): string | null {
  const types = typesOf(schema);
  if (types.length > 0 && !types.includes(typeOf(value))) return typeOf(value);
  if (schema.enum !== undefined && !schema.enum.includes(value)) return 'another string';
  if (schema.format === 'uuid' && typeof value === 'string' && !isUuid(value)) {
    return 'another string';
  }
  const { items } = schema;
  if (items === undefined || !Array.isArray(value)) return null;
  const entry = value.map((one) => mismatch(items, one)).find((found) => found !== null);
  return entry === undefined ? null : `array with ${entry}`;
}

function expectation(schema: FieldSchema): string {
  return typesOf(schema)
    .map((type) => nameOf(type, schema))
    .join(' or ');
}

function nameOf(type: string, schema: FieldSchema): string {
  if (type === 'array' && schema.items?.type !== undefined) {
    return `array of ${expectation(schema.items)}`;
  }
  if (type !== 'string') return type;
  if (schema.enum !== undefined) return 'one of the documented strings';
  return schema.format === 'uuid' ? 'UUID' : type;
}

function typesOf({ type }: FieldSchema): readonly string[] {
  return type === undefined ? [] : [type].flat();
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return isJsonObject(value) ? 'object' : typeof value;
}
