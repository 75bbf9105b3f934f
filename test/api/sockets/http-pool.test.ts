import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { chooseProxy } from '../../../src/api/sockets/proxy.ts';
import { answer, confirmed, connect, failureOf, listen, put, startServer } from '../loopback.ts';

test.each<[string, string, string, string | undefined]>([
  ['its credentials', 'user:p%40ss@', '', `Basic ${btoa('user:p@ss')}`],
  ['a user without a password', 'user@', '/', `Basic ${btoa('user:')}`],
  ['a password that begins no escape', 'user:100%@', '', `Basic ${btoa('user:100%')}`],
  ['nothing of its path, query and fragment', '', '/proxy.pac?a=1#b', undefined],
])('https goes through the proxy that the environment names, with %s', async (...row) => {
  const [, credentials, rest, authorization] = row;
  const proxy = await startProxy((socket) =>
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
  );
  const api = connect('https://api.example.test', {
    proxy: chosen({ HTTPS_PROXY: `http://${credentials}127.0.0.1:${proxy.port}${rest}` }),
  });
  const error = await failureOf(put(api));
  expect(proxy.seen).toEqual([{ line: 'CONNECT api.example.test:443', authorization }]);
  expect(error).toMatchObject({ status: null, retry: 'later' });
  expect(error.message).toBe(
    'No answer from api.example.test (HTTPS_PROXY is set): the proxy refused the tunnel with 407',
  );
});

test('a proxy that hangs up is asked once', async () => {
  const proxy = await startProxy((socket) => socket.destroy());
  const api = connect('https://api.example.test', {
    proxy: chosen({ all_proxy: `127.0.0.1:${proxy.port}` }),
  });
  const error = await failureOf(put(api));
  expect(error).toMatchObject({ status: null, retry: 'later' });
  expect(error.message).toMatch(/\(all_proxy is set\): the proxy closed the connection/);
  expect(proxy.seen).toHaveLength(1);
});

test('plain http to loopback never goes through a proxy', async () => {
  const proxy = await startProxy((socket) => socket.destroy());
  const { baseUrl } = await startServer(answer(200, confirmed));
  const url = `http://127.0.0.1:${proxy.port}`;
  const api = connect(baseUrl, {
    proxy: chooseProxy(new URL(baseUrl), { HTTPS_PROXY: url, HTTP_PROXY: url, ALL_PROXY: url }),
  });
  expect(await put(api)).toMatchObject({ httpStatus: 200 });
  expect(proxy.seen).toEqual([]);
});

function chosen(env: NodeJS.ProcessEnv) {
  return chooseProxy(new URL('https://api.example.test'), env);
}

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
