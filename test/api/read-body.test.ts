import * as zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';

import { readBody } from '../../src/api/read-body.ts';
import { maxBodyBytes } from '../../src/api/sockets/http-pool.ts';
import { answer, connect, failureOf, found, get, put, startServer, widgetId } from './loopback.ts';

const text = JSON.stringify({ name: 'Ava “α” 😀' });
const bytes = Buffer.from(text);
/** What is packed here is one letter, millions of times. */
const quickly = { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 };

describe('a packed body', () => {
  test.each<[encoding: string | null, packed: Buffer]>([
    [null, bytes],
    ['', bytes],
    ['identity', bytes],
    ['gzip', zlib.gzipSync(bytes)],
    ['X-GZIP', zlib.gzipSync(bytes)],
    ['deflate', zlib.deflateSync(bytes)],
    ['deflate', zlib.deflateRawSync(bytes)],
    ['br', zlib.brotliCompressSync(bytes)],
    ['gzip, br', zlib.brotliCompressSync(zlib.gzipSync(bytes))],
    ['gzip, identity', zlib.gzipSync(bytes)],
  ])('that is called %j is unpacked', async (encoding, packed) => {
    expect(await readBody(packed, encoding)).toBe(text);
  });

  test.each(['gzip', 'br', 'compress'])(
    'that is called %s and is empty is empty',
    async (encoding) => {
      expect(await readBody(new Uint8Array(), encoding)).toBe('');
    },
  );

  test.each<[encoding: string, packed: Buffer, why: RegExp]>([
    ['gzip', bytes, /said to be gzip and cannot be unpacked \(Z_DATA_ERROR\)$/],
    ['gzip', zlib.gzipSync(bytes).subarray(0, -9), /said to be gzip .* \(Z_BUF_ERROR\)$/],
    ['deflate', bytes, /said to be deflate/],
    ['br', bytes, /said to be br/],
    ['compress', bytes, /packed in a way that cannot be read here: compress$/],
    ['gzip, rot13', zlib.gzipSync(bytes), /cannot be read here: gzip, rot13$/],
    ['gzip, gzip, gzip, gzip, gzip', bytes, /cannot be read here/],
    ['rot13\u001b[31m', bytes, /cannot be read here: rot13\\u001b\[31m$/],
  ])('that is called %j and is not so is garbled', async (encoding, packed, why) => {
    expect(await readBody(packed, encoding)).toEqual({
      kind: 'garbled',
      why: expect.stringMatching(why),
    });
  });

  test.each([
    ['gzip', (body: Buffer) => zlib.gzipSync(body, { level: 1 })],
    ['deflate', (body: Buffer) => zlib.deflateSync(body, { level: 1 })],
    ['br', (body: Buffer) => zlib.brotliCompressSync(body, { params: quickly })],
  ])('of %s counts with its size once unpacked', async (encoding, pack) => {
    const most = Buffer.alloc(maxBodyBytes, 'x');
    expect(await readBody(pack(most), encoding)).toHaveLength(maxBodyBytes);
    const bomb = pack(Buffer.concat([most, most, most]));
    expect(bomb.length).toBeLessThan(maxBodyBytes / 50);
    expect(await readBody(bomb, encoding)).toEqual({
      kind: 'garbled',
      why: 'its body unpacks to more than 16 MiB',
    });
  });
});

test('a byte order mark is no part of the text', async () => {
  expect(await readBody(Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), bytes]), null)).toBe(text);
});

test.each([
  ['Latin-1', Buffer.from('{"name":"Caf\u00e9"}', 'latin1')],
  ['half a character', bytes.subarray(0, bytes.indexOf('α') + 1)],
  ['half a surrogate pair', Buffer.of(0x22, 0xed, 0xa0, 0x80, 0x22)],
  ['UTF-16', Buffer.from('\ufeff{}', 'utf16le')],
])('%s is no text', async (_, body) => {
  expect(await readBody(body, null)).toEqual({ kind: 'garbled', why: 'its body is not UTF-8' });
});

describe('on the wire', () => {
  const named = { ...found, data: { id: widgetId, name: 'Café' } };

  test('a packed answer that nobody asked for is read', async () => {
    const { baseUrl } = await startServer((response) =>
      response
        .writeHead(200, { 'content-encoding': 'gzip' })
        .end(zlib.gzipSync(JSON.stringify(named))),
    );
    expect(await get(connect(baseUrl))).toEqual(named.data);
  });

  test('bytes that are not UTF-8 are never read as other characters', async () => {
    const { baseUrl } = await startServer((response) =>
      response.writeHead(200).end(Buffer.from(JSON.stringify(named), 'latin1')),
    );
    const error = await failureOf(get(connect(baseUrl)));
    expect(error).toMatchObject({ status: 200, retry: 'later', scope: 'widget' });
    expect(error.message).toBe(
      `The API answered 200 OK when asked for widget ${widgetId}, but its body is not UTF-8`,
    );
  });

  test('a refusal that cannot be unpacked is still a refusal', async () => {
    const { baseUrl } = await startServer((response) =>
      response.writeHead(404, { 'content-encoding': 'gzip' }).end('{"detail":"no"}'),
    );
    const error = await failureOf(put(connect(baseUrl)));
    expect(error).toMatchObject({ status: 404, retry: 'never' });
    expect(error.message).toBe('This account has no such widget (404)');
  });

  test.each([
    [204, ''],
    [201, ''],
    [200, ''],
    [200, '{}'],
  ])('a write that is answered by %i and %j is confirmed', async (status, body) => {
    const { baseUrl, received } = await startServer(answer(status, body));
    const api = connect(baseUrl);
    expect(await put(api)).toEqual({ httpStatus: status, widget: null });
    await put(api);
    expect(new Set(received.map(({ socket }) => socket)).size).toBe(1);
  });

  test('a read that is answered by 204 is none', async () => {
    const { baseUrl } = await startServer(answer(204, ''));
    const error = await failureOf(get(connect(baseUrl)));
    expect(error).toMatchObject({ status: 204, retry: 'later', scope: 'widget' });
    expect(error.message).toMatch(
      /^The API answered 204 No Content when asked .*, but its body is empty$/,
    );
  });
});
