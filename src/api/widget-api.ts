// The widget API as this project uses it. The client speaks it over HTTP; nothing else goes out.
import type { JsonObject } from '../base/json/json.ts';
import type { WidgetId } from '../model/widget.ts';
import type { WidgetPage } from './wire.ts';

/** A write that the API answered with a success (2xx) and nothing that cannot be read. */
export interface Confirmation {
  readonly httpStatus: number;
  /** The widget as it now stands; null when the API gave none: only a read tells. */
  readonly widget: JsonObject | null;
}

/**
 * One request per call; a failure is an `ApiError`, also when the signal aborts the request. Of a
 * read, `never` with the status 403, 404 or 405 says that this account or server is not to be read,
 * which leaves writing as it was; a refused key is 401, has the scope `account`, and stops both.
 */
export interface WidgetApi {
  /** Sends the body as it is. */
  putWidget(widgetId: WidgetId, body: JsonObject, signal: AbortSignal): Promise<Confirmation>;
  /**
   * The widget as it stands; null for a 404, which is also how a server without this route answers:
   * only a read that succeeded tells the two apart.
   */
  getWidget(widgetId: WidgetId, signal: AbortSignal): Promise<JsonObject | null>;
  /** One page (from 1) of the account, `size` 1 to 100. */
  listWidgets(page: number, size: number, signal: AbortSignal): Promise<WidgetPage>;
  /** Lets idle connections go. */
  close(): Promise<void>;
}
