// What the project asks of the widget API. The client speaks it over HTTP; nothing else goes out.
import type { JsonObject } from '../json.ts';
import type { WidgetId } from '../widget.ts';
import type { WidgetPage } from './wire.ts';

/** A write that the API answered with a readable `200`. */
export interface Confirmation {
  readonly httpStatus: number;
  /** The widget as it now stands; null when the API gave none. */
  readonly widget: JsonObject | null;
}

export interface WidgetApi {
  /** Sends the body as it is. Throws `ApiError`, also when the signal aborts it. */
  putWidget(widgetId: WidgetId, body: JsonObject, signal: AbortSignal): Promise<Confirmation>;
  /** The widget as it stands; null for a 404. Throws `ApiError`. */
  getWidget(widgetId: WidgetId, signal: AbortSignal): Promise<JsonObject | null>;
  /** One page (from 1) of the account, `size` 1 to 100. Throws `ApiError`, also for a 404. */
  listWidgets(page: number, size: number, signal: AbortSignal): Promise<WidgetPage>;
  /** Lets idle connections go. */
  close(): Promise<void>;
}
