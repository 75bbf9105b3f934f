// The account's widgets, in memory. Knows what a widget looks like as the API gives it; refuses to
// judge a body, which is checked before it gets here.
import type { Json, JsonObject } from '../json.ts';
import type { WidgetId } from '../widget.ts';
import { bodyFields } from '../widget.ts';
import { widgetSchema } from '../widget-schema.ts';

/** A widget that the account holds from the start. Fields that are not given stand at the API's default. */
export interface SeedWidget {
  readonly widgetId: WidgetId;
  readonly fields: JsonObject;
}

export interface WidgetStore {
  /** Adds widgets, or sets those that exist back to their defaults and these fields. */
  seed(widgets: Iterable<SeedWidget>): void;
  get(widgetId: WidgetId): JsonObject | null;
  /** In the order in which they were added. */
  all(): JsonObject[];
  /** Sets the fields that the body holds and leaves the others alone; null where there is no such widget. */
  update(widgetId: WidgetId, body: JsonObject): JsonObject | null;
}

export function createWidgetStore(): WidgetStore {
  // A stored widget is replaced on every write and never changed in place.
  const widgets = new Map<WidgetId, JsonObject>();
  return {
    seed(seeds) {
      for (const { widgetId, fields } of seeds) {
        widgets.set(widgetId, merge(untouched(widgetId), fields));
      }
    },
    get: (widgetId) => widgets.get(widgetId) ?? null,
    all: () => [...widgets.values()],
    update(widgetId, body) {
      const before = widgets.get(widgetId);
      if (before === undefined) return null;
      const after = merge(before, body);
      widgets.set(widgetId, after);
      return after;
    },
  };
}

/** Body fields only: what the API does not know, and what only the server sets, is ignored. */
function merge(before: JsonObject, body: JsonObject): JsonObject {
  const after = { ...before };
  for (const field of bodyFields) {
    const value = body[field];
    if (value !== undefined) after[field] = structuredClone(value);
  }
  return after;
}

function untouched(widgetId: WidgetId): JsonObject {
  const widget: JsonObject = { id: widgetId };
  for (const field of bodyFields) widget[field] = defaultOf(field);
  return {
    ...widget,
    conversation_bot_icon: 'icons/conversation-bot.svg',
    bubble_bot_icon: 'icons/bubble-bot.svg',
    provider_user_friendly_label: 'Sandbox',
    widget_provider: 'sandbox',
  };
}

function defaultOf(field: string): Json {
  const schema = fieldSchemas.get(field);
  if (schema?.default !== undefined) return schema.default;
  if (schema?.type === 'object') return {};
  if (schema?.type === 'array') return [];
  return null;
}

type FieldSchema = { readonly type: string | readonly string[]; readonly default?: boolean };

const fieldSchemas: ReadonlyMap<string, FieldSchema> = new Map(
  Object.entries<FieldSchema>(widgetSchema.properties),
);
