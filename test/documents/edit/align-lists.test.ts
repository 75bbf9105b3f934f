import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/base/json/json.ts';
import { alignLists } from '../../../src/documents/edit/align-lists.ts';
import { law } from '../../support/law.ts';

describe('entries of a list are found again in another', () => {
  test.each<[string, Json[], Json[], (number | null)[]]>([
    ['all of them', ['a', 'b'], ['a', 'b'], [0, 1]],
    ['after one that went', ['a', 'b', 'c'], ['b', 'c'], [1, 2]],
    ['around some that came', ['a', 'b'], ['x', 'a', 'y', 'z', 'b'], [null, 0, null, null, 1]],
    ['beside one that changed', ['a', 'b', 'c'], ['b', 'C'], [1, 2]],
    ['as one that changed, before one that came', ['a', 'b'], ['A', 'x', 'b'], [0, null, 1]],
    ['of several that are equal, in order', ['a', 'a', 'b'], ['a', 'b', 'a'], [0, 2, 1]],
    ['after they moved', ['a', 'b', 'c'], ['c', 'x', 'a', 'b'], [2, null, 0, 1]],
    [
      'after one moved and changed',
      [{ n: 1, v: 1 }, { n: 2, v: 2 }, 3],
      [3, { n: 1, v: 9 }],
      [2, 0],
    ],
    ['whatever the order of their keys', [1, { a: 1, b: 2 }], [{ b: 2, a: 1 }], [1]],
    [
      'by what no other entry says',
      [
        { n: 1, v: 'a' },
        { n: 2, v: 'b' },
        { n: 3, v: 'c' },
      ],
      [
        { n: 2, v: 'B' },
        { n: 3, v: 'C' },
      ],
      [1, 2],
    ],
    [
      'not by what any entry says',
      [
        { n: 1, on: true },
        { n: 2, on: true },
      ],
      [
        { n: 1, on: true },
        { n: 9, on: true },
        { n: 2, on: false },
      ],
      [0, null, 1],
    ],
    ['none in nothing', ['a'], [], []],
    ['none of nothing', [], ['a'], [null]],
  ])('%s', (_, written, wanted, expected) => {
    expect(alignLists(written, wanted)).toEqual(expected);
  });

  const list = fc.array(
    fc.oneof(
      fc.constantFrom<Json>('a', 'b', 'c', 1, null),
      fc.record({ n: fc.nat(2), v: fc.nat(2) }),
    ),
    { maxLength: 7 },
  );
  law.prop([list, list])(
    'each at most once, all that are equal, and some wherever both have some',
    (a, b) => {
      const partners = alignLists(a, b);
      expect(partners).toHaveLength(b.length);
      const found = partners.filter((one) => one !== null);
      expect(new Set(found).size).toBe(found.length);
      const left = (list: readonly Json[], used: readonly (number | null)[]) =>
        list.filter((_, at) => !used.includes(at)).map((one) => JSON.stringify(one));
      const isNew = new Set(
        left(
          b,
          partners.flatMap((one, at) => (one === null ? [] : [at])),
        ),
      );
      expect(left(a, partners).filter((one) => isNew.has(one))).toEqual([]);
      if (a.length > 0 && b.length > 0) expect(found).not.toEqual([]);
      // What is neither found again nor taken over would leave a gap on one side only.
      expect(found.length).toBeLessThanOrEqual(Math.min(a.length, b.length));
    },
  );

  law.prop([list, fc.array(fc.boolean(), { minLength: 7, maxLength: 7 })])(
    'every one that only others went from around',
    (a, stays) => {
      const b = a.filter((_, at) => stays[at]);
      const partners = alignLists(a, b);
      expect(partners.map((one) => a[one ?? -1])).toEqual(b);
    },
  );

  test('the ends of lists too long to compare each with each, at once', () => {
    const long = (middle: string) => [
      'head',
      ...Array.from({ length: 20_000 }, (_, n) => `${middle} ${n}`),
      'tail',
    ];
    const partners = alignLists([...long('a')], ['new', ...long('b')]);
    expect(partners.at(-1)).toBe(20_001);
  });
});
