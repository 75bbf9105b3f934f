import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canonicalJson,
  equalJson,
  fromPointer,
  isDeeperThan,
  isJsonObject,
  type Json,
  parseJson,
  sortKeys,
  toPointer,
} from '../../../src/base/json/json.ts';
import { stringifyJson } from '../../../src/base/json/json-text.ts';
import { law } from '../../support/law.ts';

/** Any value that JSON can hold. */
const anyJson: fc.Arbitrary<Json> = fc.jsonValue().map((value) => value as Json);

/** The same value with every object's keys in another order. */
function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => [key, reversed(part)] as const);
  return Object.fromEntries(entries.reverse());
}

describe('canonical JSON, by the examples of RFC 8785', () => {
  test('sorts keys, drops white space and writes values as ECMAScript does', () => {
    const text = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    expect(canonicalJson(JSON.parse(text))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  test('sorts keys by UTF-16 code units, not by code points or a locale', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    const names = [...canonicalJson(value).matchAll(/:"([^"]+)"/g)].map(([, name]) => name);
    expect(names).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  test.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('the number %s is written %s', (bits, text) => {
    expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text);
  });
});

describe('canonical JSON', () => {
  law.prop([anyJson])('reads back as the same value', (value) => {
    const text = canonicalJson(value);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    expect(canonicalJson(JSON.parse(text))).toBe(text);
  });

  law.prop([fc.oneof(fc.string(), fc.string({ unit: 'binary' }))])(
    'quotes every text as ECMAScript does',
    (text) => {
      const quoted = JSON.stringify(text);
      expect(canonicalJson(text)).toBe(quoted);
      expect(canonicalJson({ [text]: 1 })).toBe(`{${quoted}:1}`);
    },
  );

  law.prop([anyJson])('is one for every order of keys', (value) => {
    expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
    expect(equalJson(reversed(value), value)).toBe(true);
  });

  law.prop([anyJson, anyJson])('differs where values differ', (a, b) => {
    const isSame = canonicalJson(a) === canonicalJson(b);
    expect(equalJson(a, b)).toBe(isSame);
    if (isSame) expect(JSON.parse(canonicalJson(a))).toEqual(JSON.parse(canonicalJson(b)));
  });

  test.each<[string, Json, Json]>([
    ['an order of entries', [1, 2], [2, 1]],
    ['a number and its text', 1, '1'],
    ['null and nothing', { a: null }, {}],
    ['null and false', null, false],
    ['an empty list and an empty object', [], {}],
    ['upper and lower case', 'A', 'a'],
    ['two ways to compose a letter', 'é', 'e\u0301'],
  ])('tells apart %s', (_, a, b) => {
    expect(equalJson(a, b)).toBe(false);
  });

  test('keeps keys that objects have by themselves', () => {
    const text = '{"__proto__":1,"constructor":{"a":2},"toString":null}';
    expect(canonicalJson(JSON.parse(text))).toBe(text);
  });
});

describe('numbers that JavaScript would write otherwise', () => {
  const read = (text: string): Json => parseJson(text) ?? null;

  test.each([
    ['1.10', '1.1'],
    ['1E5', '100000'],
    ['-0', '0'],
    ['17841405793187219', '17841405793187219'],
    ['{"a":[1.0]}', '{"a":[1]}'],
    ['1e400', '10e399'],
  ])('%s equals %s', (a, b) => {
    expect(equalJson(read(a), read(b))).toBe(true);
  });

  test.each([
    ['17841405793187219', '17841405793187220'],
    ['1e400', '1e401'],
    ['1e400', 'null'],
    ['0.1000000000000000055511151231257827', '0.1'],
    ['1.10', '"1.10"'],
    ['{"a":1e400}', '{"a":{}}'],
  ])('%s does not equal %s', (a, b) => {
    expect(equalJson(read(a), read(b))).toBe(false);
  });

  test('are no objects', () => {
    expect(isJsonObject(read('1e400'))).toBe(false);
  });
});

test('sorted keys leave every value as it is', () => {
  const value = parseJson('{"b":[{"d":1.10,"c":-0}],"__proto__":1e400,"a":null}') ?? null;
  expect(stringifyJson(sortKeys(value))).toBe(
    '{"__proto__":1e400,"a":null,"b":[{"c":-0,"d":1.10}]}',
  );
});

test.each<[Json, number]>([
  [1, 0],
  ['text', 0],
  [[], 1],
  [{ a: 1 }, 1],
  [{ a: [], b: [{}] }, 3],
])('%j nests %i levels deep', (value, levels) => {
  expect(isDeeperThan(levels, value)).toBe(false);
  if (levels > 0) expect(isDeeperThan(levels - 1, value)).toBe(true);
});

describe('a JSON Pointer', () => {
  test.each<[string, (string | number)[]]>([
    ['', []],
    ['/', ['']],
    ['/user_opening_messages/0', ['user_opening_messages', 0]],
    ['/a~1b', ['a/b']],
    ['/m~0n', ['m~n']],
    ['/~01', ['~1']],
    ['/ /"/%', [' ', '"', '%']],
  ])('%j is made of %j and taken apart again', (pointer, segments) => {
    expect(toPointer(segments)).toBe(pointer);
    expect(fromPointer(pointer)).toEqual(segments.map(String));
  });

  const segment = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('~', '/', '0', '1', '') }),
    fc.nat(),
  );
  law.prop([fc.array(segment), fc.array(segment)])(
    'leads back to its segments, and no other has the same',
    (segments, others) => {
      const texts = segments.map(String);
      expect(fromPointer(toPointer(segments))).toEqual(texts);
      const isSame = JSON.stringify(texts) === JSON.stringify(others.map(String));
      expect(toPointer(segments) === toPointer(others)).toBe(isSame);
    },
  );
});

describe('reading JSON', () => {
  law.prop([anyJson])('gives what was written', (value) => {
    expect(parseJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
  });

  test.each(['', '{', 'nul', '{"a":1}x', '\ufeff{}'])('gives nothing for %j', (text) => {
    expect(parseJson(text)).toBeUndefined();
  });
});
