import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { readProxySettings } from '../../src/api/connections.ts';
import { UsageError } from '../../src/errors.ts';
import { answer, confirmed, connect, failureOf, listen, put, startServer } from './loopback.ts';

test('https goes through the proxy that the environment names, with its credentials', async () => {
  const proxy = await startProxy((socket) =>
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
  );
  const api = connect('https://api.example.test', {
    proxy: readProxySettings({ HTTPS_PROXY: `http://user:p%40ss@127.0.0.1:${proxy.port}` }),
  });
  const error = await failureOf(put(api));
  expect(proxy.seen).toEqual([
    { line: 'CONNECT api.example.test:443', authorization: `Basic ${btoa('user:p@ss')}` },
  ]);
  expect(error).toMatchObject({ status: null, retry: 'later' });
  expect(error.message).toBe(
    'No answer from api.example.test (HTTPS_PROXY is set): the proxy refused the tunnel with 407',
  );
});

test('a proxy that hangs up is asked once', async () => {
  const proxy = await startProxy((socket) => socket.destroy());
  const api = connect('https://api.example.test', {
    proxy: readProxySettings({ https_proxy: `127.0.0.1:${proxy.port}` }),
  });
  const error = await failureOf(put(api));
  expect(error).toMatchObject({ status: null, retry: 'later' });
  expect(error.message).toMatch(/the proxy closed the connection/);
  expect(proxy.seen).toHaveLength(1);
});

test('NO_PROXY reaches its hosts directly', async () => {
  const proxy = await startProxy((socket) => socket.destroy());
  const { server } = await startServer(() => {});
  const port = (server.address() as { port: number }).port;
  const api = connect(`https://localhost:${port}`, {
    proxy: readProxySettings({
      HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
      NO_PROXY: 'other.test, localhost',
    }),
  });
  await failureOf(put(api));
  expect(proxy.seen).toEqual([]);
});

test('plain http to loopback never goes through a proxy', async () => {
  const proxy = await startProxy((socket) => socket.destroy());
  const { baseUrl } = await startServer(answer(200, confirmed));
  const url = `http://127.0.0.1:${proxy.port}`;
  const api = connect(baseUrl, {
    proxy: readProxySettings({ HTTPS_PROXY: url, HTTP_PROXY: url }),
  });
  expect(await put(api)).toMatchObject({ httpStatus: 200 });
  expect(proxy.seen).toEqual([]);
});

test.each([
  [{}, { httpsProxy: null, noProxy: '' }],
  [
    { HTTPS_PROXY: '', NO_PROXY: '' },
    { httpsProxy: null, noProxy: '' },
  ],
  [{ HTTP_PROXY: 'http://plain.test' }, { httpsProxy: null, noProxy: '' }],
  [
    { HTTPS_PROXY: 'http://a.test:1', https_proxy: 'http://b.test:2' },
    { httpsProxy: 'http://b.test:2/', noProxy: '' },
  ],
  [
    { HTTPS_PROXY: ' proxy.test:3128 ', no_proxy: '*' },
    { httpsProxy: 'http://proxy.test:3128/', noProxy: '*' },
  ],
])('%j is read as %j', (env, settings) => {
  expect(readProxySettings(env)).toEqual(settings);
});

test.each([
  ['http://user:hunter2@:99999', /not a valid URL/],
  ['socks5://user:hunter2@proxy.test', /socks5:\/\/, which is not supported/],
  ['http://user:hunter2%@proxy.test', /stray %/],
])('the unusable proxy %s is refused without repeating its password', (url, message) => {
  const attempt = () => readProxySettings({ HTTPS_PROXY: url });
  expect(attempt).toThrow(UsageError);
  expect(attempt).toThrow(message);
  expect(attempt).not.toThrow(/hunter2/);
});

async function startProxy(onConnect: (socket: Socket) => void) {
  const seen: { line: string; authorization: string | undefined }[] = [];
  const server = createServer();
  server.on('connect', (request, socket: Socket) => {
    const authorization = request.headers['proxy-authorization'];
    seen.push({ line: `${request.method} ${request.url}`, authorization });
    onConnect(socket);
  });
  return { port: await listen(server), seen };
}
