import { expect, test } from 'vitest';
import { type Asked, classify } from '../../src/api/classify-response.ts';
import type { Answer, ApiRequest, Failure } from '../../src/api/exchange.ts';
import { type DataReader, pageOf, widgetOf } from '../../src/api/read-data.ts';
import { ApiError } from '../../src/base/errors.ts';
import { widgetId } from './loopback.ts';

const one: ApiRequest = { kind: 'get', widgetId };
const page: ApiRequest = { kind: 'list', page: 3, size: 100 };

test.each([
  ...[201, 204, 301, 304, 307, 408, 425, 429, 500, 502, 503, 504].map(
    (status) => [status, 'later'] as const,
  ),
  ...[400, 403, 404, 405, 409, 410, 422].map((status) => [status, 'never'] as const),
])('a read answered with %i is to be tried %s, and stops nothing else', (status, retry) => {
  for (const request of [one, page]) {
    expect(failure(request, status)).toMatchObject({ status, retry, scope: 'widget' });
  }
});

test.each([one, page])('a key refused when reading concerns the account: $kind', (request) => {
  expect(failure(request, 401)).toMatchObject({ status: 401, retry: 'never', scope: 'account' });
});

test.each([401, 403])('%i to a key that was replaced since may be later', (status) => {
  const error = failure(page, status, { keyReplaced: true });
  expect(error).toMatchObject({ status, retry: 'later', scope: 'widget' });
});

test.each<[number, ApiRequest, string]>([
  [403, one, 'The key may not read widgets (403): No'],
  [403, page, 'The key may not read widgets (403): No'],
  [404, one, 'This account has no such widget (404): No'],
  [404, page, 'The API has no list of widgets (404): No'],
  [405, one, 'The API does not let widgets be read (405): No'],
  [405, page, 'The API does not let widgets be read (405): No'],
  [422, one, `The API refused to read widget ${widgetId} (422): No`],
  [422, page, 'The API refused to read page 3 of the widgets (422): No'],
  [400, page, 'The API answered 400 Bad Request when asked for page 3 of the widgets: No'],
  [503, one, `The API answered 503 Service Unavailable when asked for widget ${widgetId}: No`],
  [
    308,
    page,
    'The API answered 308 Permanent Redirect. Redirects are not followed: check --api-url',
  ],
])('%i to a read says what was read: %j', (status, request, message) => {
  expect(failure(request, status).message).toBe(message);
});

test.each<[Failure, string]>([
  [
    { kind: 'timeout', timeoutMs: 30_000 },
    'No answer from api.example.test within 30 s when asked for page 3 of the widgets',
  ],
  [
    { kind: 'network', code: 'ECONNREFUSED', proxyStatus: null },
    'No answer from api.example.test when asked for page 3 of the widgets: connection refused (ECONNREFUSED)',
  ],
  [{ kind: 'aborted' }, 'The reading of page 3 of the widgets was aborted'],
])('no answer to a read says what was read: %j', (failed, message) => {
  const error = classify(failed, askedFor(page), pageOf(3));
  expect(error).toMatchObject({ status: null, retry: 'later', scope: 'widget' });
  expect((error as ApiError).message).toBe(message);
});

test('Retry-After is heard on reads too', () => {
  const error = classify({ ...refusal(429), retryAfter: '7' }, askedFor(page), pageOf(3));
  expect(error).toMatchObject({ retry: 'later', retryAfterMs: 7_000 });
});

test.each([
  ['', 'its body is empty'],
  ['<html></html>', 'its body is not a JSON object'],
  ['{"data":{"items":[', 'its body is not a JSON object'],
  ['[]', 'its body is not a JSON object'],
  ['null', "its body is not the API's envelope"],
  ['{}', "its body is not the API's envelope"],
  ['{"data":null}', "its body is not the API's envelope"],
  ['{"data":[]}', "its body is not the API's envelope"],
  ['{"data":"x"}', "its body is not the API's envelope"],
])('a 200 with the body %j was not read and may be later', (body, why) => {
  const answers = { ...refusal(200), body };
  for (const request of [one, page]) {
    const error = classify(answers, askedFor(request), readerOf(request));
    expect(error).toMatchObject({ status: 200, retry: 'later', scope: 'widget' });
    expect((error as ApiError).message).toMatch(`, but ${why}`);
  }
});

function failure(request: ApiRequest, status: number, more: Partial<Asked> = {}): ApiError {
  const outcome = classify(refusal(status), askedFor(request, more), readerOf(request));
  if (outcome instanceof ApiError) return outcome;
  throw new Error('read');
}

function readerOf(request: ApiRequest): DataReader<object> {
  return request.kind === 'list' ? pageOf(request.page) : widgetOf(widgetId);
}

function askedFor(request: ApiRequest, more: Partial<Asked> = {}): Asked {
  const receivedAt = new Date('2026-03-01T12:00:00Z');
  return { request, host: 'api.example.test', receivedAt, keyReplaced: false, ...more };
}

function refusal(status: number): Answer {
  return { kind: 'answer', status, retryAfter: null, location: null, body: '{"detail":"No."}' };
}
