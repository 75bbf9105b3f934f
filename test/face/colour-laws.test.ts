import fc from 'fast-check';
import { expect } from 'vitest';
import { hexOf, hexOfRgb, parseColour } from '../../src/face/colour.ts';
import { anyCharacter } from '../support/any-character.ts';
import { law } from '../support/law.ts';

const pieces = fc
  .array(
    fc.oneof(
      fc.constantFrom('#', 'rgb(', 'color(', 'oklch(', 'hsl(', ')', ' ', ',', '/', '%', 'none'),
      fc.constantFrom(
        'srgb',
        'deg',
        'red',
        '1e400',
        '-1',
        '.5',
        '0',
        '255',
        'ff',
        'NaN',
        'var(--x)',
      ),
      fc.string({ unit: anyCharacter, maxLength: 3 }),
    ),
    { maxLength: 12 },
  )
  .map((all) => all.join(''));

law.prop([pieces], { numRuns: 1000 })('any text is a colour of whole bytes, or none', (text) => {
  const colour = parseColour(text);
  if (colour === null) return;
  for (const channel of colour.rgb) {
    expect(Number.isInteger(channel) && channel >= 0 && channel <= 255).toBe(true);
  }
  expect(colour.alpha >= 0 && colour.alpha <= 1).toBe(true);
  expect(hexOf(text)).toMatch(/^#[0-9a-f]{6}$/);
});

const byte = fc.integer({ min: 0, max: 255 });

law.prop([fc.tuple(byte, byte, byte)])('what is written as hex is read as it was', (rgb) => {
  expect(parseColour(hexOfRgb(rgb))).toEqual({ rgb, alpha: 1 });
  expect(parseColour(`rgb(${rgb.join(' ')})`)).toEqual({ rgb, alpha: 1 });
});
