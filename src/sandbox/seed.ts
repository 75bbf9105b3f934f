// The sandbox's first widgets, made from the files that are going to be applied to it. Pure, and the
// same files always give the same widgets.

import type { Json, JsonObject } from '../base/json/json.ts';
import { equalJson, isJsonObject } from '../base/json/json.ts';
import type { WidgetDocument } from '../model/document.ts';
import type { WidgetSpec } from '../model/widget.ts';
import { asJson } from '../model/widget.ts';
import type { SeedWidget } from './widget-store.ts';

/**
 * `declared`: each widget as its file declares it.
 * `stale`: as it might stand in a dashboard that people edit by hand; at least one declared field of
 * each widget differs from its file.
 */
export type SeedMode = 'declared' | 'stale';

export function seedFromDocuments(
  documents: Iterable<WidgetDocument>,
  mode: SeedMode,
): SeedWidget[] {
  return Array.from(documents, ({ widgetId, spec }) => ({
    widgetId,
    fields: mode === 'declared' ? asJson(spec) : staleFields(spec),
  }));
}

function staleFields(spec: WidgetSpec): JsonObject {
  const declared = asJson(spec);
  const stale: JsonObject = {};
  for (const [field, value] of Object.entries(declared)) stale[field] = staleValue(field, value);
  if (!equalJson(stale, declared)) return stale;
  // Nothing but the channel, owners and nulls: then it is the channel that somebody set wrongly.
  return { ...stale, widget_type: declared['widget_type'] === null ? 'chat' : null };
}

function staleValue(field: string, value: Json): Json {
  // An owner or a channel is rarely edited by hand, and a null is mostly left alone.
  if (keptFields.has(field) || value === null) return value;
  if (field === 'assistant_id') return null;
  if (field.endsWith('_color')) return value === '#6b7280' ? '#9ca3af' : '#6b7280';
  if (typeof value === 'string') return `${value} (old)`.trimStart();
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value)) return value.length > 0 ? value.slice(0, -1) : ['Added by hand'];
  return isJsonObject(value) ? staleObject(value) : value;
}

const keptFields: ReadonlySet<string> = new Set(['widget_type', 'org_id']);

/** Without its last entry, or with one more where there is none to lose. */
function staleObject(value: JsonObject): JsonObject {
  const entries = Object.entries(value);
  return entries.length > 0 ? Object.fromEntries(entries.slice(0, -1)) : { edited_by: 'hand' };
}
