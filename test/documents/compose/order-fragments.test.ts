import { describe, expect, test } from 'vitest';
import { orderFragments } from '../../../src/documents/compose/order-fragments.ts';

type Tree = Readonly<Record<string, readonly (string | null)[]>>;

describe('the order of fragments', () => {
  test.each<[string, (string | null)[], Tree, string[]]>([
    ['as they are named', ['a', 'b'], {}, ['a', 'b']],
    [
      'what a fragment extends lies beneath it',
      ['a', 'b'],
      { a: ['x', 'y'] },
      ['x', 'y', 'a', 'b'],
    ],
    [
      'a diamond: both beneath the file, over what both extend',
      ['dark', 'holiday'],
      { dark: ['brand'], holiday: ['brand'] },
      ['brand', 'dark', 'holiday'],
    ],
    ['at its first mention', ['brand', 'dark'], { dark: ['brand'] }, ['brand', 'dark']],
    ['also where it is named again', ['dark', 'brand'], { dark: ['brand'] }, ['brand', 'dark']],
    ['twice in one list is once', ['a', 'b', 'a'], {}, ['a', 'b']],
    ['an entry that leads nowhere is passed over', [null, 'a'], { a: [null, 'b'] }, ['b', 'a']],
    [
      'a diamond of diamonds',
      ['l', 'r'],
      { l: ['ll', 'lr'], r: ['lr', 'rr'], ll: ['base'], lr: ['base'], rr: ['base'] },
      ['base', 'll', 'lr', 'l', 'rr', 'r'],
    ],
  ])('%s', (_, entries, tree, files) => {
    expect(orderFragments(entries, (file) => tree[file] ?? [])).toEqual({ files, rings: [] });
  });

  test.each<[string, string[], Tree, unknown]>([
    ['itself', ['a'], { a: ['a'] }, [{ file: 'a', entry: 0, way: ['a', 'a'] }]],
    [
      'each other',
      ['a'],
      { a: ['x', 'b'], b: ['a'] },
      [{ file: 'b', entry: 0, way: ['a', 'b', 'a'] }],
    ],
    [
      'a ring is told from where it begins',
      ['top'],
      { top: ['a'], a: ['b'], b: ['c'], c: ['x', 'a'] },
      [{ file: 'c', entry: 1, way: ['a', 'b', 'c', 'a'] }],
    ],
  ])('a fragment may not extend %s', (_, entries, tree, rings) => {
    expect(orderFragments(entries, (file) => tree[file] ?? []).rings).toEqual(rings);
  });
});
