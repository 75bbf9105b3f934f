import { describe, expect, test } from 'vitest';
import { mostChanges, parseChangeLimit } from '../../src/config/change-limit.ts';

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

  test.each(['0', '0%', '101%', '-1', '1.5', 'off', '', 'ten', '1 0', '5 %', '1e3', '99999999'])(
    '%j is none',
    (text) => {
      expect(parseChangeLimit(text)).toBeNull();
    },
  );
});
