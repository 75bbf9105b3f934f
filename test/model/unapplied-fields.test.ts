import { expect, test } from 'vitest';
import type { Json } from '../../src/base/json/json.ts';
import { unappliedFields } from '../../src/model/unapplied-fields.ts';

test.each<[string, Json, Json]>([
  ['the same text', 'Ava', 'Ava'],
  ['a text in another case', '#1F2937', '#1f2937'],
  ['a text without its outer spaces', ' Ava\n', 'Ava'],
  ['null for an empty text', '', null],
  ['an empty text for null', null, ''],
  ['a short colour in full', '#1AF', '#11aaff'],
  ['a colour with the opacity it has anyway', '#11AAFF', '#11aaffff'],
  ['a short colour with its opacity', '#1AF8', '#11aaff88'],
  ['a text in another Unicode form', 'Caf\u0065\u0301', 'Caf\u00e9'],
  ['a text with other line ends', 'a\r\nb', 'a\nb'],
  ['an empty list for null', null, []],
  ['null for an empty object', {}, null],
  ['keys in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
  ['a text within an object in another case', { a: { b: 'X' } }, { a: { b: 'x' } }],
  ['texts of a list in another spelling', ['Hi ', 'THERE'], ['Hi', 'there']],
  ['texts within objects of a list in another spelling', [{ label: 'Go ' }], [{ label: 'Go' }]],
  ['nothing for null within an object', { a: null }, {}],
])('%s is no news', (_, sent, given) => {
  expect(unappliedFields({ field: sent }, { field: given })).toEqual([]);
});

test.each<[string, Json, Json, object]>([
  ['another text', 'Ava', 'Ada', { path: '/field', sent: 'Ava', kept: 'Ada' }],
  ['a text with other spaces inside', 'a b', 'a  b', { path: '/field', sent: 'a b', kept: 'a  b' }],
  ['another colour', '#1af', '#11aafe', { path: '/field', sent: '#1af', kept: '#11aafe' }],
  ['another opacity', '#1af', '#11aaff88', { path: '/field', sent: '#1af', kept: '#11aaff88' }],
  ['an empty text for one', 'Ava', '', { path: '/field', sent: 'Ava', kept: '' }],
  ['a text for null', null, 'x', { path: '/field', sent: null, kept: 'x' }],
  ['false for nothing', null, false, { path: '/field', sent: null, kept: false }],
  ['a number for its text', '1', 1, { path: '/field', sent: '1', kept: 1 }],
  ['a shorter list', ['a', 'b'], ['a'], { path: '/field', sent: ['a', 'b'], kept: ['a'] }],
  ['a list in another order', ['a', 'b'], ['b', 'a'], { path: '/field', sent: ['a', 'b'] }],
  ['a part of an object', { a: { b: 1 } }, { a: { b: 2 } }, { path: '/field/a/b', kept: 2 }],
  ['a part that is gone', { a: 1 }, {}, { path: '/field/a', sent: 1 }],
])('%s did not stick', (_, sent, given, kept) => {
  expect(unappliedFields({ field: sent }, { field: given })).toMatchObject([kept]);
});

test('what is missing on one side is not said to be there', () => {
  expect(unappliedFields({ a: 1 }, {})).toEqual([{ path: '/a', sent: 1 }]);
  expect(unappliedFields({}, { a: 1 })).toEqual([{ path: '/a', kept: 1 }]);
});
