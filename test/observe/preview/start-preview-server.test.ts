import { describe, expect, onTestFinished, test } from 'vitest';
import { registerSecret } from '../../../src/base/secrets.ts';
import {
  type PreviewSource,
  startPreviewServer,
} from '../../../src/observe/preview/start-preview-server.ts';
import { ask, listenTo } from '../../support/ask-over-wire.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const digest = 'a'.repeat(64);

async function open(source: Partial<PreviewSource> = {}) {
  const clock = new FakeClock();
  const bugs: unknown[] = [];
  const server = await startPreviewServer(
    { ...shown, ...source },
    { port: 0, clock, onBug: (error) => bugs.push(error) },
  );
  onTestFinished(() => server.close());
  return { ...server, clock, bugs };
}

const shown: PreviewSource = {
  version: 7,
  page: ({ query, page }) => `<p>${page} ${query}</p>`,
  picture: (asked) => (asked === digest ? '<svg/>' : null),
};

describe('answers', () => {
  test.each([
    ['/', 'text/html; charset=UTF-8', '<p>1 </p>'],
    ['/?q=a%20%26%20b&page=3', 'text/html; charset=UTF-8', '<p>3 a & b</p>'],
    ['/?page=0', 'text/html; charset=UTF-8', '<p>1 </p>'],
    ['/style.css', 'text/css; charset=utf-8', 'prefers-color-scheme'],
    ['/script.js', 'text/javascript; charset=utf-8', 'EventSource'],
    ['/icon.svg', 'image/svg+xml; charset=utf-8', '<svg'],
    [`/pictures/${digest}.svg`, 'image/svg+xml; charset=utf-8', '<svg/>'],
  ])('%s', async (path, type, text) => {
    const { url } = await open();
    const answer = await ask(url, path);
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': type } });
    expect(answer.text).toContain(text);
    const head = await ask(url, path, { method: 'HEAD' });
    expect({ ...head, headers: head.headers['content-type'] }).toEqual({
      status: 200,
      headers: type,
      text: '',
    });
  });

  test.each([
    '/pictures/..%2f..%2fetc%2fpasswd',
    '/pictures/../style.css/x',
    `/pictures/${'b'.repeat(64)}.svg`,
    `/pictures/${digest.toUpperCase()}.svg`,
    `/pictures/${digest}`,
    '/%00',
    '/pictures/',
    '/other',
  ])('%s is 404', async (path) => {
    const { url } = await open();
    expect(await ask(url, path)).toMatchObject({ status: 404 });
  });

  test('every answer says what a browser may do with it', async () => {
    const { url } = await open();
    for (const path of ['/', '/style.css', '/nowhere', '/events']) {
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
    }
    const { headers } = await ask(url, `/pictures/${digest}.svg`);
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
  });

  test('no key is in them', async () => {
    onTestFinished(registerSecret('in-registered-Key1'));
    const { url } = await open({ page: () => 'a in-registered-Key1 b in-0123456789abcdef0123 c' });
    expect(await ask(url, '/')).toMatchObject({ text: 'a [api key] b [api key] c' });
  });

  test('a page that cannot be made is a bug, and the next one is served', async () => {
    let isBroken = true;
    const { url, bugs } = await open({
      page() {
        if (isBroken) throw new Error('no page');
        return 'well';
      },
    });
    expect(await ask(url, '/')).toMatchObject({ status: 500 });
    expect(bugs).toMatchObject([{ message: 'no page' }]);
    isBroken = false;
    expect(await ask(url, '/')).toMatchObject({ status: 200, text: 'well' });
  });
});

test('its address leads to it also where another server listens at the same port of ::1', async () => {
  const { url } = await open();
  // `localhost` is ::1 first, for browsers.
  expect(new URL(url).hostname).toBe('127.0.0.1');
});

describe('refuses', () => {
  test.each([
    ['evil.example', 421],
    ['evil.example:8090', 421],
    ['127.0.0.1.evil.example', 421],
    ['localhost.evil.example', 421],
    ['192.168.1.4', 421],
    ['[::2]', 421],
    ['localhost', 200],
    ['LOCALHOST:1', 200],
    ['127.0.0.1:8090', 200],
    ['127.1.2.3', 200],
    ['[::1]:8090', 200],
  ])('a name of another host: %s is %i', async (host, status) => {
    const { url } = await open();
    expect(await ask(url, '/', { headers: { host } })).toMatchObject({ status });
  });

  const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  test.each([
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
    [{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }, 403],
    [{ ...navigation, 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' }, 403],
    [{ ...navigation, 'sec-fetch-site': 'cross-site' }, 200],
    [{ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }, 200],
    [{ ...navigation, 'sec-fetch-site': 'none' }, 200],
  ])('another site: %j is %i', async (headers, status) => {
    const { url } = await open();
    expect(await ask(url, '/', { headers })).toMatchObject({ status });
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s', async (method) => {
    const { url } = await open();
    const answer = await ask(url, '/', { method });
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  test('headers of more than 8 KB', async () => {
    const { url } = await open();
    const answer = await ask(url, '/', { headers: { 'x-long': 'x'.repeat(9000) } });
    expect(answer).toMatchObject({ status: 431 });
  });

  test('a port that is in use', async () => {
    const { url } = await open();
    const again = startPreviewServer(
      { version: 1, page: () => '', picture: () => null },
      { port: Number(new URL(url).port), clock: new FakeClock(), onBug: () => {} },
    );
    await expect(again).rejects.toThrow(/^Port \d+ on 127\.0\.0\.1 is in use\./);
  });
});

describe('word of changes', () => {
  const listen = (url: string) => listenTo(`${url}/events`);

  test('says which version is the newest: at once, and with each change', async () => {
    const source = { ...shown, version: 7 };
    const server = await startPreviewServer(source, {
      port: 0,
      clock: new FakeClock(),
      onBug: () => {},
    });
    onTestFinished(() => server.close());
    const listener = await listen(server.url);
    expect(await listener.until('data: 7\n\n')).toContain('event: changed\n');
    source.version = 8;
    server.changed();
    await listener.until('data: 8\n\n');
  });

  test('gives a sign of life', async () => {
    const { url, clock } = await open();
    const listener = await listen(url);
    await listener.until('data: 7\n\n');
    await clock.advance(20_000);
    await listener.until(':\n\n');
  });

  test('fifty may listen, and whoever leaves makes room', async () => {
    const { url } = await open();
    const listeners = await Promise.all(Array.from({ length: 50 }, () => listen(url)));
    expect(await ask(url, '/events')).toMatchObject({ status: 503 });
    await listeners[0]?.leave();
    // The server hears of it when the connection is closed.
    const statusNow = async () => {
      const answer = await fetch(`${url}/events`);
      await answer.body?.cancel();
      return answer.status;
    };
    await expect.poll(statusNow, { timeout: 10_000 }).toBe(200);
  });

  test('ends with the server', async () => {
    const server = await open();
    const listener = await listen(server.url);
    await listener.until('data: 7\n\n');
    await server.close();
    await server.close();
    expect(await listener.ended()).toBe(true);
  });
});
