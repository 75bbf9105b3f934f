import { once } from 'node:events';
import { createServer as createNetServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { WidgetApi } from '../../src/api/widget-api.ts';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import {
  answer,
  confirmed,
  connect,
  deferred,
  failureOf,
  firstPage,
  get,
  list,
  listen,
  put,
  type Respond,
  startServer,
} from './loopback.ts';

const broken: readonly (readonly [string, Respond, number | null, RegExp])[] = [
  [
    'a reset before any answer',
    (_, { socket }) => socket.resetAndDestroy(),
    null,
    /the connection was closed/,
  ],
  [
    'a connection closed before any answer',
    (_, { socket }) => socket.destroy(),
    null,
    /the connection was closed/,
  ],
  [
    'a body that ends before its length',
    (response, { socket }) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"data":', () => socket.end());
    },
    200,
    /did not arrive whole/,
  ],
  [
    'a chunked body that is reset',
    (response, { socket }) => {
      response.writeHead(200);
      response.write('{"data":', () => socket.resetAndDestroy());
    },
    200,
    /did not arrive whole/,
  ],
  [
    'a body above 16 MiB',
    (response) =>
      response.writeHead(200).end(JSON.stringify({ data: 'x'.repeat(16 * 1024 * 1024) })),
    200,
    /larger than 16 MiB/,
  ],
  [
    'headers above 16 KiB',
    (response) => response.writeHead(200, { 'x-long': 'x'.repeat(17 * 1024) }).end('{}'),
    null,
    /headers of the response are larger than 16 KiB/,
  ],
  [
    'an answer that is not HTTP',
    (_, { socket }) => socket.end('SSH-2.0-OpenSSH\r\n'),
    null,
    /not HTTP/,
  ],
];

describe.each([
  ['a write', put],
  ['the reading of one', get],
  ['the reading of a page', list],
])('%s', (_, ask: (api: WidgetApi) => Promise<unknown>) => {
  test.each(broken)('meets %s: it may succeed later', async (_what, respond, status, message) => {
    const { baseUrl, received } = await startServer(respond);
    const error = await failureOf(ask(connect(baseUrl)));
    expect(error).toMatchObject({ status, retry: 'later', scope: 'widget', retryAfterMs: null });
    expect(error.message).toMatch(message);
    expect(received).toHaveLength(1);
  });
});

test('a refusal whose body breaks off is still a refusal', async () => {
  const { baseUrl } = await startServer((response, { socket }) => {
    response.writeHead(404, { 'content-length': '1000' });
    response.write('{"detail":', () => socket.resetAndDestroy());
  });
  const error = await failureOf(put(connect(baseUrl)));
  expect(error).toMatchObject({ status: 404, retry: 'never' });
});

test('a broken connection is replaced by the next request', async () => {
  const { baseUrl, received } = await startServer((response, { socket }) =>
    received.length === 1 ? socket.resetAndDestroy() : answer(200, confirmed)(response),
  );
  const api = connect(baseUrl);
  await failureOf(put(api));
  expect(await put(api)).toMatchObject({ httpStatus: 200 });
  expect(received).toHaveLength(2);
});

test('a refused connection names the host and the reason', async () => {
  const { server, baseUrl } = await startServer(() => {});
  await new Promise((resolve) => server.close(resolve));
  const error = await failureOf(put(connect(baseUrl)));
  expect(error).toMatchObject({ status: null, retry: 'later' });
  expect(error.message).toBe(
    `No answer from ${new URL(baseUrl).host}: connection refused (ECONNREFUSED)`,
  );
});

test('a server that never answers is given up after the timeout, and its socket reset', async () => {
  const clock = manualClock();
  const asked = deferred<Socket>();
  const { baseUrl } = await startServer((_, { socket }) => asked.resolve(socket));
  const failure = failureOf(put(connect(baseUrl, { clock, timeoutMs: 30_000 })));
  const socket = await asked.promise;
  const failed = new Promise((resolve) => socket.once('error', resolve));
  clock.ring();
  expect((await failure).message).toMatch(/^No answer from 127\.0\.0\.1:\d+ within 30 s$/);
  expect(await failure).toMatchObject({ status: null, retry: 'later' });
  expect(await failed).toMatchObject({ code: 'ECONNRESET' });
  expect(clock.asleep()).toBe(0);
});

test('a body that stalls is given up after the timeout too', async () => {
  const clock = manualClock();
  const { baseUrl } = await startServer((response) => {
    response.writeHead(200);
    response.write('{"data":', () => clock.ring());
  });
  const error = await failureOf(put(connect(baseUrl, { clock, timeoutMs: 1_500 })));
  expect(error.message).toMatch(/within 1\.5 s$/);
});

test('a TLS server that never says hello is given up after the timeout', async () => {
  const clock = manualClock();
  const server = createNetServer((socket) => {
    socket.on('error', () => {}).resume();
    clock.ring();
  });
  const port = await listen(server);
  const api = connect(`https://localhost:${port}`, { clock, timeoutMs: 200 });
  const error = await failureOf(put(api));
  expect(error.message).toBe(`No answer from localhost:${port} within 0.2 s`);
  await api.close();
});

test('a TLS server that hangs up is asked once', async () => {
  let connections = 0;
  const server = createNetServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  const port = await listen(server);
  const error = await failureOf(put(connect(`https://localhost:${port}`)));
  expect(error).toMatchObject({ status: null, retry: 'later' });
  expect(connections).toBe(1);
});

test('a request that ends leaves no timer and no listener behind', async () => {
  const clock = manualClock();
  const { baseUrl } = await startServer(answer(200, confirmed));
  await put(connect(baseUrl, { clock }));
  expect(clock.asleep()).toBe(0);
});

test('an abort ends the request at once and says so', async () => {
  const asked = deferred<void>();
  const { baseUrl } = await startServer(() => asked.resolve());
  const controller = new AbortController();
  const failure = failureOf(put(connect(baseUrl), controller.signal));
  await asked.promise;
  controller.abort();
  expect(await failure).toMatchObject({ status: null, retry: 'later', scope: 'widget' });
  expect((await failure).message).toMatch(/^The request was aborted/);
});

test('closing waits for a read under way too', async () => {
  const asked = deferred<() => void>();
  const { baseUrl } = await startServer((response) =>
    asked.resolve(() => answer(200, firstPage)(response)),
  );
  const api = connect(baseUrl);
  const request = list(api);
  const respond = await asked.promise;
  const closing = api.close();
  respond();
  expect(await request).toMatchObject({ total: 1 });
  await closing;
});

test('an aborted signal sends nothing', async () => {
  const { baseUrl, received } = await startServer(answer(200, confirmed));
  const api = connect(baseUrl);
  expect((await failureOf(put(api, AbortSignal.abort()))).message).toMatch(/aborted/);
  await put(api);
  expect(received).toHaveLength(1);
});

test('closing waits for the request under way, then lets its connection go', async () => {
  const asked = deferred<() => void>();
  const { baseUrl, received } = await startServer((response) =>
    asked.resolve(() => answer(200, confirmed)(response)),
  );
  const api = connect(baseUrl);
  const request = put(api);
  const respond = await asked.promise;
  const closing = api.close();
  respond();
  expect(await request).toMatchObject({ httpStatus: 200 });
  await closing;
  const socket = received[0]?.socket;
  if (socket?.destroyed === false) await once(socket, 'close');
  expect(socket?.destroyed).toBe(true);
});

/** A clock whose sleepers wake when the test says so. */
function manualClock(): Clock & { ring(): void; asleep(): number } {
  const sleepers = new Set<() => void>();
  return {
    ...systemClock,
    sleep: (_, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          sleepers.delete(wake);
          resolve();
        };
        sleepers.add(wake);
        signal?.addEventListener('abort', wake);
      }),
    ring: () => {
      for (const wake of sleepers) wake();
    },
    asleep: () => sleepers.size,
  };
}
