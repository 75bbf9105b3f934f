import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canonicalNumber,
  isExactNumber,
  losesText,
  NumberText,
} from '../../../src/base/json/number-text.ts';
import { law } from '../../support/law.ts';

test.each([
  '17841405793187219',
  '-10223456789012345678',
  '1e400',
  '1e-400',
  '1.10',
  '100.0',
  '1E5',
  '1e5',
  '-0',
  '0.1000000000000000055511151231257827',
  '1000000000000000000000',
  '0.00000001',
])('%s would be written otherwise', (text) => {
  expect(losesText(text)).toBe(true);
});

test.each(['0', '-1', '17841405793187220', '9007199254740992', '0.1', '1e+21', '1e-7', '3.14'])(
  '%s is a plain number',
  (text) => {
    expect(losesText(text)).toBe(false);
  },
);

describe('the canonical text', () => {
  test.each([
    ['1.10', '1.1'],
    ['100.0', '100'],
    ['1E5', '100000'],
    ['-0', '0'],
    ['-0.000e7', '0'],
    ['0e99999999999999999999', '0'],
    ['1000000000000000000000', '1e+21'],
    ['0.00000001', '1e-8'],
    ['17841405793187219', '17841405793187219'],
    ['17841405793187220', '17841405793187220'],
    ['-178414057931872190', '-17841405793187219e1'],
    ['1e400', '1e400'],
    ['10e399', '1e400'],
    ['0.01e402', '1e400'],
    ['1e-400', '1e-400'],
    ['1e99999999999999999999', '1e99999999999999999999'],
    ['10e99999999999999999998', '1e99999999999999999999'],
  ])('of %s is %s', (text, canonical) => {
    expect(canonicalNumber(text)).toBe(canonical);
  });

  const anyNumber = fc
    .tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.integer({ min: -30, max: 30 }))
    .map(([digits, exponent]) => ({ digits, exponent }));

  law.prop([anyNumber, fc.nat(6)])(
    'is one for one value, however it is written',
    ({ digits, exponent }, zeros) => {
      const padded = `${digits}${'0'.repeat(zeros)}e${exponent - zeros}`;
      expect(canonicalNumber(padded)).toBe(canonicalNumber(`${digits}E${exponent}`));
    },
  );

  law.prop([anyNumber])('is another for another value', ({ digits, exponent }) => {
    const next = canonicalNumber(`${digits + 1n}e${exponent}`);
    expect(canonicalNumber(`${digits}e${exponent}`)).not.toBe(next);
  });

  law.prop([fc.double({ noNaN: true, noDefaultInfinity: true })])(
    'of a plain number is its own',
    (value) => {
      expect(canonicalNumber(String(value))).toBe(JSON.stringify(value));
    },
  );

  test('of a number of a million digits takes no second', () => {
    const startedMs = performance.now();
    canonicalNumber(`1${'0'.repeat(500_000)}1${'0'.repeat(500_000)}`);
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });
});

test.each([
  ['1.10', true],
  ['1E5', true],
  ['17841405793187219', false],
  ['17841405793187220.0', true],
  ['1e400', false],
  ['0.1000000000000000055511151231257827', false],
])('whether JavaScript has exactly %s: %s', (text, isExact) => {
  expect(isExactNumber(new NumberText(text))).toBe(isExact);
});
