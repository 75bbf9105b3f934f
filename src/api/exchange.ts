// One request to the widget API and what came of it, as values. Holds no URL, and with it no key.
import type { JsonObject } from '../base/json/json.ts';
import type { WidgetId } from '../model/widget.ts';

export type ApiRequest =
  | { readonly kind: 'put'; readonly widgetId: WidgetId; readonly body: JsonObject }
  | { readonly kind: 'get'; readonly widgetId: WidgetId }
  /** `page` counts from 1, `size` is 1 to 100. */
  | { readonly kind: 'list'; readonly page: number; readonly size: number };

/** One request that was sent, and what came of it. */
export interface SentRequest {
  readonly method: 'GET' | 'PUT';
  /** Of the answer; null where none came, or not all of it. */
  readonly status: number | null;
  /** Connecting included. */
  readonly durationMs: number;
}

/** A response as far as it arrived. */
export interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  readonly retryAfter: string | null;
  readonly location: string | null;
  /** The whole body, or why it could not be read. */
  readonly body: string | NetworkFailure | Garbled;
}

/** A body that arrived whole and holds no text. */
export interface Garbled {
  readonly kind: 'garbled';
  /** Continues the sentence "The API answered 200 OK, but …". */
  readonly why: string;
}

export interface NetworkFailure {
  readonly kind: 'network';
  /** The system's, undici's or OpenSSL's. */
  readonly code: string | null;
  /** The status that a proxy answered instead of opening the tunnel. */
  readonly proxyStatus: number | null;
}

/** Why no answer came. */
export type Failure =
  | NetworkFailure
  | { readonly kind: 'timeout'; readonly timeoutMs: number }
  | { readonly kind: 'aborted' };
