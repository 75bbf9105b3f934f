import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json/json.ts';
import { composeLayers } from '../../../src/documents/compose/compose-layers.ts';

const layer = (value: JsonObject, n: number) => ({ file: `_${n}.yaml`, value });
const compose = (values: JsonObject[], omit: string[] = []) => {
  const layers = values.map(layer);
  return composeLayers(layers.slice(0, -1), omit, layers.at(-1) ?? layer({}, 0));
};

describe('files laid over each other, the weakest first', () => {
  test.each<[string, JsonObject[], JsonObject]>([
    ['a field that nobody else says stands', [{ a: 1 }, { b: 2 }], { a: 1, b: 2 }],
    ['the stronger one wins', [{ a: 1 }, { a: 2 }, { a: 3 }], { a: 3 }],
    ['objects merge', [{ s: { x: 1, y: 1 } }, { s: { y: 2 } }], { s: { x: 1, y: 2 } }],
    [
      'at any depth',
      [{ s: { t: { x: 1, u: {} } } }, { s: { t: { y: 2 } } }],
      { s: { t: { x: 1, u: {}, y: 2 } } },
    ],
    ['lists replace', [{ l: [1, 2, 3] }, { l: [4] }], { l: [4] }],
    ['also an empty one', [{ l: [1, 2, 3] }, { l: [] }], { l: [] }],
    ['null is a value', [{ a: 1 }, { a: null }], { a: null }],
    ['also within objects', [{ s: { x: 1, y: 1 } }, { s: { x: null } }], { s: { x: null, y: 1 } }],
    ['{} empties nothing', [{ s: { x: 1 } }, { s: {} }], { s: { x: 1 } }],
    ['an object replaces what is none', [{ s: null }, { s: { x: 1 } }], { s: { x: 1 } }],
    ['and is replaced by it', [{ s: { x: 1 } }, { s: null }, { s: { y: 2 } }], { s: { y: 2 } }],
    ['a list replaces an object', [{ s: { x: 1 } }, { s: [1] }], { s: [1] }],
    [
      'sync merges too',
      [{ sync: { drift: 'off' } }, { sync: { suspend: true } }],
      { sync: { drift: 'off', suspend: true } },
    ],
    [
      'a field may be called as in JavaScript',
      [{ constructor: { a: 1 } }, { constructor: { b: 2 } }],
      { constructor: { a: 1, b: 2 } },
    ],
  ])('%s', (_, values, composed) => {
    expect(compose(values)).toEqual(composed);
  });

  test('a field called __proto__ is a field', () => {
    const [one, two] = ['{"__proto__": {"a": 1}}', '{"__proto__": {"b": 2}}'].map((text) =>
      JSON.parse(text),
    );
    expect(JSON.stringify(compose([one, two]))).toBe('{"__proto__":{"a":1,"b":2}}');
    expect(JSON.stringify(compose([{ a: 1 }, one, two], ['/__proto__/a']))).toBe(
      '{"a":1,"__proto__":{"b":2}}',
    );
    expect(JSON.stringify(compose([one, {}], ['/__proto__']))).toBe('{}');
  });

  test('no layer is changed', () => {
    const values = [{ s: { x: 1 }, l: [1] }, { s: { y: 2 } }, { s: { z: { a: 1 } } }];
    const before = JSON.stringify(values);
    compose(values, ['/s/x']);
    expect(JSON.stringify(values)).toBe(before);
  });
});

describe('what a file omits', () => {
  const inherited: JsonObject = { a: 1, s: { x: 1, y: { z: 2 } }, l: [{ a: 1 }], 'a/b~c': 1 };
  test.each<[string, string[], JsonObject, JsonObject]>([
    ['is taken from what it inherits', ['/a', '/l', '/a~1b~0c'], {}, { s: { x: 1, y: { z: 2 } } }],
    ['also within an object', ['/s/y/z'], {}, { ...inherited, s: { x: 1, y: {} } }],
    ['never from itself', ['/a'], { a: 2 }, { ...inherited, a: 2 }],
    [
      'an object of its own then stands alone',
      ['/s'],
      { s: { w: 1 } },
      { ...inherited, s: { w: 1 } },
    ],
    ['may be nothing', ['/b', '/s/x/y', '/a/b', '/s/y/w'], {}, inherited],
    ['does not lead into lists', ['/l/0', '/l/0/a'], {}, inherited],
    ['may be all', [''], { b: 1 }, { b: 1 }],
  ])('%s', (_, omit, own, composed) => {
    expect(compose([inherited, own], omit)).toEqual(composed);
  });
});
