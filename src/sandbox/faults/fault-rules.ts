// The faults that can be asked of the sandbox, and their conditions: the rules as a file or a test states them.
// `decide-fault.ts` says which rule fires, `faults.ts` carries it out.
import type { WidgetId } from '../../model/widget.ts';

export type Method = 'GET' | 'PUT';

/** One number, or the least and the most of a range that each request draws its own from. */
export type DelayMs = number | readonly [number, number];

/**
 * One kind of fault with its own fields. Those marked "handled" leave the request to the API, and with
 * it a write stored, but spoil what the client is told; the others store nothing.
 */
export type RuleFault =
  /** Handled, later; also when the client has gone by then. */
  | { readonly kind: 'delay'; readonly delayMs: DelayMs }
  /** Handled; the body goes out one byte at a time, so long after each other. */
  | { readonly kind: 'drip'; readonly byteMs: number }
  /** Every connection is cut, and new ones are refused for so long. */
  | { readonly kind: 'refuse'; readonly forMs: number }
  /** The connection is reset (RST) without a byte of an answer. */
  | { readonly kind: 'reset' }
  /** Handled; the connection is reset after half of the body. */
  | { readonly kind: 'cut-body' }
  /** No answer until the client, or the sandbox, closes the connection. */
  | { readonly kind: 'hang' }
  | StatusFault
  | LimitFault
  /** `to` (default: nothing) stands before the request's own path and query, key included. */
  | { readonly kind: 'redirect'; readonly status: RedirectStatus; readonly to?: string }
  /** A write that is handled, but the client gets this status, or by default a reset connection. */
  | { readonly kind: 'lost-answer'; readonly status?: number }
  /** A write that is answered as if it were stored; or with the widget as it was before. */
  | { readonly kind: 'not-stored'; readonly echo?: 'sent' | 'unchanged' }
  /** A read that shows each widget as before its last write. */
  | { readonly kind: 'stale' }
  /** A read that shows each text trimmed and in lower case, however its write was confirmed. */
  | { readonly kind: 'respell' }
  /** Handled; the answer for one widget holds another one. */
  | { readonly kind: 'other-widget' }
  /** Handled; the answer has no body. A success may have this status, 200 to 299, instead of its own. */
  | { readonly kind: 'empty'; readonly status?: number }
  /** Handled; no widget in the answer has this field. */
  | { readonly kind: 'omit'; readonly field: string }
  /** Handled; a whole body in the eyes of HTTP that is half of its JSON. */
  | { readonly kind: 'truncated' }
  /** Handled; the same body under another name, by default text/html. */
  | { readonly kind: 'content-type'; readonly contentType?: string }
  /** Handled; compressed, or bytes that only claim to be. Default: valid, and without being asked. */
  | { readonly kind: 'gzip'; readonly stream?: 'valid' | 'broken'; readonly when?: GzipMoment }
  /** Handled; a body of at least so many bytes (default 50 MiB), in chunks, JSON in form. */
  | { readonly kind: 'huge'; readonly bytes?: number };

export interface StatusFault {
  readonly kind: 'status';
  /** 200 to 599. */
  readonly status: number;
  /** The header as it is sent, sense or nonsense. */
  readonly retryAfter?: string;
  /** Sends Retry-After as an HTTP date so many seconds from now; a negative number is the past. */
  readonly retryAfterDate?: number;
  /** Default: html from 500 up, as a proxy in front would answer, else FastAPI's json. */
  readonly body?: StatusBody;
}

/**
 * A limit of the API's own, in a sliding window: what is more is answered 429, without Retry-After, and
 * does not count.
 */
export interface LimitFault {
  readonly kind: 'limit';
  readonly requests: number;
  /** Default: a second. */
  readonly perMs?: number;
}

export type StatusBody = 'html' | 'json' | 'empty';
export type RedirectStatus = 301 | 302 | 303 | 307 | 308;

/** `asked`: only requests whose Accept-Encoding names gzip. */
export type GzipMoment = 'always' | 'asked';

export type FaultKind = RuleFault['kind'];

/** Which requests a rule concerns, and which of those it fires for. */
export interface Conditions {
  readonly method?: Method;
  readonly widgetId?: WidgetId;
  /** 0 to 1, default 1. */
  readonly probability?: number;
  /** Leaves the first so many of the requests that it concerns alone. */
  readonly after?: number;
  /** Fires at most so often. Default: no limit. */
  readonly times?: number;
}

export type FaultRule = RuleFault & Conditions;

/** The first rule that fires wins. */
export interface FaultPlan {
  /** A whole number from 0 (the default) to 2^32 - 1. */
  readonly seed?: number;
  readonly rules: readonly FaultRule[];
}

/** Kinds that mean something for one method only. */
export const methodOfKind: Readonly<Partial<Record<FaultKind, Method>>> = {
  'lost-answer': 'PUT',
  'not-stored': 'PUT',
  stale: 'GET',
  respell: 'GET',
};
