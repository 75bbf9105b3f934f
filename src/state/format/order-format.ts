// Orders of people to the process that holds the state as text, and back, each with its answer once there
// is one. Whatever is damaged orders nothing.
import { isJsonObject, type Json, parseJson } from '../../base/json/json.ts';
import { parseWidgetId, type WidgetId } from '../../model/widget.ts';
import type { ForgetAnswer, ForgetOrder, ForgetRefusal } from '../state-store.ts';

export function formatForgetOrder({ widgetIds, time }: Omit<ForgetOrder, 'id'>): string {
  return `${JSON.stringify(orderJson({ widgetIds, time }))}\n`;
}

/** The order and what came of it. */
export function formatForgetAnswer(
  order: ForgetOrder,
  { forgotten, refused }: ForgetAnswer,
): string {
  const answered = {
    ...orderJson(order),
    forgotten,
    refused: refused.map(({ widgetId, why }) => ({ widget_id: widgetId, why })),
  };
  return `${JSON.stringify(answered)}\n`;
}

function orderJson({ widgetIds, time }: Omit<ForgetOrder, 'id'>) {
  return { order: 'forget', widget_ids: widgetIds, time: time.toISOString() };
}

export function parseForgetOrder(text: string, id: string): ForgetOrder | null {
  const stored = parseJson(text);
  if (!isJsonObject(stored) || stored['order'] !== 'forget') return null;
  const widgetIds = idsOf(stored['widget_ids']);
  const time = new Date(typeof stored['time'] === 'string' ? stored['time'] : Number.NaN);
  return widgetIds === null || Number.isNaN(time.getTime()) ? null : { id, widgetIds, time };
}

export function parseForgetAnswer(text: string): ForgetAnswer | null {
  const stored = parseJson(text);
  if (!isJsonObject(stored)) return null;
  const forgotten = idsOf(stored['forgotten']);
  const refused = stored['refused'];
  if (forgotten === null || !Array.isArray(refused)) return null;
  return { forgotten, refused: refused.flatMap(refusalOf) };
}

export function formatResyncOrder(time: Date): string {
  return `${JSON.stringify({ order: 'resync', time: time.toISOString() })}\n`;
}

/** When it was given. */
export function parseResyncTime(text: string): Date | null {
  const stored = parseJson(text);
  if (!isJsonObject(stored) || stored['order'] !== 'resync') return null;
  const time = new Date(typeof stored['time'] === 'string' ? stored['time'] : Number.NaN);
  return Number.isNaN(time.getTime()) ? null : time;
}

function refusalOf(stored: Json): ForgetRefusal[] {
  if (!isJsonObject(stored)) return [];
  const widgetId = parseWidgetId(stored['widget_id']);
  const { why } = stored;
  return widgetId === null || typeof why !== 'string' ? [] : [{ widgetId, why }];
}

function idsOf(stored: Json | undefined): WidgetId[] | null {
  if (!Array.isArray(stored)) return null;
  const ids = stored.flatMap((one) => parseWidgetId(one) ?? []);
  return ids.length === stored.length ? ids : null;
}
