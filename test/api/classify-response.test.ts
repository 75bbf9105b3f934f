import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Asked, classify } from '../../src/api/classify-response.ts';
import type { Answer, Failure } from '../../src/api/exchange.ts';
import { confirmationOf } from '../../src/api/read-data.ts';
import { ApiError } from '../../src/base/errors.ts';
import { anyCharacter } from '../support/any-character.ts';
import { law } from '../support/law.ts';
import { widgetId } from './loopback.ts';

const asked: Asked = {
  request: { kind: 'put', widgetId, body: {} },
  host: 'api.example.test',
  receivedAt: new Date('2026-03-01T12:00:00Z'),
  keyReplaced: false,
};

test.each([
  ['an object', { id: widgetId, name: null }],
  ['an id in capitals', { id: widgetId.toUpperCase() }],
  ['no id', {}],
  ['null', null],
])('a 200 whose data is %s is confirmed', (_, data) => {
  expect(judge(200, { message: null, meta: {}, data })).toEqual({ httpStatus: 200, widget: data });
});

test.each([
  [200, ''],
  [200, ' \n'],
  [200, 'null'],
  [200, '{}'],
  [200, '{"message":"Data updated successfully","meta":{}}'],
  [200, '{"data":null}'],
  [201, ''],
  [202, '{}'],
  [204, ''],
  [205, ''],
])('a %i with the body %j is confirmed without a word on what became of it', (status, body) => {
  expect(judge(status, body)).toEqual({ httpStatus: status, widget: null });
});

test('a 201 with the widget is confirmed by it', () => {
  const data = { id: widgetId, name: 'Ava' };
  expect(judge(201, { data })).toEqual({ httpStatus: 201, widget: data });
});

test.each([
  ['<html></html>', /not a JSON object/],
  ['{"data":', /not a JSON object/],
  ['[]', /not a JSON object/],
  ['{"error":"blocked"}', /not the API's envelope/],
  ['{"detail":"Not now","message":"x"}', /not the API's envelope/],
  ['{"data":[]}', /not the API's envelope/],
  ['{"data":"x"}', /not the API's envelope/],
  ['{"data":{"id":"00000000-0000-4000-8000-000000000000"}}', /another widget than 3c90c3cc/],
  ['{"data":{"id":7}}', /another widget/],
])('a 200 with the body %j is not confirmed and may be later', (body, message) => {
  const error = refused(200, body);
  expect(error).toMatchObject({ status: 200, retry: 'later', scope: 'widget' });
  expect(error.message).toMatch(message);
});

test.each([
  ...[300, 301, 302, 303, 304, 307, 308].map((status) => [status, 'later', 'widget'] as const),
  ...[408, 425, 429, 500, 501, 502, 503, 504, 520, 599].map(
    (status) => [status, 'later', 'widget'] as const,
  ),
  [401, 'never', 'account'] as const,
  ...[400, 402, 403, 404, 405, 407, 409, 410, 413, 415, 418, 422, 451, 499].map(
    (status) => [status, 'never', 'widget'] as const,
  ),
])('%i is to be tried %s and concerns the %s', (status, retry, scope) => {
  for (const body of ['', '<h1>x</h1>', { detail: 'x' }]) {
    expect(refused(status, body)).toMatchObject({ status, retry, scope });
  }
});

test.each([
  [301, 'never'],
  [302, 'later'],
  [303, 'later'],
  [307, 'later'],
  [308, 'never'],
])('%i is to be tried %s by who does not wait for one that holds for good', (status, retry) => {
  const impatient = { ...asked, movedForGood: 'never' } as const;
  for (const request of [asked.request, { kind: 'list', page: 1, size: 100 } as const]) {
    const error = classify(answer(status, ''), { ...impatient, request }, confirmationOf(widgetId));
    expect(error).toMatchObject({ status, retry, scope: 'widget' });
    expect((error as ApiError).message).toContain('check --api-url');
  }
});

test.each([
  [400, { detail: 'No such thing.' }, 'The API answered 400 Bad Request: No such thing'],
  [
    401,
    { detail: 'Invalid API key' },
    'The API refused the key (401): Invalid API key. Check INSIGHTO_API_KEY or the file that INSIGHTO_API_KEY_FILE names.',
  ],
  [
    403,
    '',
    'The widget may not be written (403). Check what the key in INSIGHTO_API_KEY or INSIGHTO_API_KEY_FILE may do; where other widgets are written, a firewall on the way may object to what this one holds.',
  ],
  [404, { detail: 'Not found' }, 'This account has no such widget (404): Not found'],
  [409, { message: 'Busy', meta: {} }, 'The API answered 409 Conflict: Busy'],
  [429, { detail: { message: 'Slow down' } }, 'The API answered 429 Too Many Requests: Slow down'],
  [500, 'Internal Server Error', 'The API answered 500 Internal Server Error'],
  [502, '\n<!DOCTYPE html><h1>Bad Gateway</h1>', 'The API answered 502 Bad Gateway'],
  [503, '', 'The API answered 503 Service Unavailable'],
  [500, { detail: { deep: [1] } }, 'The API answered 500 Internal Server Error'],
  [500, [1, 2], 'The API answered 500 Internal Server Error'],
  [520, 'line\r\none\ttwo\u0007', 'The API answered 520: line one two\\u0007'],
])('%i with %j reads as one plain line', (status, body, message) => {
  expect(refused(status, body).message).toBe(message);
});

test('a long text of the API is shortened', () => {
  const { message } = refused(500, 'word '.repeat(100_000));
  expect(message.length).toBeLessThan(400);
  expect(message).toMatch(/…$/);
});

test('fields that FastAPI refuses become JSON Pointers into the body', () => {
  const error = refused(422, {
    detail: [
      { loc: ['body', 'header_color'], msg: 'not a colour', type: 'value_error' },
      { loc: ['body', 'action_buttons', 2, 'a/b~c'], msg: 'Input should be\n a string', type: 't' },
      { loc: ['body'], msg: 'Field required', type: 'missing' },
      { loc: ['query', 'api_key'], msg: 'Field required', type: 'missing' },
      { type: 'odd' },
      'odd',
    ],
  });
  expect(error.refusedFields).toEqual([
    { path: '/header_color', message: 'not a colour' },
    { path: '/action_buttons/2/a~1b~0c', message: 'Input should be a string' },
    { path: '', message: 'Field required' },
    { path: '', message: 'query.api_key: Field required' },
    { path: '', message: 'refused, without a reason' },
  ]);
  expect(error.message).toBe(
    'The API refused the widget (422): header_color: not a colour; action_buttons[2]["a/b~c"]: Input should be a string; Field required; 2 more',
  );
});

test('a pattern in a message is not taken for a URL query', () => {
  const detail = [{ loc: ['body', 'x'], msg: "should match '^#?[0-9a-f]{6}$'", type: 't' }];
  expect(refused(422, { detail }).refusedFields[0]?.message).toBe("should match '^#?[0-9a-f]{6}$'");
});

test.each([
  [429, '7', 7_000],
  [503, 'Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
  [502, '1', 1_000],
  [429, 'soon', null],
  [429, null, null],
  [400, '7', null],
  [401, '7', null],
])('%i with Retry-After %j waits %s ms', (status, retryAfter, retryAfterMs) => {
  expect(refused(status, '', { retryAfter })).toMatchObject({ retryAfterMs });
});

test.each([
  ['https://login.example.test:8443/sso?api_key=x#y', ' to login.example.test:8443'],
  ['https://user:hunter2@login.example.test/', ' to login.example.test'],
  ['//other.example.test/x', ' to other.example.test'],
  ['/login?api_key=x', ' to another path of the same host'],
  ['https://', ''],
  [null, ''],
])('a redirect to %j names the host only', (location, target) => {
  expect(refused(302, '', { location }).message).toBe(
    `The API answered 302 Found${target}. Redirects are not followed: check --api-url`,
  );
});

test('a 304, which nobody asked for, is not called a redirect', () => {
  expect(refused(304, '').message).toBe(
    'The API answered 304 Not Modified, which is no answer to this request: check --api-url, and any proxy or cache on the way',
  );
});

test.each([
  [{ kind: 'aborted' }, /^The request was aborted/],
  [{ kind: 'timeout', timeoutMs: 30_000 }, /^No answer from api\.example\.test within 30 s$/],
  [network('ECONNRESET'), /: the connection was closed \(ECONNRESET\)$/],
  [network('EAI_AGAIN'), /: the host name could not be looked up just now/],
  [network('ENOTFOUND'), /: the host name is not known/],
  [network('DEPTH_ZERO_SELF_SIGNED_CERT'), /certificate is not trusted; NODE_EXTRA_CA_CERTS/],
  [network('CERT_HAS_EXPIRED'), /certificate is not trusted/],
  [network('ERR_SSL_WRONG_VERSION_NUMBER'), /TLS handshake failed/],
  [network('EWHATEVER'), /^No answer from api\.example\.test: EWHATEVER$/],
  [network(null), /: unknown cause$/],
] as const)('no answer because of %j may be later', (failure, message) => {
  const error = classify(failure, asked, confirmationOf(widgetId));
  expect(error).toMatchObject({
    status: null,
    retry: 'later',
    scope: 'widget',
    retryAfterMs: null,
    refusedFields: [],
  });
  expect((error as ApiError).message).toMatch(message);
});

test.each([401, 403])('%i to a key that was replaced since may be later', (status) => {
  const late = { ...asked, keyReplaced: true };
  const error = classify(answer(status, ''), late, confirmationOf(widgetId));
  expect(error).toMatchObject({ status, retry: 'later', scope: 'widget' });
});

law.prop([
  fc.integer({ min: 300, max: 599 }),
  fc.oneof(fc.json(), fc.string({ unit: anyCharacter })),
])('every refusal is one printable line, whatever the body', (status, body) => {
  const error = refused(status, body);
  expect(error.message).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  expect(error.message.length).toBeLessThan(2_000);
});

function judge(status: number, body: unknown, headers: Partial<Answer> = {}) {
  return classify({ ...answer(status, body), ...headers }, asked, confirmationOf(widgetId));
}

function refused(status: number, body: unknown, headers: Partial<Answer> = {}): ApiError {
  const outcome = judge(status, body, headers);
  if (outcome instanceof ApiError) return outcome;
  throw new Error('confirmed');
}

function answer(status: number, body: unknown): Answer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'answer', status, retryAfter: null, location: null, body: text };
}

function network(code: string | null): Failure {
  return { kind: 'network', code, proxyStatus: null };
}
