// Describes the end of a request in words. Decides nothing, and shows of a redirect the host only.
import { STATUS_CODES } from 'node:http';
import type { Answer, ApiRequest, Failure, NetworkFailure } from './exchange.ts';
import { safeLine } from './parse-error-body.ts';

/** A read says what it was after; a write is always told beside its widget. */
export function describeAnswer(answer: Answer, request: ApiRequest): string {
  return `${statusLine(answer)}${whenAskedFor(request)}`;
}

/** Describes a status from 400 up that is no use repeating. */
export function describeRefusal(answer: Answer, request: ApiRequest): string {
  const isRead = request.kind !== 'put';
  switch (answer.status) {
    case 401:
      return 'The API refused the key (401)';
    case 403:
      return isRead ? 'The key may not read widgets (403)' : 'The widget may not be written (403)';
    case 404:
      return request.kind === 'list'
        ? 'The API has no list of widgets (404)'
        : 'This account has no such widget (404)';
    case 405:
      return isRead
        ? 'The API does not let widgets be read (405)'
        : describeAnswer(answer, request);
    case 422:
      return isRead
        ? `The API refused to read ${subjectOf(request)} (422)`
        : 'The API refused the widget (422)';
    default:
      return describeAnswer(answer, request);
  }
}

/** Describes a status from 300 to 399. */
export function describeRedirect(answer: Answer): string {
  if (!redirects.has(answer.status)) {
    return `${statusLine(answer)}, which is no answer to this request: check --api-url, and any proxy or cache on the way`;
  }
  const host = redirectHost(answer.location);
  const target = host === null ? '' : ` to ${host}`;
  return `${statusLine(answer)}${target}. Redirects are not followed: check --api-url`;
}

/** The others of their hundred, such as 304 to a request without conditions, lead nowhere. */
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function describeFailure(failure: Failure, request: ApiRequest, host: string): string {
  switch (failure.kind) {
    case 'aborted':
      return request.kind === 'put'
        ? 'The request was aborted before its answer came; whether it took effect is not known'
        : `The reading of ${subjectOf(request)} was aborted`;
    case 'timeout':
      return `No answer from ${host} within ${failure.timeoutMs / 1000} s${whenAskedFor(request)}`;
    case 'network':
      return `No answer from ${host}${whenAskedFor(request)}: ${describeCause(failure)}`;
  }
}

export function describeCause({ code, proxyStatus }: NetworkFailure): string {
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
  [/^UND_ERR_RES_EXCEEDED_MAX_SIZE$/, 'the response is larger than 16 MiB'],
  [/^UND_ERR_HEADERS_OVERFLOW$/, 'the headers of the response are larger than 16 KiB'],
  [/^HTTPParserError$/, 'the response is not HTTP'],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_|UND_ERR_PRX_TLS/,
    'its certificate is not trusted; NODE_EXTRA_CA_CERTS can name your own authority',
  ],
  [/SSL|EPROTO/, 'the TLS handshake failed'],
];

function statusLine({ status }: Answer): string {
  const phrase = STATUS_CODES[status];
  return `The API answered ${status}${phrase === undefined ? '' : ` ${phrase}`}`;
}

function whenAskedFor(request: ApiRequest): string {
  return request.kind === 'put' ? '' : ` when asked for ${subjectOf(request)}`;
}

function subjectOf(request: ApiRequest): string {
  return request.kind === 'list'
    ? `page ${request.page} of the widgets`
    : `widget ${request.widgetId}`;
}

/** The host only: the rest of a redirect may repeat the query, and with it the key. */
function redirectHost(location: string | null): string | null {
  if (location === null) return null;
  try {
    const { host } = new URL(location, 'relative://same-host');
    return host === 'same-host' ? 'another path of the same host' : safeLine(host);
  } catch {
    return null;
  }
}
