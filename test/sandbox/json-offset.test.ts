import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonErrorOffset } from '../../src/sandbox/json-offset.ts';
import { anyCharacter } from '../support/any-character.ts';
import { law } from '../support/law.ts';

describe('where a text stops being JSON', () => {
  test.each([
    ['', 0],
    ['  ', 2],
    ['abc', 0],
    ['{"a": }', 6],
    ['{"a": 1,}', 8],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['[1}', 2],
    ["{'a': 1}", 1],
    ['{"a" 1}', 5],
    ['{} {}', 3],
    ['"open', 0],
    ['[01]', 2],
    ['{"a": [1, 2', 11],
    ['1,', 1],
  ])('%s at %i', (text, offset) => {
    expect(jsonErrorOffset(text)).toBe(offset);
  });

  test('nesting of any depth is measured, not recursed into', () => {
    expect(jsonErrorOffset('['.repeat(200_000))).toBe(200_000);
  });

  const almostJson = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', ']', '}', '"', '0', '\\', ':', '\n', '-'))
    .map(([text, at, inserted]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + inserted + text.slice(place + (at % 2));
    });

  law.prop([fc.oneof(almostJson, fc.json(), fc.string({ unit: anyCharacter }))])(
    'there is none exactly where JSON.parse accepts the text',
    (text) => {
      expect(jsonErrorOffset(text) === null).toBe(parses(text));
    },
  );
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
