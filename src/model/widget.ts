// A widget as git declares it: its identity, its body, and the hash by which two bodies are the same.
// Refuses to know about files, YAML or HTTP.
import { hash } from 'node:crypto';
import type { FromSchema } from 'json-schema-to-ts';
import type { Json, JsonObject } from '../base/json/json.ts';
import { canonicalJson } from '../base/json/json.ts';
import { widgetSchema } from './widget-schema.ts';

declare const widgetIdBrand: unique symbol;

/** A widget's UUID, always in lower case, so that two spellings are one widget. */
export type WidgetId = string & { readonly [widgetIdBrand]: true };

/** A whole widget file, as `schemas/widget.schema.json` accepts it. */
export type WidgetFile = FromSchema<
  typeof widgetSchema,
  // A default is what the API assumes, not what a file declares.
  { keepDefaultedPropertiesOptional: true }
>;

const notSent = ['widget_id', 'extends', 'omit', 'sync'] as const;

/** The body fields that a file declares, with what it inherits: exactly what is sent to the API. */
export type WidgetSpec = Omit<WidgetFile, (typeof notSent)[number]> &
  Required<Pick<WidgetFile, 'widget_type'>>;

/** A file's `sync` block, with the suspension already decided on. */
export interface SyncPolicy {
  /** Null: whatever the command says. */
  readonly drift: 'correct' | 'report' | 'off' | null;
  /** JSON Pointers into the body that belong to the dashboard. */
  readonly ignore: readonly string[];
}

/** Fields of a widget that only the API sets (`PUT /api/v1/widget/{widget_id}`, response). */
export const readOnlyFields: readonly string[] = [
  'id',
  'conversation_bot_icon',
  'bubble_bot_icon',
  'provider_user_friendly_label',
  'widget_provider',
];

/** Every body field that can be declared, in the schema's order. */
export const bodyFields: readonly string[] = Object.keys(widgetSchema.properties).filter(
  (name) => !notSent.some((one) => one === name),
);

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return uuid.test(text);
}

/** The id in its one spelling, or null when the text is not a UUID. */
export function parseWidgetId(text: unknown): WidgetId | null {
  return typeof text === 'string' && isUuid(text) ? (text.toLowerCase() as WidgetId) : null;
}

/** SHA-256 (hex) over the canonical JSON of the declared body: key order and quoting do not count. */
export function hashSpec(spec: WidgetSpec): string {
  return sha256(canonicalJson(asJson(spec)));
}

export function sha256(content: string | Uint8Array): string {
  return hash('sha256', content);
}

/** A body as a spec. The compiler cannot know it: whoever calls has had it accepted by the schema, or made it of such. */
export function asSpec(body: JsonObject): WidgetSpec {
  return body as unknown as WidgetSpec;
}

/** A spec seen as plain JSON, which it is: it was read from YAML that only allows JSON values. */
export function asJson(spec: WidgetSpec): JsonObject {
  return spec as { [name: string]: Json };
}
