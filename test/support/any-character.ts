// Any character that Unicode has a place for. As the unit 'binary' of fast-check, which takes a second and
// a hundred megabytes for a table of all of them.
import fc from 'fast-check';

/** Halves of pairs are no characters. */
const halves = { from: 0xd800, count: 0x800 };

export const anyCharacter: fc.Arbitrary<string> = fc.nat(0x10ffff - halves.count).map(
  (place) => String.fromCodePoint(place < halves.from ? place : place + halves.count),
  (character) => {
    const point = typeof character === 'string' ? character.codePointAt(0) : undefined;
    if (point === undefined || character !== String.fromCodePoint(point)) {
      throw new Error('not one character');
    }
    if (point < halves.from) return point;
    if (point < halves.from + halves.count) throw new Error('half of a character');
    return point - halves.count;
  },
);
