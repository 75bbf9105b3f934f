import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { count, oneLine, printable, shorten } from '../../src/base/text.ts';
import { anyCharacter } from '../support/any-character.ts';
import { law } from '../support/law.ts';

const anyText = fc.string({ unit: anyCharacter });

describe('printable text', () => {
  test.each([
    ['a title that a terminal would set', '\u001b]0;owned\u0007', '\\u001b]0;owned\\u0007'],
    ['colour', '\u001b[31mred\u001b[0m', '\\u001b[31mred\\u001b[0m'],
    ['the eight-bit form of an escape', '\u009b31m', '\\u009b31m'],
    ['a line that overwrites another', 'good\rbad', 'good\\u000dbad'],
    ['a line that looks like one of ours', 'a\nb\u2028c\u2029d', 'a\\u000ab\\u2028c\\u2029d'],
    ['text that runs backwards', 'a\u202eb\u2066c\u200fd', 'a\\u202eb\\u2066c\\u200fd'],
    ['half a surrogate pair', 'a\ud83db', 'a\\ud83db'],
  ])('shows %s as escapes', (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test.each([
    '',
    'Ava',
    'Où est ma commande ?',
    '注文はどこ？',
    'أين طلبي؟',
    '👩‍👩‍👧 🎉',
    'C:\\temp "x"',
  ])('leaves %j as it is', (text) => {
    expect(printable(text)).toBe(text);
  });

  law.prop([anyText])('holds nothing that a terminal obeys or that reorders text', (text) => {
    const shown = printable(text);
    expect(shown).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/u);
    expect(printable(shown)).toBe(shown);
  });

  test('escapes every control of the direction of text', () => {
    const controls = Array.from({ length: 0x1_0000 }, (_, code) => String.fromCharCode(code));
    const shown = controls.filter((one) => /\p{Bidi_Control}/u.test(one) && printable(one) === one);
    expect(shown.map((one) => one.charCodeAt(0).toString(16))).toEqual([]);
  });
});

describe('shortened text', () => {
  test.each([
    ['short', 5, 'short'],
    ['longer', 5, 'long…'],
    ['👩👩👩', 2, '👩…'],
    ['ab', 1, '…'],
    ['', 3, ''],
  ])('%j in %i is %j', (text, length, shown) => {
    expect(shorten(text, length)).toBe(shown);
  });

  law.prop([anyText, fc.integer({ min: 1, max: 30 })])(
    'is never longer, and only cut where it has to be',
    (text, length) => {
      const shown = [...shorten(text, length)];
      expect(shown.length).toBe(Math.min([...text].length, length));
      const isCut = [...text].length > length;
      if (!isCut) expect(shown.join('')).toBe(text);
      else expect(text.startsWith(shown.slice(0, -1).join(''))).toBe(true);
    },
  );
});

test.each([
  [0, '0 widgets'],
  [1, '1 widget'],
  [2, '2 widgets'],
])('%i is counted as %s', (amount, text) => {
  expect(count(amount, 'widget')).toBe(text);
});

describe('one line', () => {
  test.each([
    ['two\nlines \t of it', 'two lines of it'],
    ['  \u0007 ends \r\n', '\\u0007 ends'],
    ['see https://a.example/?api_key=abc123', 'see https://a.example/?api_key=[api key]'],
    ['x'.repeat(99), `${'x'.repeat(49)}…`],
    [`${' '.repeat(45)}in-abcdefghijklmnop12345`, '[api key]'],
  ])('of %j is %j', (text, line) => {
    expect(oneLine(text, 50)).toBe(line);
  });

  law.prop([anyText, fc.integer({ min: 1, max: 40 })])(
    'is one, printable and no longer than asked',
    (text, length) => {
      const line = oneLine(text, length);
      expect([...line].length).toBeLessThanOrEqual(length);
      expect(line).toBe(printable(line));
    },
  );
});
