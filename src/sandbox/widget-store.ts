// The account's widgets, in memory, and what a PUT does to them. Knows what a widget looks like as the
// API gives it; refuses to judge a body, which is checked before it gets here.
import type { Json, JsonObject } from '../base/json/json.ts';
import { parseJsonText, stringifyJson } from '../base/json/json-text.ts';
import type { WidgetId } from '../model/widget.ts';
import { bodyFields } from '../model/widget.ts';
import { widgetSchema } from '../model/widget-schema.ts';

/**
 * A widget that the account holds from the start. Fields that are not given stand at the API's
 * default; fields that the API's documentation does not know, or of another type, are held as given.
 */
export interface SeedWidget {
  readonly widgetId: WidgetId;
  readonly fields: JsonObject;
}

/** A PUT leaves the body fields that it omits alone (merge), or sets them to their defaults (replace). */
export type PutMode = 'merge' | 'replace';

/** The choices that the API's documentation leaves to the server. */
export interface Storage {
  /** Default: merge. */
  readonly put?: PutMode;
  /**
   * Turns a body field's value into the one that is stored, from a request, a seed or a default. Default:
   * stored as it is. To be idempotent, as a widget's other fields come by again with every write.
   */
  readonly normalise?: (field: string, value: Json) => Json;
  /** Body fields that a PUT may carry, and does not change. */
  readonly drop?: readonly string[];
}

/** `former`: as each widget stood before the last time it was written. */
export type Moment = 'now' | 'former';

export interface WidgetStore {
  /** Adds widgets, or sets those that exist back to their defaults and these fields. */
  seed(widgets: Iterable<SeedWidget>): void;
  get(widgetId: WidgetId, moment?: Moment): JsonObject | null;
  /** In the order in which they were added. */
  all(moment?: Moment): JsonObject[];
  /** Stores a body as the API does; null where there is no such widget. */
  put(widgetId: WidgetId, body: JsonObject): JsonObject | null;
  /** The widget that `put` would store and give, without storing it. */
  preview(widgetId: WidgetId, body: JsonObject): JsonObject | null;
  /** Sets any fields but `id`, and leaves the others alone; null where there is no such widget. */
  edit(widgetId: WidgetId, fields: JsonObject): JsonObject | null;
  /** False where there is no such widget. */
  remove(widgetId: WidgetId): boolean;
}

export function createWidgetStore(storage: Storage = {}): WidgetStore {
  // A stored widget is replaced on every write and never changed in place.
  const widgets = new Map<WidgetId, Readonly<Record<Moment, JsonObject>>>();
  const normalise = normaliser(storage);

  type Change = (before: JsonObject) => JsonObject;
  const write = (widgetId: WidgetId, change: Change) => {
    const former = widgets.get(widgetId)?.now;
    if (former === undefined) return null;
    const now = normalise(copyOf(change(former)));
    widgets.set(widgetId, { now, former });
    return now;
  };
  const setting = (body: JsonObject): Change => {
    return (before) => ({ ...before, ...settled(body, storage) });
  };

  return {
    seed(seeds) {
      for (const { widgetId, fields } of seeds) {
        const seeded = { ...untouched(widgetId), ...copyOf(fields), id: widgetId };
        const now = normalise(seeded);
        widgets.set(widgetId, { now, former: now });
      }
    },
    get: (widgetId, moment = 'now') => widgets.get(widgetId)?.[moment] ?? null,
    all: (moment = 'now') => [...widgets.values()].map((widget) => widget[moment]),
    put: (widgetId, body) => write(widgetId, setting(body)),
    preview(widgetId, body) {
      const now = widgets.get(widgetId)?.now;
      return now === undefined ? null : normalise(copyOf(setting(body)(now)));
    },
    edit: (widgetId, fields) =>
      write(widgetId, (before) => ({ ...before, ...fields, id: widgetId })),
    remove: (widgetId) => widgets.delete(widgetId),
  };
}

/** By way of its text, as an API gets it: what JSON cannot carry does not get in. */
function copyOf(body: JsonObject): JsonObject {
  return parseJsonText(stringifyJson(body)) as JsonObject;
}

/** The body fields that a PUT sets; whatever else it holds is ignored by the API. */
function settled(body: JsonObject, { put = 'merge', drop = [] }: Storage): JsonObject {
  const fields: JsonObject = {};
  for (const field of bodyFields) {
    const value = put === 'replace' && body[field] === undefined ? defaultOf(field) : body[field];
    if (value !== undefined && !drop.includes(field)) fields[field] = value;
  }
  return fields;
}

function normaliser({ normalise }: Storage): (widget: JsonObject) => JsonObject {
  if (normalise === undefined) return (widget) => widget;
  return (widget) => {
    const normalised = { ...widget };
    for (const field of bodyFields) {
      const value = widget[field];
      if (value !== undefined) normalised[field] = normalise(field, value);
    }
    return normalised;
  };
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
