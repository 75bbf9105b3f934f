// Reads the `data` of a success. Pure and strict: plans and writes are made from it, so whatever
// is not clearly what was asked for is unreadable, never half read.

import type { Json, JsonObject } from '../base/json/json.ts';
import { isJsonObject } from '../base/json/json.ts';
import { NumberText } from '../base/json/number-text.ts';
import { parseWidgetId, type WidgetId } from '../model/widget.ts';
import { fieldsTooDeep } from '../model/widget-fields.ts';
import type { Confirmation } from './widget-api.ts';
import type { WidgetPage } from './wire.ts';

/** `unreadable` continues the sentence "The API answered 200 OK, but …". */
export type DataRead<Value> = { readonly value: Value } | { readonly unreadable: string };

/** Undefined stands for an answer that says nothing of it. `status` is 200 to 299. */
export type DataReader<Value> = (data: Json | undefined, status: number) => DataRead<Value>;

/** Reads the answer to a read: its `data` is what was asked for, whatever the status. */
type ReadReader<Value> = (data: Json | undefined) => DataRead<Value>;

export const foreignEnvelope = { unreadable: "its body is not the API's envelope" };

/** A write may be confirmed without the widget, or with one that does not say its id. */
export function confirmationOf(widgetId: WidgetId): DataReader<Confirmation> {
  return (data = null, httpStatus) => {
    if (data !== null && !isJsonObject(data)) return foreignEnvelope;
    const id = data?.['id'] ?? null;
    if (id !== null && parseWidgetId(id) !== widgetId) return anotherThan(widgetId);
    // The answer counts as one without a widget: a read tells what became of it, and what is wrong with it.
    const widget = data !== null && fieldsTooDeep(data).length > 0 ? null : data;
    return { value: { httpStatus, widget } };
  };
}

export function widgetOf(widgetId: WidgetId): ReadReader<JsonObject> {
  return (data) => {
    if (!isJsonObject(data)) return foreignEnvelope;
    return parseWidgetId(data['id']) === widgetId ? { value: data } : anotherThan(widgetId);
  };
}

function anotherThan(widgetId: WidgetId) {
  return { unreadable: `for another widget than ${widgetId}` };
}

/**
 * One page, the one asked for. `size` is what the server used: it may give fewer than it was asked
 * for. `pages` may be missing; `previous_page` and `next_page` follow from the rest and are not read.
 */
export function pageOf(wanted: number): ReadReader<WidgetPage> {
  return (data) => {
    if (!isJsonObject(data)) return foreignEnvelope;
    const items = itemsOf(data['items']);
    if ('unreadable' in items) return items;
    const [total, page, size] = [data['total'], data['page'], data['size']].map(plainNumber);
    if (!isCount(total, 0) || !isCount(page, 1) || !isCount(size, 1)) {
      return { unreadable: 'its total, page or size is no number that a page can have' };
    }
    // The same holds as with too few pages below: the walk would end here, and an import would say that this
    // is all.
    if (items.value.length > total) {
      return { unreadable: `with more widgets (${items.value.length}) than its total (${total})` };
    }
    if (page !== wanted) return { unreadable: `with page ${page} instead of ${wanted}` };
    const pages = plainNumber(data['pages']) ?? Math.ceil(total / size);
    // Fewer would end the walk early, and the widgets that were not reached would seem to be gone.
    if (!isCount(pages, 0) || pages * size < total) {
      return { unreadable: 'its pages is no number that goes with its total and size' };
    }
    const before = Math.min(page - 1, pages);
    const previous_page = before > 0 ? before : null;
    const next_page = page < pages ? page + 1 : null;
    return { value: { items: items.value, total, page, size, pages, previous_page, next_page } };
  };
}

function itemsOf(items: Json | undefined): DataRead<readonly JsonObject[]> {
  if (!Array.isArray(items)) return { unreadable: 'its body holds no list of widgets' };
  const widgets = items.filter(isJsonObject);
  const isWhole = widgets.every((widget) => parseWidgetId(widget['id']) !== null);
  return widgets.length === items.length && isWhole
    ? { value: widgets }
    : { unreadable: 'its list holds something that is not a widget with an id' };
}

/** A server may well count in `100.0` or `1e2`. */
function plainNumber(value: Json | undefined): Json | undefined {
  return value instanceof NumberText ? Number(value.text) : value;
}

function isCount(value: Json | undefined, least: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}
