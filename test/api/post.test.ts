import { createServer as createTcpServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openPoster, type PostResult } from '../../src/api/post.ts';
import { systemClock } from '../../src/base/clock.ts';
import { listen, type Respond, startServer } from './loopback.ts';

const path = '/services/T0001/secret-path?token=secret';

/** With a clock of its own, so that a test need not wait for the deadline. */
async function postTo(baseUrl: string, timeoutMs = 10_000, env: NodeJS.ProcessEnv = {}) {
  const poster = openPoster({ env, clock: systemClock, version: '1.2.3', timeoutMs });
  onTestFinished(() => poster.close());
  const address = new URL(`${baseUrl}${path}`);
  const post = { address, headers: { 'webhook-id': 'x' }, body: '{"text":"é"}' };
  return await poster.post(post, new AbortController().signal);
}

async function answered(respond: Respond): Promise<PostResult> {
  const { baseUrl } = await startServer(respond);
  return await postTo(baseUrl);
}

test('a message is one POST of JSON, with its headers', async () => {
  const { baseUrl, received } = await startServer((response) => response.end('ok'));
  expect(await postTo(baseUrl)).toEqual({ isTaken: true, says: 'it answered 200 OK' });
  expect(received).toHaveLength(1);
  expect(received[0]).toMatchObject({
    requestLine: `POST ${path}`,
    body: '{"text":"é"}',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'widget-sync/1.2.3',
      'webhook-id': 'x',
    },
  });
});

test.each([
  [202, {}, '', { isTaken: true, says: 'it answered 202 Accepted' }],
  [204, {}, '', { isTaken: true, says: 'it answered 204 No Content' }],
  [
    400,
    {},
    'invalid_payload',
    { retry: 'never', says: 'it answered 400 Bad Request: invalid_payload' },
  ],
  [404, {}, '<html>', { retry: 'never', says: 'it answered 404 Not Found' }],
  [302, { location: 'https://x.example' }, '', { retry: 'never', says: 'it answered 302 Found' }],
  [408, {}, '', { retry: 'later' }],
  [500, {}, '', { retry: 'later', retryAfterMs: null }],
  [429, { 'retry-after': '7' }, '', { retry: 'later', retryAfterMs: 7000 }],
  [503, { 'retry-after': 'soon' }, '', { retry: 'later', retryAfterMs: null }],
] as const)('%i with %j and %j', async (status, headers, body, wanted) => {
  expect(await answered((response) => response.writeHead(status, headers).end(body))).toMatchObject(
    { isTaken: status < 300, ...wanted },
  );
});

test('a message is taken with the head of an answer whose body never ends, and the next one goes out', async () => {
  const { baseUrl, received } = await startServer((response) =>
    response.writeHead(200, { 'content-length': 7 }).write('o'),
  );
  const poster = openPoster({ env: {}, clock: systemClock, version: '1', timeoutMs: 10_000 });
  onTestFinished(() => poster.close());
  const post = { address: new URL(baseUrl), headers: {}, body: '{}' };
  const { signal } = new AbortController();
  for (let n = 0; n < 20; n += 1) {
    expect(await poster.post(post, signal)).toEqual({ isTaken: true, says: 'it answered 200 OK' });
  }
  expect(received).toHaveLength(20);
  await expect.poll(() => received.every(({ socket }) => socket.destroyed)).toBe(true);
});

test('a server that never answers is given up after the timeout', async () => {
  const { baseUrl } = await startServer(() => {});
  expect(await postTo(baseUrl, 50)).toEqual({
    isTaken: false,
    says: 'no answer came within 0.05 seconds',
    retry: 'later',
    retryAfterMs: null,
  });
});

test('a connection that is reset or refused may be better later, and the words name no address', async () => {
  const reset = await answered((response) => response.socket?.resetAndDestroy());
  const server = createTcpServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  const refused = await postTo(`http://127.0.0.1:${port}`);
  expect([reset, refused]).toEqual([
    { isTaken: false, retry: 'later', retryAfterMs: null, says: expect.stringContaining('closed') },
    {
      isTaken: false,
      retry: 'later',
      retryAfterMs: null,
      says: expect.stringContaining('refused'),
    },
  ]);
  expect(JSON.stringify([reset, refused])).not.toMatch(/secret|127\.0\.0\.1/);
});

test('a proxy that cannot be used is said, and nothing is sent around it', async () => {
  const result = await postTo('https://hooks.example.invalid', 1000, { HTTPS_PROXY: 'socks5://x' });
  expect(result).toMatchObject({ isTaken: false, retry: 'later' });
  expect(result.says).toContain('HTTPS_PROXY');
});

test('closing breaks off what is under way', async () => {
  const { baseUrl } = await startServer(() => void poster.close());
  const poster = openPoster({
    ...{ env: {}, clock: systemClock, version: '1', timeoutMs: 10_000 },
  });
  const post = { address: new URL(baseUrl), headers: {}, body: '{}' };
  expect(await poster.post(post, new AbortController().signal)).toMatchObject({ isTaken: false });
});
