// The one place where it is decided what a response, or the lack of one, means: confirmed, to be
// tried later, or never. Pure; decides from status and shape, never from the wording of a message.
import { STATUS_CODES } from 'node:http';
import { ApiError, type ApiErrorFacts } from '../errors.ts';
import { isJsonObject } from '../json.ts';
import { parseWidgetId, type WidgetId } from '../widget.ts';
import { explain, oneLine, parseJson } from './error-body.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { Confirmation } from './widget-api.ts';

/** A response as far as it arrived. */
export interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  readonly retryAfter: string | null;
  readonly location: string | null;
  /** The whole body, or why it could not be read to its end. */
  readonly body: string | NetworkFailure;
}

export interface NetworkFailure {
  readonly kind: 'network';
  /** The system's, undici's or OpenSSL's. */
  readonly code: string | null;
  /** What a proxy answered instead of opening the tunnel. */
  readonly proxyStatus: number | null;
}

/** Why no answer came. */
export type Failure =
  | NetworkFailure
  | { readonly kind: 'timeout'; readonly timeoutMs: number }
  | { readonly kind: 'aborted' };

/** What must be known of the request to judge its answer. */
export interface Asked {
  readonly widgetId: WidgetId;
  /** Whom the request was sent to, for messages. */
  readonly host: string;
  readonly receivedAt: Date;
  /** Another key came into force while the request was on its way. */
  readonly keyReplaced: boolean;
}

export function classify(result: Answer | Failure, asked: Asked): Confirmation | ApiError {
  if (result.kind !== 'answer') return later(describeFailure(result, asked.host), null);
  if (result.status === 200) return classifyConfirmed(result, asked);
  if (isWorthRepeating(result.status)) {
    return later(
      `${answered(result)}${reason(result)}`,
      result.status,
      retryAfterOf(result, asked),
    );
  }
  return classifyRefusal(result, asked);
}

/** RFC 9110: too slow, too early, too often, or the server's own trouble; any 2xx but 200 is not a confirmation. */
function isWorthRepeating(status: number): boolean {
  return [408, 425, 429].includes(status) || status >= 500 || status < 300;
}

function classifyConfirmed(answer: Answer, asked: Asked): Confirmation | ApiError {
  if (typeof answer.body !== 'string') {
    const why = causeOf(answer.body);
    return later(`${answered(answer)}, but its body did not arrive whole: ${why}`, 200);
  }
  const envelope = parseJson(answer.body);
  if (!isJsonObject(envelope)) {
    return later(`${answered(answer)}, but its body is not a JSON object`, 200);
  }
  const widget = envelope['data'];
  if (widget !== null && !isJsonObject(widget)) {
    return later(`${answered(answer)}, but its body is not the API's envelope`, 200);
  }
  const id = widget?.['id'] ?? null;
  if (id !== null && parseWidgetId(id) !== asked.widgetId) {
    return later(`${answered(answer)}, but for another widget than ${asked.widgetId}`, 200);
  }
  return { httpStatus: answer.status, widget };
}

function classifyRefusal(answer: Answer, asked: Asked): ApiError {
  const { status } = answer;
  if (status < 400) return never(describeRedirect(answer), answer);
  switch (status) {
    case 401:
    case 403:
      return classifyAccount(answer, asked);
    case 404:
      return never(`This account has no such widget (404)${reason(answer)}`, answer);
    case 422:
      return never(`The API refused the widget (422)${reason(answer)}`, answer);
    default:
      return never(`${answered(answer)}${reason(answer)}`, answer);
  }
}

function classifyAccount(answer: Answer, asked: Asked): ApiError {
  const { status } = answer;
  // Without this, a late answer to the old key would stop the queue after the key was corrected.
  if (asked.keyReplaced) {
    return later(`The API refused the key (${status}), which has been replaced since`, status);
  }
  const summary =
    status === 401 ? 'The API refused the key (401)' : 'The key may not do this (403)';
  const advice = 'Check INSIGHTO_API_KEY or the file that INSIGHTO_API_KEY_FILE names.';
  return never(`${summary}${reason(answer)}. ${advice}`, answer, 'account');
}

function later(message: string, status: number | null, retryAfterMs: number | null = null) {
  const facts: ApiErrorFacts = {
    status,
    retry: 'later',
    scope: 'widget',
    retryAfterMs,
    refusedFields: [],
  };
  return new ApiError(message, facts);
}

function never(message: string, answer: Answer, scope: 'widget' | 'account' = 'widget'): ApiError {
  return new ApiError(message, {
    status: answer.status,
    retry: 'never',
    scope,
    retryAfterMs: null,
    refusedFields: bodyOf(answer).refusedFields,
  });
}

function retryAfterOf(answer: Answer, asked: Asked): number | null {
  return answer.retryAfter === null ? null : parseRetryAfter(answer.retryAfter, asked.receivedAt);
}

/** The status alone decides about a refusal: a body that broke off takes away only the explanation. */
function bodyOf(answer: Answer) {
  return explain(typeof answer.body === 'string' ? answer.body : '');
}

/** `: …`, ready to be appended, or nothing. */
function reason(answer: Answer): string {
  const { text } = bodyOf(answer);
  return text === '' ? '' : `: ${text.replace(/[.\s]+$/, '')}`;
}

function answered({ status }: Answer): string {
  const phrase = STATUS_CODES[status];
  return `The API answered ${status}${phrase === undefined ? '' : ` ${phrase}`}`;
}

function describeRedirect(answer: Answer): string {
  const host = redirectHost(answer.location);
  const target = host === null ? '' : ` to ${host}`;
  return `${answered(answer)}${target}. Redirects are not followed: check --api-url`;
}

/** The host only: the rest of a redirect may repeat the query, and with it the key. */
function redirectHost(location: string | null): string | null {
  if (location === null) return null;
  try {
    const { host } = new URL(location, 'relative://same-host');
    return host === 'same-host' ? 'another path of the same host' : oneLine(host);
  } catch {
    return null;
  }
}

function describeFailure(failure: Failure, host: string): string {
  switch (failure.kind) {
    case 'aborted':
      return 'The request was aborted before its answer came; whether it took effect is not known';
    case 'timeout':
      return `No answer from ${host} within ${failure.timeoutMs / 1000} s`;
    case 'network':
      return `No answer from ${host}: ${causeOf(failure)}`;
  }
}

function causeOf({ code, proxyStatus }: NetworkFailure): string {
  if (proxyStatus !== null) return `the proxy refused the tunnel with ${proxyStatus}`;
  if (code === null) return 'unknown cause';
  const known = networkReasons.find(([pattern]) => pattern.test(code));
  return known === undefined ? code : `${known[1]} (${code})`;
}

const networkReasons: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED$/, 'connection refused'],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, 'the connection was closed'],
  [/^PROXY_CLOSED$/, 'the proxy closed the connection'],
  [/^ENOTFOUND$/, 'the host name is not known'],
  [/^EAI_AGAIN$/, 'the host name could not be looked up just now'],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, 'no connection in time'],
  [/^(EHOSTUNREACH|ENETUNREACH)$/, 'no route to it'],
  [/^UND_ERR_RES_EXCEEDED_MAX_SIZE$/, 'the response is larger than 4 MiB'],
  [/^HTTPParserError$/, 'the response is not HTTP'],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_|UND_ERR_PRX_TLS/,
    'its certificate is not trusted; NODE_EXTRA_CA_CERTS can name your own authority',
  ],
  [/SSL|EPROTO/, 'the TLS handshake failed'],
];
