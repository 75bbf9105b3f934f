import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openApiKey } from '../../src/api/api-key.ts';
import {
  answer,
  confirmed,
  connect,
  failureOf,
  put,
  secretKey,
  spec,
  startServer,
  widgetId,
} from './loopback.ts';

test('an update is one PUT with the encoded key, the documented headers and the spec as it is', async () => {
  const { baseUrl, received } = await startServer(answer(200, confirmed));
  await put(connect(baseUrl));

  expect(received).toHaveLength(1);
  expect(received[0]?.requestLine).toBe(
    `PUT /api/v1/widget/${widgetId}?api_key=in-Zq7%2F%2B%26tail%250123456789`,
  );
  const { host, connection, ...headers } = received[0]?.headers ?? {};
  expect(host).toBe(new URL(baseUrl).host);
  expect(connection).toBe('keep-alive');
  expect(headers).toEqual({
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'widget-sync/1.2.3',
    'content-length': String(Buffer.byteLength(JSON.stringify(spec))),
  });
  expect(received[0]?.body).toBe(JSON.stringify(spec));
});

test('a path prefix of the base URL stands before the path', async () => {
  const { baseUrl, received } = await startServer(answer(200, confirmed));
  await put(connect(`${baseUrl}/gateway/eu`));
  expect(received[0]?.requestLine).toMatch(/^PUT \/gateway\/eu\/api\/v1\/widget\/3c90/);
});

test('the confirmation holds the widget as the API gave it', async () => {
  const data = { id: widgetId.toUpperCase(), display_name: 'Ava', widget_provider: '' };
  const { baseUrl } = await startServer(answer(200, { ...confirmed, data }));
  expect(await put(connect(baseUrl))).toEqual({ httpStatus: 200, widget: data });
});

test('requests in sequence share one connection, refused ones included', async () => {
  const statuses = [200, 422, 500, 200];
  const { baseUrl, received } = await startServer((response) =>
    answer(statuses[received.length - 1] ?? 200, confirmed)(response),
  );
  const api = connect(baseUrl);
  await put(api);
  await failureOf(put(api));
  await failureOf(put(api));
  await put(api);
  expect(new Set(received.map(({ socket }) => socket)).size).toBe(1);
});

test('a redirect is reported with its host and not followed', async () => {
  const elsewhere = await startServer(answer(200, confirmed));
  const location = `${elsewhere.baseUrl}/api/v1/widget/x?api_key=${encodeURIComponent(secretKey)}`;
  const { baseUrl } = await startServer(answer(307, '', { location }));
  const error = await failureOf(put(connect(baseUrl)));
  expect(error).toMatchObject({ status: 307, retry: 'later', scope: 'widget' });
  expect(error.message).toBe(
    `The API answered 307 Temporary Redirect to ${new URL(elsewhere.baseUrl).host}. Redirects are not followed: check --api-url`,
  );
  expect(elsewhere.received).toHaveLength(0);
});

test('a message of the API that repeats the key or a URL is shown without them', async () => {
  const detail = `Bad key ${secretKey} for\nhttps://api.example/x?api_key=${secretKey}&b=1 \u001b[31m`;
  const { baseUrl } = await startServer(answer(400, { detail }));
  const error = await failureOf(put(connect(baseUrl)));
  expect(error.message).toBe(
    'The API answered 400 Bad Request: Bad key [api key] for https://api.example/x \\u001b[31m',
  );
});

test('a key file that is swapped through its link is used from the next request on', async () => {
  const { baseUrl, received } = await startServer(answer(200, confirmed));
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'first'));
  await mkdir(join(directory, 'second'));
  await writeFile(join(directory, 'first/key'), 'in-first\n');
  await writeFile(join(directory, 'second/key'), 'in-second\n');
  await symlink('first', join(directory, 'now'));
  const key = openApiKey({ kind: 'file', path: join(directory, 'now/key') });
  const api = connect(baseUrl, { key });

  await put(api);
  await symlink('second', join(directory, 'next'));
  await rename(join(directory, 'next'), join(directory, 'now'));
  await put(api);
  const keys = received.map(({ requestLine }) => requestLine.split('api_key=')[1]);
  expect(keys).toEqual(['in-first', 'in-second']);
});

test('a 401 to a key that was replaced meanwhile is no verdict on the account', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'key');
  await writeFile(path, 'in-old');
  const { baseUrl } = await startServer((response) => {
    writeFileSync(path, 'in-replacement');
    answer(401, { detail: 'Invalid API key' })(response);
  });
  const api = connect(baseUrl, { key: openApiKey({ kind: 'file', path }) });
  expect(await failureOf(put(api))).toMatchObject({ status: 401, retry: 'later', scope: 'widget' });
  const second = await failureOf(put(api));
  expect(second).toMatchObject({ status: 401, retry: 'never', scope: 'account' });
});

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'widget-sync-api-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
