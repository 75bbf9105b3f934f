import { describe, expect, test } from 'vitest';
import {
  type ChangeLimit,
  excessWords,
  limitFor,
  mostChanges,
  parseChangeLimit,
} from '../../src/config/change-limit.ts';
import { readChangeLimit } from '../../src/config/option-values.ts';

describe('a limit of changes', () => {
  test.each([
    ['25', 1000, 25],
    ['1', 0, 1],
    ['10%', 250, 25],
    ['10%', 259, 25],
    ['2.5%', 200, 5],
    ['100%', 7, 7],
    // A share of few widgets would stop everything.
    ['10%', 3, 1],
    ['0.1%', 0, 1],
  ])('%s of %i widgets is %i', (text, widgets, most) => {
    const limit = parseChangeLimit(text);
    expect(limit && mostChanges(limit, widgets)).toBe(most);
  });

  test.each([
    '0',
    '0%',
    '101%',
    '-1',
    '1.5',
    'off',
    'auto',
    '',
    'ten',
    '1 0',
    '5 %',
    '1e3',
    '99999999',
  ])('%j is none', (text) => {
    expect(parseChangeLimit(text)).toBeNull();
  });
});

describe('where nobody said a limit', () => {
  const composed = { fragments: ['_brand.yaml'] };
  const plain = { fragments: [] };
  const auto: ChangeLimit = { unit: 'auto' };

  test('there is one for a tree that uses fragments, and none for others', () => {
    expect(readChangeLimit('auto')).toEqual(auto);
    expect(limitFor(auto, composed)).toEqual(auto);
    expect(limitFor(auto, plain)).toBeNull();
    expect(limitFor(auto, { ...plain, leavesFragments: true })).toEqual(auto);
  });

  test.each(['off', '25', '10%'])('%s says what it says, whatever the tree', (text) => {
    const said = readChangeLimit(text);
    for (const tree of [composed, plain]) expect(limitFor(said, tree)).toEqual(said);
  });

  test.each([
    // A quarter, but never fewer than ten widgets.
    [0, 9],
    [12, 9],
    [36, 9],
    [39, 9],
    [40, 10],
    [43, 10],
    [1000, 250],
  ])('of %i widgets %i may change', (widgets, most) => {
    expect(mostChanges(auto, widgets)).toBe(most);
  });

  test('what is refused says why, and that the limit can be told otherwise', () => {
    expect(excessWords({ changes: 40, most: 10, limit: 'auto' })).toBe(
      '40 widgets would change, and this tree uses fragments, where --max-changes allows 10 unless told otherwise',
    );
    expect(excessWords({ changes: 40, most: 9, limit: 'auto', leaving: true }, 'oak')).toBe(
      '40 widgets would change, and files have left their fragments, where max_changes of oak allows 9 unless told otherwise',
    );
    expect(excessWords({ changes: 40, most: 25 })).toBe(
      '40 widgets would change, and --max-changes allows 25',
    );
  });
});
