// Whether a live widget is what the API's documentation says: a field that it does not name, or another
// type, is the first sign that the API has moved. Pure; its findings name types, never values.

import { type Json, type JsonObject, typeOf } from '../base/json/json.ts';
import { readOnlyFields } from '../model/widget.ts';
import { bodySchemas, type FieldSchema, misfit, typesOf } from '../model/widget-fields.ts';
import { safeLine } from './parse-error-body.ts';

export interface ContractFinding {
  /** The API's name of the field, made fit to be shown. */
  readonly field: string;
  /**
   * `unknown`: neither a body field nor one that only the API sets. `type`: known, with another type.
   * `missing`: no longer there, though it was confirmed once.
   */
  readonly kind: 'unknown' | 'type' | 'missing';
  /** One sentence that says what was expected and what was found. */
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

/** `widgets`: how many declare it. */
export function missingField(name: string, widgets: number): ContractFinding {
  const field = safeLine(name);
  const message = `The field ${field} is no longer in the API's answers, and ${widgets === 1 ? '1 widget declares it' : `${widgets} widgets declare it`}: what was applied is taken to hold, and nothing is written for it`;
  return { field, kind: 'missing', message };
}

/** In the order of the widget's fields; whether one is missing cannot be said of a widget alone. */
export function checkContract(widget: JsonObject): ContractFinding[] {
  return Object.entries(widget).flatMap(([name, value]) => {
    const finding = checkField(name, value);
    return finding === null ? [] : [finding];
  });
}

function checkField(name: string, value: Json): ContractFinding | null {
  const schema = schemas.get(name);
  const found = schema === undefined ? typeOf(value) : misfit(schema, value);
  // A sweep looks at every field of every widget, and hardly one of them is to be shown.
  if (found === null) return null;
  const field = safeLine(name);
  if (schema === undefined) {
    const message = `The API's documentation does not know the field ${field} of live widgets (found ${found}); it is never sent`;
    return { field, kind: 'unknown', message };
  }
  const message = `The field ${field} of live widgets is not what the API's documentation says: expected ${expectation(schema)}, found ${found}`;
  return { field, kind: 'type', message };
}

/** The API may give what it takes, and what it sets itself, where a null does no harm. */
const schemas: ReadonlyMap<string, FieldSchema> = new Map([
  ...bodySchemas,
  ...readOnlyFields.map((name): [string, FieldSchema] => [name, { type: ['string', 'null'] }]),
  ['id', { type: ['string'], format: 'uuid' }],
]);

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
