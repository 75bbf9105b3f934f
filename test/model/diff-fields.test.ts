import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json/json.ts';
import { fromPointer, isJsonObject } from '../../src/base/json/json.ts';
import { diffFields, type FieldDifference } from '../../src/model/diff-fields.ts';
import { anyBody } from '../plan/fixtures.ts';
import { law } from '../support/law.ts';

type Row = readonly [string, JsonObject | null, JsonObject, readonly FieldDifference[]];

const table: readonly Row[] = [
  [
    'nothing known before',
    null,
    { b: 1, a: { x: 1 } },
    [
      { path: '/a', to: { x: 1 } },
      { path: '/b', to: 1 },
    ],
  ],
  ['the same in another order', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }, []],
  [
    'null, which is a value',
    { a: 'x', b: null },
    { a: null },
    [
      { path: '/a', from: 'x', to: null },
      { path: '/b', from: null },
    ],
  ],
  [
    'an array, which is one value',
    { a: [1, 2] },
    { a: [1, 3] },
    [{ path: '/a', from: [1, 2], to: [1, 3] }],
  ],
  [
    'inside an object',
    { a: { b: { c: 1, d: 2 } } },
    { a: { b: { c: 1, d: 3 }, e: 4 } },
    [
      { path: '/a/b/d', from: 2, to: 3 },
      { path: '/a/e', to: 4 },
    ],
  ],
  ['an object that goes', { a: { b: 1, c: 2 } }, {}, [{ path: '/a', from: { b: 1, c: 2 } }]],
  ['an object in place of a text', { a: 'x' }, { a: {} }, [{ path: '/a', from: 'x', to: {} }]],
  [
    'keys that pointers escape',
    { 'a/b': 1 },
    { 'm~n': 1 },
    [
      { path: '/a~1b', from: 1 },
      { path: '/m~0n', to: 1 },
    ],
  ],
  ['keys that objects inherit', {}, { constructor: 1 }, [{ path: '/constructor', to: 1 }]],
];

describe('field changes', () => {
  test.each(table)('%s', (_, from, to, changes) => {
    expect(diffFields(from, to)).toEqual(changes);
  });

  law.prop([anyBody, anyBody])('lead from the one body to the other', (from, to) => {
    expect(applyFields(from, diffFields(from, to))).toEqual(to);
  });

  law.prop([anyBody])('of equal bodies are none', (body) => {
    expect(diffFields(body, structuredClone(body))).toEqual([]);
  });

  law.prop([anyBody, anyBody])('are sorted by path, each path once', (from, to) => {
    const paths = diffFields(from, to).map(({ path }) => path);
    expect(paths).toEqual([...new Set(paths)].sort());
  });
});

function applyFields(body: JsonObject, fields: readonly FieldDifference[]): JsonObject {
  return fields.reduce((result, field) => applyField(result, fromPointer(field.path), field), body);
}

function applyField(
  body: JsonObject,
  segments: readonly string[],
  field: FieldDifference,
): JsonObject {
  const [key = '', ...rest] = segments;
  const others = Object.entries(body).filter(([name]) => name !== key);
  // fromEntries defines keys, `__proto__` too, where an assignment would set the prototype.
  if (rest.length === 0) {
    return Object.fromEntries(field.to === undefined ? others : [...others, [key, field.to]]);
  }
  const child = Object.hasOwn(body, key) ? body[key] : undefined;
  if (!isJsonObject(child)) throw new Error(`nothing to change at ${field.path}`);
  return Object.fromEntries([...others, [key, applyField(child, rest, field)]]);
}
