// The numbers of a pack, seven bits a byte; the highest bit says that another byte follows.

export interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

/** What is thrown of bytes that git would not have written. */
export function damaged(what: string): Error {
  return new Error(`git's object store is damaged: ${what}`);
}

/** The lowest bits come first. `value`: bits that were read already, so many of them. */
export function readNumber(cursor: Cursor, value = 0, bits = 0): number {
  let read = value;
  for (let scale = 2 ** bits; ; scale *= 128) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined || scale > 2 ** 49) throw damaged('a number has no end');
    cursor.at += 1;
    read += (byte & 0x7f) * scale;
    if (byte < 0x80) return read;
  }
}

/** The highest bits come first, and each further byte adds one: a distance back to a delta's base. */
export function readDistance(cursor: Cursor): number {
  for (let read = 0; ; read += 1) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined || read > 2 ** 45) throw damaged('a number has no end');
    cursor.at += 1;
    read = read * 128 + (byte & 0x7f);
    if (byte < 0x80) return read;
  }
}
