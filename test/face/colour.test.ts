import { describe, expect, test } from 'vitest';
import {
  black,
  contrastOf,
  hexOf,
  parseColour,
  type Rgb,
  ratioText,
  white,
} from '../../src/face/colour.ts';

describe('a colour as CSS writes it', () => {
  test.each([
    ['#abc', '#aabbcc'],
    ['#ABCDEF', '#abcdef'],
    ['#14532d', '#14532d'],
    ['#000f', '#000000'],
    ['#ffffff00', '#ffffff'],
    ['rebeccapurple', '#663399'],
    ['Red', '#ff0000'],
    ['  #fff ', '#ffffff'],
    ['transparent', '#ffffff'],
    ['rgb(20, 83, 45)', '#14532d'],
    ['RGB(20 83 45 / 100%)', '#14532d'],
    ['rgba(20, 83, 45, 1)', '#14532d'],
    ['rgb(none 0 0)', '#000000'],
    ['rgb(0 0 0 / none)', '#ffffff'],
    ['rgb(300 0 0)', '#ff0000'],
    ['hsl(120, 100%, 50%)', '#00ff00'],
    ['hsl(0.5turn 50% 50%)', '#40bfbf'],
    ['hsl(20 200% 50%)', '#ff5500'],
    ['hsl(20 -20% 50%)', '#808080'],
    ['hwb(0 0% 0%)', '#ff0000'],
    ['lab(100 0 0)', '#ffffff'],
    ['lch(0% 0 0)', '#000000'],
    ['oklab(1 0 0)', '#ffffff'],
    ['oklch(0 0 0)', '#000000'],
    ['color(srgb 1 0 0)', '#ff0000'],
    ['color(display-p3 0 0 0)', '#000000'],
  ])('%s is seen as %s', (text, hex) => {
    expect(hexOf(text)).toBe(hex);
  });

  test.each([
    ['ffffff'],
    ['123'],
    ['#12345'],
    ['#ggg'],
    ['#'],
    [''],
    [' '],
    ['blue-ish'],
    ['“#14532d”'],
    ['"#14532d"'],
    ['‘red’'],
    ['#14532d;'],
    ['var(--x)'],
    ['currentcolor'],
    ['inherit'],
    ['linear-gradient(red, blue)'],
    ['color(--hsv 1 1 1)'],
    ['rgb(1 2)'],
    ['rgb(0a)'],
    ['srgb/0srgb'],
    ['oklch(0.5 1e400 0)'],
    ['rgb(1 2 3 / 0a)'],
    ['hsl(20px 50% 50%)'],
    ['rgb(1\u00a02 3)'],
    ['rgb(1 2 3'],
    ['constructor'],
    ['__proto__'],
    ['#fff #fff'],
  ])('%j is none', (text) => {
    expect(parseColour(text)).toBeNull();
    // And it is none the second time, from the cache.
    expect(parseColour(text)).toBeNull();
  });

  // What Chromium 150 takes for the colour of an element, and what it does not.
  test.each(
    [
      'rgb(1,2,3,0.5) rgb(10% 20 30)',
      'rgb(1.5 2 3) rgb(-1 2 3) rgb(1e2 2 3) rgb(+1 2 3) rgb(.5.5.5) rgb(1+2+3) rgb(1-2-3)',
      'hsl(120 50 50) hsl(1rad 50% 50%) hsl(100grad 50% 50%) hwb(120 10 10)',
      'lab(50% 20% 20%) lch(50% 20 20deg) oklab(50% 10% 10%) oklch(50% 0.1 20deg / 50%)',
      'color(srgb 100% 0% 0%) color(xyz 0.1 0.1 0.1) color(rec2020 1 0 0) COLOR(SRGB 1 0 0)',
    ]
      .join(' ')
      .match(/\w+\(.*?\)/g) ?? [],
  )('a browser takes %s', (text) => {
    expect(parseColour(text)).not.toBeNull();
  });

  test.each(
    [
      'rgb(1, 2 3) rgb(1,2,3/0.5) rgb(1 2 3 0.5) rgb(10%,20,30) rgb() rgb(1 2 3 4) rgb (1 2 3)',
      'rgb(1deg 2 3) rgb(1/2/3) rgb(1,2,3,) rgb(,1,2) rgb(1 2 3 /) rgb(1%,2%,3) rgb(1 2 3 / 50% 3)',
      'rgb(none,1,2) hsl(120,50,50) hsl(50% 50% 50%) hwb(120,10%,10%) lab(50,20,20) color(srgb,1,0,0) color(lab 1 1 1)',
    ]
      .join(' ')
      .match(/\w+ ?\(.*?\)/g) ?? [],
  )('a browser refuses %s', (text) => {
    expect(parseColour(text)).toBeNull();
  });

  test.each(['\u00a0red', 'red\u2003', '\ufeff#fff', '#fff\v'])(
    '%j has white space around it that CSS does not have',
    (text) => {
      expect(parseColour(text)).toBeNull();
    },
  );

  test('a long text is none', () => {
    expect(parseColour('a'.repeat(100_000))).toBeNull();
    expect(parseColour(`rgb(${'1 '.repeat(100_000)})`)).toBeNull();
    expect(parseColour(`${' '.repeat(1_000_000)}x`)).toBeNull();
  });

  test.each<[string, Rgb, string]>([
    ['#00000080', white, '#7f7f7f'],
    ['rgb(255 255 255 / 50%)', black, '#808080'],
    ['transparent', [20, 83, 45], '#14532d'],
  ])('%s over %s is seen as %s', (text, ground, hex) => {
    expect(hexOf(text, ground)).toBe(hex);
  });
});

describe('contrast', () => {
  // By the formula of WCAG 2.2; the last ones are the two greys around 4.5.
  test.each([
    ['#000', '#fff', '21.0'],
    ['#fff', '#fff', '1.0'],
    ['#fff', '#16a34a', '3.2'],
    ['#dcfce7', '#fff', '1.0'],
    ['#f0fdf4', '#14532d', '8.7'],
    ['#14281d', '#f0fdf4', '14.8'],
    ['#9ca3af', '#e5e7eb', '2.0'],
    ['#767676', '#fff', '4.5'],
    ['#777777', '#fff', '4.4'],
  ])('of %s and %s is %s, rounded down, whichever comes first', (one, other, ratio) => {
    const [a, b] = [parseColour(one)?.rgb ?? white, parseColour(other)?.rgb ?? white];
    expect(ratioText(contrastOf(a, b))).toBe(ratio);
    expect(contrastOf(a, b)).toBe(contrastOf(b, a));
  });
});
