// Whoever counts requests hears of each one that was sent, once, with what came of it.
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import type { SentRequest } from '../../src/api/exchange.ts';
import { answer, confirmed, connect, firstPage, get, list, put, startServer } from './loopback.ts';

const cut = (response: ServerResponse) => {
  response.writeHead(200, { 'content-length': '1000' }).write('{"message":');
  setImmediate(() => response.destroy());
};

async function sentTo(respond: (response: ServerResponse) => void, timeoutMs = 20_000) {
  const { baseUrl, received } = await startServer(respond);
  const sent: SentRequest[] = [];
  const api = connect(baseUrl, { timeoutMs, onEnded: (one) => void sent.push(one) });
  return { api, sent, received };
}

test.each<[string, (response: ServerResponse) => void, number | null]>([
  ['a confirmation', answer(200, confirmed), 200],
  ['a refusal', answer(422, { detail: [] }), 422],
  ['a limit', answer(429, ''), 429],
  ['a service that is down', answer(503, '<html>'), 503],
  ['a redirect', answer(307, '', { location: '/elsewhere' }), 307],
  ['a whole body that is no JSON', answer(200, 'no JSON'), 200],
  ['a whole body that cannot be unpacked', answer(200, 'x', { 'content-encoding': 'gzip' }), 200],
  ['a body that breaks off', cut, null],
  ['a reset', (response) => void response.socket?.resetAndDestroy(), null],
])('%s', async (_, respond, status) => {
  const { api, sent } = await sentTo(respond);
  await put(api).catch(() => {});
  expect(sent).toEqual([{ method: 'PUT', status, durationMs: expect.any(Number) }]);
  expect(sent[0]?.durationMs).toBeGreaterThan(0);
});

test('no answer in time took as long as that', async () => {
  const { api, sent } = await sentTo(() => {}, 50);
  await put(api).catch(() => {});
  expect(sent).toMatchObject([{ method: 'PUT', status: null }]);
  expect(sent[0]?.durationMs).toBeGreaterThanOrEqual(49);
});

test('reads are GET, of one widget and of the list', async () => {
  const { api, sent } = await sentTo(answer(200, firstPage));
  await list(api);
  await get(api).catch(() => {});
  expect(sent.map(({ method }) => method)).toEqual(['GET', 'GET']);
});

test('one that was called back before it was sent is none', async () => {
  const { api, sent, received } = await sentTo(answer(200, confirmed));
  await put(api, AbortSignal.abort()).catch(() => {});
  expect({ sent, received }).toEqual({ sent: [], received: [] });
});
