// The bytes of an answer → its text: unpacked where somebody on the way has packed it, and never with a
// character that was not sent, since what is read is written back.

import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { codeOf } from '../base/errors.ts';
import type { Garbled } from './exchange.ts';
import { safeLine } from './parse-error-body.ts';
import { maxBodyBytes } from './sockets/http-pool.ts';

/** Each one may cost `maxBodyBytes`; no server packs a body more often than twice. */
const mostCodings = 4;

/** `contentEncoding` as the header has it. A BOM is no part of the text. */
export async function readBody(
  bytes: Uint8Array,
  contentEncoding: string | null,
): Promise<string | Garbled> {
  const unpacked = await unpack(bytes, contentEncoding ?? '');
  if (!(unpacked instanceof Uint8Array)) return unpacked;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(unpacked);
  } catch {
    return garbled('its body is not UTF-8');
  }
}

type Unpack = (
  packed: Uint8Array,
  options: { readonly maxOutputLength: number },
) => Promise<Uint8Array>;

const gunzip: Unpack = promisify(zlib.gunzip);
const inflate: Unpack = promisify(zlib.inflate);
const inflateRaw: Unpack = promisify(zlib.inflateRaw);
/** From Node 22.15 on. */
const { zstdDecompress }: { zstdDecompress?: typeof zlib.gunzip } & Partial<typeof zlib> = zlib;

/** By content coding (RFC 9110, 8.4.1). */
const codings: ReadonlyMap<string, Unpack> = new Map<string, Unpack>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  // By name it is zlib's format, and some servers send what stands inside of that.
  ['deflate', (packed, options) => (isZlib(packed) ? inflate : inflateRaw)(packed, options)],
  ['br', promisify(zlib.brotliDecompress)],
  ...(zstdDecompress === undefined ? [] : [['zstd', promisify(zstdDecompress)] as const]),
  ['identity', async (bytes) => bytes],
]);

async function unpack(bytes: Uint8Array, contentEncoding: string): Promise<Uint8Array | Garbled> {
  const names = contentEncoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const applied = names.filter((name) => name !== '').reverse();
  if (bytes.length === 0 || applied.length === 0) return bytes;
  const unknown = applied.find((name) => !codings.has(name));
  if (unknown !== undefined || applied.length > mostCodings) {
    return garbled(
      `its body is packed in a way that cannot be read here: ${safeLine(contentEncoding)}`,
    );
  }
  try {
    let rest = bytes;
    for (const name of applied) {
      rest = (await codings.get(name)?.(rest, { maxOutputLength: maxBodyBytes })) ?? rest;
    }
    return rest;
  } catch (error) {
    // Only zlib has such codes; whatever else fails is a bug.
    const code = codeOf(error);
    if (code === null) throw error;
    return garbled(
      code === 'ERR_BUFFER_TOO_LARGE'
        ? 'its body unpacks to more than 16 MiB'
        : `its body is said to be ${safeLine(contentEncoding)} and cannot be unpacked (${code})`,
    );
  }
}

/** RFC 1950: method 8, and a checksum over the first two bytes. */
function isZlib([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
}

function garbled(why: string): Garbled {
  return { kind: 'garbled', why };
}
