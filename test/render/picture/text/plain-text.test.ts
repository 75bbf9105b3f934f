import { describe, expect, onTestFinished, test } from 'vitest';
import { hiddenKey, registerSecret } from '../../../../src/base/secrets.ts';
import {
  directionOf,
  initialsOf,
  plainText,
} from '../../../../src/render/picture/text/plain-text.ts';

describe('a text of a file', () => {
  test.each<[what: string, text: string, plain: string]>([
    ['loses its line breaks', ' one\n  two\r\n\tthree ', 'one two three'],
    ['keeps no control characters', 'a\u0000b\u001b[31m', 'a\ufffdb\ufffd[31m'],
    ['keeps nothing that overrides the direction', '\u202eevil\u2069', '\ufffdevil\ufffd'],
    ['keeps no halves of characters', 'a\ud83d b\udc00', 'a\ufffd b\ufffd'],
    ['keeps whole ones', 'a 👋🏽 b', 'a 👋🏽 b'],
    ['keeps nothing that XML forbids', 'a\ufffe\uffff', 'a\ufffd\ufffd'],
    ['keeps four marks on a letter', `z${'\u0300'.repeat(50)}`, `z${'\u0300'.repeat(4)}`],
    ['is clipped', 'x'.repeat(30), `${'x'.repeat(19)}…`],
    ['is clipped between emoji', '👨‍👩‍👧'.repeat(9), '👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧…'],
    ['is clipped between flags', '🇳🇴'.repeat(12), `${'🇳🇴'.repeat(9)}…`],
    [
      'is clipped behind a letter with its marks',
      `${'x'.repeat(18)}e\u0301e`,
      `${'x'.repeat(18)}…`,
    ],
  ])('%s', (_, text, plain) => {
    expect(plainText(text, 20)).toBe(plain);
  });

  test('does not keep half of a key where it is clipped', () => {
    onTestFinished(registerSecret('in-0123456789abcdef'));
    expect(plainText('say in-0123456789abcdef twice', 20)).toBe(`say ${hiddenKey} twice`);
  });
});

test.each([
  ['Hello', 'ltr'],
  ['مرحبا', 'rtl'],
  ['שלום', 'rtl'],
  ['12 – مرحبا Hello', 'rtl'],
  ['Hello مرحبا', 'ltr'],
  ['12 ☕', 'ltr'],
  ['', 'ltr'],
])('%s is written %s', (text, direction) => {
  expect(directionOf(text)).toBe(direction);
});

test.each([
  ['Harbor Lights Hotel', 'HL'],
  ['Tidepool', 'T'],
  ['– 青山 茶舍', '青茶'],
  ['éclair', 'É'],
  ['☕', ''],
])('%s is known by %s', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});
