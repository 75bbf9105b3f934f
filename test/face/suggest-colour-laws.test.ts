import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bytesOf,
  contrastOf,
  culori,
  parseColour,
  type Rgb,
  white,
} from '../../src/face/colour.ts';
import { suggestColour } from '../../src/face/suggest-colour.ts';
import { law } from '../support/law.ts';
import { inSoak } from '../support/soak.ts';

const byte = fc.integer({ min: 0, max: 255 });
const colour = fc.tuple(byte, byte, byte);
const least = fc.constantFrom(3, 4.5);

function rgbOf(hex: string | null): Rgb {
  const found = hex === null ? null : parseColour(hex);
  if (found === null) throw new Error(`${hex} is no colour`);
  return found.rgb;
}

function lchOf([r, g, b]: Rgb) {
  return culori().oklch({ mode: 'rgb', r: r / 255, g: g / 255, b: b / 255 });
}

law.prop([colour, colour, least], { numRuns: inSoak ? 5000 : 800 })(
  'every suggestion passes when it is checked again, as it is written',
  (chosen, against, needed) => {
    expect(
      contrastOf(rgbOf(suggestColour(chosen, against, needed)), against),
    ).toBeGreaterThanOrEqual(needed);
  },
);

law.prop([colour, colour, least])(
  'a suggestion keeps the hue of what was chosen, and gains no chroma',
  (chosen, against, needed) => {
    const [before, after] = [lchOf(chosen), lchOf(rgbOf(suggestColour(chosen, against, needed)))];
    expect(after.c).toBeLessThanOrEqual(before.c + 0.01);
    // Of what is nearly grey rounding decides the hue.
    if (after.c < 0.04) return;
    const turn = Math.abs((after.h ?? 0) - (before.h ?? 0)) % 360;
    expect(Math.min(turn, 360 - turn)).toBeLessThan(5);
  },
);

law.prop([colour, colour, least], { numRuns: 100 })(
  'nothing nearer in lightness passes',
  (chosen, against, needed) => {
    const before = lchOf(chosen);
    const moved = lchOf(rgbOf(suggestColour(chosen, against, needed))).l - before.l;
    const { clampChroma, rgb } = culori();
    for (const share of [-0.9, -0.5, 0.5, 0.9]) {
      // What is nearer than a byte's rounding cannot be told apart.
      if (Math.abs(moved * (1 - Math.abs(share))) < 0.01) continue;
      const nearer = clampChroma({ ...before, l: before.l + moved * share }, 'oklch', 'rgb');
      expect(contrastOf(bytesOf(rgb(nearer)), against)).toBeLessThan(needed);
    }
  },
);

test.each([
  ['a grey that is too light', '#9ca3af', '#e5e7eb', '#626873'],
  ['a green under white', '#16a34a', '#ffffff', '#00893a'],
  ['white on white', '#ffffff', '#ffffff', '#767676'],
  ['what passes already', '#000000', '#ffffff', '#000000'],
])('%s becomes', (_, chosen, against, suggested) => {
  expect(suggestColour(rgbOf(chosen), rgbOf(against), 4.5)).toBe(suggested);
});

test('a contrast that no colour has with a middle grey is not promised', () => {
  expect(suggestColour(white, [119, 119, 119], 7)).toBeNull();
});
