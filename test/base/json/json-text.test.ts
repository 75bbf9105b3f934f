import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJsonText, stringifyJson } from '../../../src/base/json/json-text.ts';
import { NumberText } from '../../../src/base/json/number-text.ts';
import { law } from '../../support/law.ts';

const numbers = [
  '17841405793187219',
  '-10223456789012345678',
  '1e400',
  '1.10',
  '1E5',
  '-0',
  '0.1000000000000000055511151231257827',
  '0',
  '-1',
  '3.14',
  '100',
];

/** A JSON text without white space, in which the keys of each object are in order and occur once. */
const anyText: fc.Arbitrary<string> = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...numbers, 'true', 'null'),
    fc
      .oneof(fc.string(), fc.constantFrom(...numbers, '"', '\\', 'a "1.10" b', ': 1e400,'))
      .map((text) => JSON.stringify(text)),
    fc.array(tie('text'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    fc
      .dictionary(fc.constantFrom('a', 'b"', '__proto__', '1.10', 'c\\'), tie('text'))
      .map((members) =>
        Object.entries(members)
          // JavaScript puts keys that are indexes first, and none of these is one.
          .map(([key, text]) => `${JSON.stringify(key)}:${text}`)
          .join(','),
      )
      .map((members) => `{${members}}`),
  ),
})).text;

law.prop([anyText])('a text that is read is written as it was', (text) => {
  expect(stringifyJson(parseJsonText(text))).toBe(text);
});

law.prop([anyText, fc.nat(), fc.constantFrom('', '1', '.', 'e', '-', '"', ':', ',', '}', ' ')])(
  'what is JSON is for JSON.parse to say',
  (text, at, piece) => {
    const place = at % (text.length + 1);
    const broken = text.slice(0, place) + piece + text.slice(place + 1);
    const isRead = (read: (one: string) => unknown) => {
      try {
        read(broken);
        return true;
      } catch {
        return false;
      }
    };
    expect(isRead(parseJsonText)).toBe(isRead(JSON.parse));
  },
);

law.prop([fc.jsonValue(), fc.nat(3)])(
  'without such numbers all is as JSON has it',
  (value, indent) => {
    const text = JSON.stringify(value, null, indent);
    expect(stringifyJson(value, indent)).toBe(text);
    expect(stringifyJson(parseJsonText(text), indent)).toBe(
      JSON.stringify(JSON.parse(text), null, indent),
    );
  },
);

describe('reading', () => {
  test.each([
    ['{1.10:2}'],
    ['{1e400 : 2}'],
    ['[01.10]'],
    ['[1.10.2]'],
    ['[1.10 2]'],
    ['["a"1e400]'],
    ['-'],
    ['1e400,'],
  ])('refuses %s', (text) => {
    expect(() => parseJsonText(text)).toThrow(SyntaxError);
  });

  test('of a key that stands twice, the last one counts', () => {
    expect(stringifyJson(parseJsonText('{"a":1e400,"b":1,"a":1.10}'))).toBe('{"a":1.10,"b":1}');
  });

  test('a key called __proto__ is a key', () => {
    const value = parseJsonText('{"__proto__":1e400}') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.entries(value)).toEqual([['__proto__', new NumberText('1e400')]]);
  });

  test('numbers within texts stay texts', () => {
    const text = '["17841405793187219","\\\\\\",1e400,[1.10",1.10]';
    expect(parseJsonText(text)).toEqual([
      '17841405793187219',
      '\\",1e400,[1.10',
      new NumberText('1.10'),
    ]);
  });

  test('depth is no matter', () => {
    const depth = 100_000;
    let value = parseJsonText(`${'[1e400,'.repeat(depth)}1.10${']'.repeat(depth)}`);
    for (let level = 0; level < depth; level += 1) value = Array.isArray(value) ? value[1] : null;
    expect(value).toEqual(new NumberText('1.10'));
  });
});

test('a log that knows nothing of such numbers shows their digits', () => {
  expect(JSON.stringify({ kept: new NumberText('17841405793187219') })).toBe(
    '{"kept":"17841405793187219"}',
  );
});
