// The server beside a daemon, over a real socket: its routes, and what it refuses.
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { StateError } from '../../../src/base/errors.ts';
import { registerSecret } from '../../../src/base/secrets.ts';
import { startServing } from '../../../src/observe/serve/serving.ts';
import { startWebServer } from '../../../src/observe/web/web-server.ts';
import { documentOf, idOf, recordOf } from '../../plan/fixtures.ts';
import { ask, listenTo } from '../../support/ask-over-wire.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { openServer, openWorld } from './world.ts';

const ava = recordOf(documentOf(1, { widget_type: 'chat', name: 'Ava' }, 'ava.yaml'));
const pages = ['/', '/plan', '/history', `/widgets/${idOf(1)}`, '/status.json'];
const probes = ['/healthz', '/readyz', '/metrics'];

async function digestOf(url: string) {
  const { text } = await ask(url, '/status.json');
  return JSON.parse(text).widgets[0].pictures.after as string;
}

describe('answers', () => {
  test.each([
    ['/', 'text/html; charset=UTF-8', 'Ava'],
    ['/?state=applied&q=av&page=1', 'text/html; charset=UTF-8', 'Ava'],
    ['/?state=failed', 'text/html; charset=UTF-8', 'There is no widget that is failed.'],
    [`/widgets/${idOf(1)}`, 'text/html; charset=UTF-8', 'ava.yaml'],
    ['/plan', 'text/html; charset=UTF-8', 'Nothing waits'],
    ['/history', 'text/html; charset=UTF-8', 'No write was confirmed yet.'],
    ['/status.json', 'application/json; charset=utf-8', '"format_version":"1.0"'],
    ['/style.css', 'text/css; charset=utf-8', 'prefers-color-scheme'],
    ['/script.js', 'text/javascript; charset=utf-8', 'EventSource'],
    ['/icon.svg', 'image/svg+xml; charset=utf-8', '<svg'],
    ['/healthz', 'text/plain;charset=UTF-8', 'ok\n'],
  ])('%s', async (path, type, text) => {
    const { url } = await openWorld({ records: [ava] });
    const answer = await ask(url, path);
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': type } });
    expect(answer.text).toContain(text);
    const head = await ask(url, path, { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, text: '', headers: { 'content-type': type } });
  });

  test.each([
    '/pictures/..%2f',
    '/pictures/..%2f..%2fetc%2fpasswd',
    `/pictures/${'b'.repeat(64)}.svg`,
    `/widgets/${idOf(2)}`,
    '/widgets/..%2f',
    '/widgets/',
    '/?state=bogus',
    '/%00',
    '/other',
  ])('%s is 404', async (path) => {
    const { url } = await openWorld({ records: [ava] });
    const { status, text } = await ask(url, path);
    expect(status).toBe(404);
    expect(text).toContain('<a href="/">All widgets</a>');
  });

  test('a picture by its name, for good', async () => {
    const { url } = await openWorld({ records: [ava] });
    const answer = await ask(url, `/pictures/${await digestOf(url)}.svg`);
    expect(answer.text).toMatch(/^<svg .*Ava/s);
    expect(answer.headers).toMatchObject({
      'content-type': 'image/svg+xml; charset=utf-8',
      'cache-control': 'private, max-age=31536000, immutable',
      'content-security-policy': "default-src 'none'; sandbox",
    });
  });

  test('each says what a browser may do with it', async () => {
    const { url } = await openWorld({ records: [ava] });
    for (const path of [...pages, ...probes, '/events', '/nowhere', '/style.css']) {
      const { headers } = await ask(url, path, { method: 'HEAD' });
      expect(headers, path).toMatchObject({
        'content-security-policy':
          "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      });
      expect(headers).not.toHaveProperty('access-control-allow-origin');
      expect(headers).not.toHaveProperty('set-cookie');
    }
  });

  test('metrics, where there are any', async () => {
    const none = await openWorld();
    expect(await ask(none.url, '/metrics')).toMatchObject({
      status: 404,
      text: 'There are no metrics here.\n',
    });
    onTestFinished(registerSecret('in-registered-Key1'));
    const render = async (accept: string | null) => ({
      contentType: `text/plain; told=${accept}`,
      text: 'up{key="in-registered-Key1"} 1\n',
    });
    const { url } = await openWorld({ deps: { metrics: { render } } });
    const answer = await ask(url, '/metrics', { headers: { accept: 'some' } });
    expect(answer).toMatchObject({ status: 200, text: 'up{key="[api key]"} 1\n' });
    expect(answer.headers['content-type']).toBe('text/plain; told=some');
  });

  test('a page that cannot be made is a bug, and what is broken on disk is none', async () => {
    let error: Error = new Error('no page');
    const history = () => Promise.reject(error);
    const view = { history, holder: async () => null };
    const { url, bugs } = await openWorld({ records: [ava], deps: { view } });
    expect(await ask(url, '/history')).toMatchObject({ status: 500 });
    expect(bugs).toEqual([error]);
    error = new StateError('cannot read the history');
    const answer = await ask(url, '/history');
    expect(answer).toMatchObject({ status: 503, text: 'cannot read the history\n' });
    expect(bugs).toHaveLength(1);
  });

  test('503 before there is a daemon to show', async () => {
    const { url } = await openServer();
    for (const path of ['/', '/healthz', '/readyz', '/status.json']) {
      expect(await ask(url, path), path).toMatchObject({ status: 503 });
    }
  });
});

describe('refuses', () => {
  const hosts = [
    ['evil.example', 421],
    ['evil.example:8080', 421],
    ['127.0.0.1.evil.example', 421],
    ['192.168.1.4', 421],
    ['widgets.example.evil', 421],
    ['localhost', 200],
    ['127.1.2.3:1', 200],
    ['[::1]:8080', 200],
    ['Widgets.Example', 200],
    ['widgets.example:8443', 200],
  ] as const;
  test.each(hosts)('pages for the host %s: %i', async (host, status) => {
    const { url } = await openWorld({ records: [ava], hosts: ['widgets.example'] });
    for (const path of [...pages, `/pictures/${await digestOf(url)}.svg`]) {
      expect(await ask(url, path, { headers: { host } }), path).toMatchObject({ status });
    }
    const events = await ask(url, '/events', { method: 'HEAD', headers: { host } });
    expect(events.status).toBe(status);
    const health = await ask(url, '/healthz', { headers: { host } });
    expect(health.status, 'a probe asks by the address of a pod').toBe(200);
  });

  const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  test.each([
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
    [{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }, 403],
    [{ ...navigation, 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' }, 403],
    [{ ...navigation, 'sec-fetch-site': 'cross-site' }, 200],
    [{ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }, 200],
  ])('another site: %j is %i', async (headers, status) => {
    const { url } = await openWorld({ records: [ava] });
    for (const path of pages) expect(await ask(url, path, { headers })).toMatchObject({ status });
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s', async (method) => {
    const { url } = await openWorld();
    for (const path of ['/', '/healthz', '/nowhere']) {
      const answer = await ask(url, path, { method });
      expect(answer, path).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    }
  });

  test('headers of more than 8 KB', async () => {
    const { url } = await openWorld();
    const answer = await ask(url, '/', { headers: { 'x-long': 'x'.repeat(9000) } });
    expect(answer).toMatchObject({ status: 431 });
  });

  test('headers that take too long', async () => {
    const address = { host: '127.0.0.1', port: 0 };
    const options = { address, onTrouble: () => {}, headersMs: 100 };
    const server = await startWebServer(() => new Response('never'), options);
    onTestFinished(() => server.close());
    const socket = connect(server.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
    const [answer] = await once(socket.setEncoding('utf8'), 'data');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    socket.destroy();
  });

  test('more than 200 connections, until some end', async () => {
    const { url, port } = await openWorld();
    const idle = Array.from({ length: 200 }, () => connect(port, '127.0.0.1'));
    onTestFinished(() => {
      for (const socket of idle) socket.destroy();
    });
    await Promise.all(idle.map((socket) => once(socket, 'connect')));
    await expect(ask(url, '/healthz')).rejects.toThrow();
    for (const socket of idle) socket.destroy();
    const answer = () => ask(url, '/healthz').then(({ status }) => status, String);
    await expect.poll(answer, { timeout: 10_000 }).toBe(200);
  });

  test('who does not read an answer keeps no probe waiting for long; events stay', async () => {
    const address = { host: '127.0.0.1', port: 0 };
    const options = { address, onTrouble: () => {}, answerMs: 2000 };
    let tell = (_: Uint8Array) => {};
    const events = new ReadableStream<Uint8Array>({
      start: (controller) => {
        tell = (bytes) => controller.enqueue(bytes);
      },
    });
    const headers = { 'content-type': 'text/event-stream' };
    const answers: Record<string, () => Response> = {
      '/large': () => new Response(new Uint8Array(32 * 2 ** 20)),
      '/quiet': () => new Response(new ReadableStream()),
      '/events': () => new Response(events, { headers }),
    };
    const server = await startWebServer((request) => {
      const answer = answers[new URL(request.url).pathname];
      return answer === undefined ? new Response('ok') : answer();
    }, options);
    onTestFinished(() => server.close());
    const url = `http://127.0.0.1:${server.port}`;
    tell(new TextEncoder().encode('first '));
    const listener = await listenTo(`${url}/events`);
    const deaf = Array.from({ length: 199 }, () => connect(server.port, '127.0.0.1').pause());
    onTestFinished(() => {
      for (const socket of deaf) socket.destroy();
    });
    await Promise.all(deaf.map((socket) => once(socket, 'connect')));
    for (const [n, socket] of deaf.entries()) {
      socket.write(`GET ${n === 0 ? '/large' : '/quiet'} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    }
    const answer = () => ask(url, '/healthz').then(({ text }) => text, String);
    await expect.poll(answer, { timeout: 10_000, interval: 20 }).not.toBe('ok');
    await expect.poll(answer, { timeout: 10_000 }).toBe('ok');
    tell(new TextEncoder().encode('last'));
    await listener.until('first last');
  });

  test('a port that is in use, and an address of another machine', async () => {
    const { port } = await openServer();
    const options = { hosts: [], clock: new FakeClock(), onTrouble: () => {} };
    const again = startServing({ ...options, address: { host: '127.0.0.1', port } });
    await expect(again).rejects.toThrow(/^Port \d+ on 127\.0\.0\.1 is in use\./);
    const other = startServing({ ...options, address: { host: '203.0.113.9', port: 0 } });
    await expect(other).rejects.toThrow(/^This machine has no address 203\.0\.113\.9\./);
  });
});

describe('word of changes', () => {
  test('at once, with each change, and a sign of life', async () => {
    const world = await openWorld();
    const listener = await listenTo(`${world.url}/events`);
    await listener.until('event: changed\ndata: ');
    const edition = /data-version="([^"]+)"/;
    const before = edition.exec((await ask(world.url, '/')).text)?.[1];
    await listener.until(`data: ${before}\n\n`);
    world.become({});
    const after = edition.exec((await ask(world.url, '/')).text)?.[1];
    expect(after).not.toBe(before);
    await listener.until(`data: ${after}\n\n`);
    await world.clock.advance(20_000);
    await listener.until(':\n\n');
  });

  test('the less often, the more pages are open', async () => {
    const world = await openWorld();
    const listening = Array.from({ length: 10 }, () => listenTo(`${world.url}/events`));
    const [first] = await Promise.all(listening);
    const editions: string[] = [];
    const become = async () => {
      world.become({});
      editions.push(/data-version="([^"]+)"/.exec((await ask(world.url, '/')).text)?.[1] ?? '');
    };
    for (let n = 0; n < 3; n += 1) await become();
    await world.clock.advance(1000);
    const told = (await first?.until(`data: ${editions[2]}\n\n`)) ?? '';
    expect(told, 'at once').toContain(`data: ${editions[0]}\n`);
    expect(told, 'another one followed').not.toContain(`data: ${editions[1]}\n`);
  });

  test('to fifty, who leave at once when the server closes', async () => {
    const world = await openWorld();
    const listening = Array.from({ length: 50 }, () => listenTo(`${world.url}/events`));
    const listeners = await Promise.all(listening);
    expect(await ask(world.url, '/events')).toMatchObject({ status: 503 });
    const began = performance.now();
    await world.close();
    await world.close();
    expect(performance.now() - began).toBeLessThan(1000);
    const ends = await Promise.all(
      listeners.map(async (one) => {
        await one.until('data: ');
        return await one.ended();
      }),
    );
    expect(ends.every(Boolean)).toBe(true);
    expect(world.troubles).toEqual([]);
  });
});
