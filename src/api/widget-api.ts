// What the project asks of the widget API. The client speaks it over HTTP; nothing else goes out.
import type { JsonObject } from '../json.ts';
import type { WidgetId, WidgetSpec } from '../widget.ts';

/** A write that the API answered with a readable `200`. */
export interface Confirmation {
  readonly httpStatus: number;
  /** The widget as it now stands; null when the API gave none. */
  readonly widget: JsonObject | null;
}

export interface WidgetApi {
  /** Sends the body as it is. Throws `ApiError`, also when the signal aborts it. */
  putWidget(widgetId: WidgetId, spec: WidgetSpec, signal: AbortSignal): Promise<Confirmation>;
  /** Lets idle connections go. */
  close(): Promise<void>;
}
