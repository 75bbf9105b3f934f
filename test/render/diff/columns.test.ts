import { expect, test } from 'vitest';
import { columnWidth } from '../../../src/render/diff/columns.ts';

const names = (length: number, amount: number) => Array<string>(amount).fill('x'.repeat(length));

test.each([
  ['nothing', [], 0],
  ['short ones', [...names(9, 2), ...names(48, 1)], 48],
  ['one in ten far longer: it stands out alone', [...names(9, 9), ...names(60, 1)], 9],
  ['more of them: all line up', [...names(9, 9), ...names(60, 1), ...names(50, 1)], 60],
  ['far longer ones only, below a long directory', [...names(70, 1), ...names(64, 1)], 70],
  ['what no terminal has room for', [...names(9, 1), ...names(50, 1), ...names(121, 5)], 50],
])('the column of %s is as wide as it has to be', (_, texts, expected) => {
  expect(columnWidth(texts, 48)).toBe(expected);
});

test('a column of very many names has a width', () => {
  expect(columnWidth(names(9, 200_000), 48)).toBe(9);
});
