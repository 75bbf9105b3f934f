import { expect, test } from 'vitest';
import {
  answer,
  confirmed,
  connect,
  deferred,
  failureOf,
  firstPage,
  found,
  get,
  list,
  put,
  startServer,
  widgetId,
} from './loopback.ts';

const encodedKey = 'in-Zq7%2F%2B%26tail%250123456789';

test.each([
  ['one widget', get, found, `GET /api/v1/widget/${widgetId}?api_key=${encodedKey}`],
  ['a page', list, firstPage, `GET /api/v1/widget?api_key=${encodedKey}&page=1&size=100`],
] as const)('the reading of %s is one GET that no cache may answer', async (_, ask, body, line) => {
  const { baseUrl, received } = await startServer(answer(200, body));
  await ask(connect(baseUrl));

  expect(received.map(({ requestLine }) => requestLine)).toEqual([line]);
  const { host, ...headers } = received[0]?.headers ?? {};
  expect(host).toBe(new URL(baseUrl).host);
  expect(headers).toEqual({
    accept: 'application/json',
    'cache-control': 'no-cache',
    connection: 'keep-alive',
    'user-agent': 'widget-sync/1.2.3',
  });
  expect(received[0]?.body).toBe('');
});

test('page and size are those asked for, below the path prefix of the base URL', async () => {
  const { baseUrl, received } = await startServer(answer(500, ''));
  const api = connect(`${baseUrl}/gateway/eu`);
  await failureOf(api.listWidgets(7, 25, new AbortController().signal));
  expect(received[0]?.requestLine).toMatch(/^GET \/gateway\/eu\/api\/v1\/widget\?/);
  expect(received[0]?.requestLine).toMatch(/&page=7&size=25$/);
});

test('a widget is given as the API has it, unknown fields included', async () => {
  const data = { id: widgetId.toUpperCase(), name: ' Ava ', hue: { deep: [1, null] } };
  const { baseUrl } = await startServer(answer(200, { ...found, data }));
  expect(await get(connect(baseUrl))).toEqual(data);
});

test.each([
  ['as FastAPI puts it', { detail: 'Not Found' }],
  ['as a proxy puts it', '<h1>404</h1>'],
  ['without a word', ''],
])('a widget that the account does not have, told %s, is null', async (_, body) => {
  const { baseUrl } = await startServer(answer(404, body));
  expect(await get(connect(baseUrl))).toBeNull();
});

test('a page is given as the API has it', async () => {
  const { baseUrl } = await startServer(answer(200, firstPage));
  expect(await list(connect(baseUrl))).toEqual(firstPage.data);
});

test('a page of 15 MiB is read', async () => {
  const items = [{ id: widgetId, description: 'x'.repeat(15 * 1024 * 1024) }];
  const data = { ...firstPage.data, items };
  const { baseUrl } = await startServer(answer(200, { ...firstPage, data }));
  expect((await list(connect(baseUrl))).items[0]?.['description']).toHaveLength(15 * 1024 * 1024);
});

test('reads and writes in sequence share one connection', async () => {
  const { baseUrl, received } = await startServer((response, { requestLine }) => {
    const isList = requestLine.includes('&page=');
    answer(200, isList ? firstPage : confirmed)(response);
  });
  const api = connect(baseUrl);
  await list(api);
  await get(api);
  await put(api);
  await get(api);
  expect(new Set(received.map(({ socket }) => socket)).size).toBe(1);
});

test('a refused key is told apart from an account that is not to be read', async () => {
  const statuses = [401, 403];
  const { baseUrl } = await startServer((response) =>
    answer(statuses.shift() ?? 500, { detail: 'No' })(response),
  );
  const api = connect(baseUrl);
  expect(await failureOf(get(api))).toMatchObject({ status: 401, scope: 'account' });
  expect(await failureOf(get(api))).toMatchObject({ status: 403, scope: 'widget' });
});

test('an aborted read ends at once and says what it was', async () => {
  const asked = deferred<void>();
  const { baseUrl } = await startServer(() => asked.resolve());
  const controller = new AbortController();
  const failure = failureOf(list(connect(baseUrl), 3, controller.signal));
  await asked.promise;
  controller.abort();
  expect(await failure).toMatchObject({ status: null, retry: 'later' });
  expect((await failure).message).toBe('The reading of page 3 of the widgets was aborted');
});
