import { expect, test } from 'vitest';
import { formatPerSecond } from '../../src/config/rate.ts';

test.each([
  [3.04, '3/s'],
  [2.55, '2.5/s'],
  [14.6, '15/s'],
  [0.97, '1/s'],
  [0.5, '30/m'],
  [1 / 60, '1/m'],
  [0.01, '36/h'],
  [0.0001, '0.4/h'],
])('%d requests a second are %s', (perSecond, text) => {
  expect(formatPerSecond(perSecond)).toBe(text);
});
