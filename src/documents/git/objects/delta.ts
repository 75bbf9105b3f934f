// A delta of a pack applied to its base, as gitformat-pack(5) describes it. Pure.
import { type Cursor, damaged, readNumber } from './numbers.ts';

/** Throws where the delta is damaged, or does not belong to this base. */
export function applyDelta(base: Buffer, delta: Buffer, largest: number): Buffer {
  const cursor: Cursor = { bytes: delta, at: 0 };
  const baseSize = readNumber(cursor);
  const size = readNumber(cursor);
  if (baseSize !== base.length || size > largest) throw damaged('a delta does not fit its base');
  const result = Buffer.alloc(size);
  let filled = 0;
  while (cursor.at < delta.length) {
    const part = nextPart(base, cursor);
    if (filled + part.length > size) throw damaged('a delta gives more than it says');
    part.copy(result, filled);
    filled += part.length;
  }
  if (filled !== size) throw damaged('a delta gives less than it says');
  return result;
}

/** One instruction: bytes of the base (the highest bit is set), or bytes that follow it. */
function nextPart(base: Buffer, cursor: Cursor): Buffer {
  const code = nextByte(cursor);
  if (code === 0) throw damaged('a delta has an unknown instruction');
  if (code < 0x80) {
    const part = cursor.bytes.subarray(cursor.at, cursor.at + code);
    cursor.at += code;
    return part;
  }
  const offset = sparseNumber(cursor, code & 0x0f, 4);
  const length = sparseNumber(cursor, (code >> 4) & 0x07, 3);
  const end = offset + (length === 0 ? 0x10000 : length);
  if (end > base.length) throw damaged('a delta copies from beyond its base');
  return base.subarray(offset, end);
}

/** Only the bytes whose bit is set are there, the lowest first; the others are 0. */
function sparseNumber(cursor: Cursor, bits: number, bytes: number): number {
  let value = 0;
  for (let index = 0; index < bytes; index += 1) {
    if ((bits & (1 << index)) !== 0) value += nextByte(cursor) * 2 ** (8 * index);
  }
  return value;
}

function nextByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at];
  if (byte === undefined) throw damaged('a delta is cut short');
  cursor.at += 1;
  return byte;
}
