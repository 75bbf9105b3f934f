import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isJsonObject,
  type Json,
  type JsonObject,
  toPointer,
} from '../../../src/base/json/json.ts';
import { composeLayers, layOver } from '../../../src/documents/compose/compose-layers.ts';
import { findOrigin } from '../../../src/documents/compose/find-origin.ts';
import { valueAt } from '../../../src/model/value-at.ts';
import { law } from '../../support/law.ts';

// Few names and values, so that layers meet.
const name = fc.constantFrom('a', 'b', 'c', '__proto__');
const scalar = fc.constantFrom<Json>(null, 1, 2, 'x', [], [1], [{ a: 1 }]);
const { object } = fc.letrec<{ object: JsonObject; value: Json }>((tie) => ({
  value: fc.oneof({ maxDepth: 3, depthSize: 'small' }, scalar, tie('object')),
  object: fc
    .array(fc.tuple(name, tie('value')), { maxLength: 4 })
    .map((members) => Object.fromEntries(members)),
}));
const layers = fc
  .array(object, { minLength: 1, maxLength: 5 })
  .map((values) => values.map((value, n) => ({ file: `_${n}.yaml`, value })));
const pointers = fc.array(fc.array(name, { minLength: 1, maxLength: 3 }).map(toPointer), {
  maxLength: 2,
});

/** Pointers of all that is no object with members, and of all objects. */
function placesIn(
  value: JsonObject,
  path: string[] = [],
): { leaves: string[][]; objects: string[][] } {
  const leaves: string[][] = [];
  const objects: string[][] = [];
  for (const [key, member] of Object.entries(value)) {
    const at = [...path, key];
    if (!isJsonObject(member)) leaves.push(at);
    else {
      objects.push(at);
      const within = placesIn(member, at);
      leaves.push(...within.leaves);
      objects.push(...within.objects);
    }
  }
  return { leaves, objects };
}

/** As the rules say it, one leaf at a time: the model that the composition is held to. */
function strongestOf(path: string[], values: readonly JsonObject[]): number {
  for (let n = values.length - 1; n >= 0; n -= 1) {
    if (valueAt(values[n] ?? {}, path) !== undefined) return n;
  }
  return -1;
}

describe('layers', () => {
  law.prop([layers, pointers], { numRuns: 20_000 })(
    'each leaf stands, with its value, in the layer that its origin names, and in no stronger one',
    (drawn, omit) => {
      const own = drawn.at(-1);
      if (own === undefined) return;
      const fragments = drawn.slice(0, -1);
      const composed = composeLayers(fragments, omit, own);
      const { leaves, objects } = placesIn(composed);
      for (const path of leaves) {
        const origin = findOrigin(fragments, omit, own, toPointer(path));
        if (origin === null) throw new Error(`no origin of ${toPointer(path)}`);
        expect(valueAt(origin.layer.value, path)).toEqual(valueAt(composed, path));
        const values = drawn.map(({ value }) => value);
        expect(drawn.indexOf(origin.layer)).toBe(strongestOf(path, values));
        for (const weaker of origin.over) {
          expect(valueAt(weaker.value, path)).not.toBeUndefined();
          expect(drawn.indexOf(weaker)).toBeLessThan(drawn.indexOf(origin.layer));
        }
      }
      for (const path of objects) {
        const origin = findOrigin(fragments, omit, own, toPointer(path));
        expect(isJsonObject(valueAt(origin?.layer.value ?? {}, path))).toBe(true);
      }
    },
  );

  law.prop([layers, pointers, fc.array(name, { minLength: 1, maxLength: 4 })], { numRuns: 5000 })(
    'a place has an origin exactly where the composed file has a value',
    (drawn, omit, path) => {
      const own = drawn.at(-1);
      if (own === undefined) return;
      const fragments = drawn.slice(0, -1);
      const value = valueAt(composeLayers(fragments, omit, own), path);
      expect(findOrigin(fragments, omit, own, toPointer(path)) !== null).toBe(value !== undefined);
    },
  );

  law.prop([fc.tuple(object, object, object)], { numRuns: 20_000 })(
    'a triple is folded from the left: the first two, then the third',
    ([base, brand, own]) => {
      const [first, second, third] = [base, brand, own].map((value) => ({ file: '', value }));
      if (first === undefined || second === undefined || third === undefined) return;
      expect(composeLayers([first, second], [], third)).toEqual(layOver(layOver(base, brand), own));
    },
  );

  test('a file without fragments is its own layer', () => {
    const own = { file: 'ava.yaml', value: { a: 1, s: {} } };
    expect(composeLayers([], ['/a'], own)).toEqual(own.value);
  });
});

describe('the diamond', () => {
  const brand = { file: '_brand.yaml', value: { header_color: 'green', bubble_text: 'Hi' } };
  const dark = { file: '_dark.yaml', value: { header_color: 'black' } };
  const holiday = { file: '_holiday.yaml', value: { bubble_text: 'Ho ho' } };
  const own = { file: 'ava.yaml', value: { widget_type: 'chat' } };

  test('holiday does not undo the header of dark, though it extends brand', () => {
    const fragments = [brand, dark, holiday];
    expect(composeLayers(fragments, [], own)).toEqual({
      ...{ header_color: 'black', bubble_text: 'Ho ho', widget_type: 'chat' },
    });
    expect(findOrigin(fragments, [], own, '/header_color')).toEqual({
      ...{ layer: dark, pointer: '/header_color', over: [brand] },
    });
  });
});

describe('an origin', () => {
  const layersOf = (...values: JsonObject[]) => values.map((value, n) => ({ file: `${n}`, value }));
  const originOf = (values: JsonObject[], pointer: string, omit: string[] = []) => {
    const all = layersOf(...values);
    const found = findOrigin(
      all.slice(0, -1),
      omit,
      all.at(-1) ?? { file: '', value: {} },
      pointer,
    );
    return found && [found.layer.file, ...found.over.map(({ file }) => file)];
  };

  test.each<[string, JsonObject[], string, string[] | null]>([
    ['of one saying', [{ a: 1 }, {}], '/a', ['0']],
    [
      'over all weaker ones, the strongest first',
      [{ a: 1 }, { a: 2 }, { a: 3 }],
      '/a',
      ['2', '1', '0'],
    ],
    ['over an object that it replaces', [{ a: { b: 1 } }, { a: null }], '/a', ['1', '0']],
    ['of what such an object said: none', [{ a: { b: 1 } }, { a: null }], '/a/b', null],
    [
      'not over what was replaced before',
      [{ a: { b: 1 } }, { a: 1 }, { a: { b: 2 } }],
      '/a/b',
      ['2'],
    ],
    [
      'of a merged object: the strongest that says it',
      [{ a: { b: 1 } }, { a: { c: 1 } }],
      '/a',
      ['1'],
    ],
    [
      'of an object over what is none',
      [{ a: { b: 1 } }, { a: 1 }, { a: {} }],
      '/a',
      ['2', '1', '0'],
    ],
    ['in a list', [{ l: [1] }, { l: [{ a: 1 }, 2] }], '/l/0/a', ['1']],
    ['in a list that has no such entry', [{ l: [1, 2] }, { l: [1] }], '/l/1', null],
    ['an index has one spelling', [{ l: [1, 2] }, {}], '/l/01', null],
    ['of nothing', [{ a: 1 }], '/b', null],
  ])('%s', (_, values, pointer, expected) => {
    expect(originOf(values, pointer)).toEqual(expected);
  });

  test('what is omitted was not won over', () => {
    expect(originOf([{ a: 1 }, { a: 2 }], '/a', ['/a'])).toEqual(['1']);
    expect(originOf([{ a: { b: 1 } }, {}], '/a/b', ['/a'])).toBeNull();
    expect(originOf([{ a: { b: 1 } }, {}], '/a', ['/a/b'])).toEqual(['0']);
  });
});
