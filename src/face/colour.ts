// Colours as CSS writes them → what a screen shows, and how far two of them stand apart. Pure. Strict:
// what a browser would not take is no colour here.
import { createRequire } from 'node:module';
import type * as Culori from 'culori';

/** Red, green and blue of sRGB, whole numbers from 0 to 255: what a screen shows. */
export type Rgb = readonly [number, number, number];

export interface Colour {
  readonly rgb: Rgb;
  /** 0 is not to be seen, 1 lets nothing through. */
  readonly alpha: number;
}

export const white: Rgb = [255, 255, 255];
export const black: Rgb = [0, 0, 0];

/**
 * A colour of CSS Color 4 that stands by itself: hex of 3, 4, 6 or 8 digits, a name, `rgb()`, `hsl()`,
 * `hwb()`, `lab()`, `lch()`, `oklab()`, `oklch()` or `color()`, in any case. Null for all else, also
 * for what depends on the page, such as `var(--x)` and `currentcolor`. What sRGB does not have is cut
 * to what it has.
 */
export function parseColour(text: string): Colour | null {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const isLong = text.length > longestWithSpace;
  const colour = isLong ? null : parse(text.replace(cssSpaceAround, '').toLowerCase());
  // A worker meets ever new texts: the cache is emptied, so that it never grows for long.
  if (parsed.size >= mostParsed) parsed.clear();
  parsed.set(text, colour);
  return colour;
}

/** CSS Syntax, "whitespace": a no-break space is none. */
const cssSpaceAround = /^[ \t\n\r\f]+|[ \t\n\r\f]+$/g;

/** To find the space at the end takes the square of its length. */
const longestWithSpace = 1000;

const mostParsed = 10_000;
const parsed = new Map<string, Colour | null>();

/** No colour is longer; a text of a mebibyte need not be looked at. */
const longestColour = 200;

function parse(text: string): Colour | null {
  if (text.startsWith('#')) return parseHex(text.slice(1));
  // culori takes hex without its #, a function without its end, and spaces of its own in color().
  if (!/^[a-z]/.test(text) || text.length > longestColour) return null;
  if (/^[0-9a-f]+$/.test(text) || (text.includes('(') && !text.endsWith(')'))) return null;
  const space = /^color\(\s*(\S+)/.exec(text)?.[1];
  if (space !== undefined && !cssSpaces.has(space)) return null;
  const colour = readCss(text);
  if (colour === undefined) return null;
  // culori leaves out an alpha of `none`, which is 0.
  const alpha = /\/\s*none\s*\)$/.test(text) ? 0 : within(colour.alpha ?? 1);
  const seen = bytesOf(colour);
  // An infinite chroma leaves no number.
  return [...seen, alpha].some(Number.isNaN) ? null : { rgb: seen, alpha };
}

/** culori 4.0 throws a TypeError for a number that runs into a letter, such as `rgb(0a)`. */
function readCss(text: string): Culori.Rgb | undefined {
  const { parse: parseCss, rgb } = culori();
  try {
    const colour = parseCss(text);
    // A browser cuts the saturation before it converts: hsl() does not lead out of sRGB.
    return rgb(colour?.mode === 'hsl' ? { ...colour, s: within(colour.s ?? 0) } : colour);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

// The predefined spaces of CSS Color 4, section 10.
const cssSpaces = new Set([
  'srgb',
  'srgb-linear',
  'display-p3',
  'a98-rgb',
  'prophoto-rgb',
  'rec2020',
  'xyz',
  'xyz-d50',
  'xyz-d65',
]);

/** Most colours are hex: they need no library. */
function parseHex(digits: string): Colour | null {
  if (!/^(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/.test(digits)) return null;
  const long = digits.length > 4 ? digits : digits.replace(/./g, '$&$&');
  const byteAt = (place: number) => Number.parseInt(long.slice(place, place + 2), 16);
  const alpha = long.length === 8 ? byteAt(6) / 255 : 1;
  return { rgb: [byteAt(0), byteAt(2), byteAt(4)], alpha };
}

const require = createRequire(import.meta.url);
let library: typeof Culori | null = null;

/** The names that CSS has for colours. */
export function colourNames(): string[] {
  return Object.keys(culori().colorsNamed);
}

/** Loaded with the first colour that needs it; the bundled entry takes a sixth of the time. */
export function culori(): typeof Culori {
  library ??= require('culori/require') as typeof Culori;
  return library;
}

/** Channels from 0 to 1; one that is missing (`none` in CSS) is 0. */
export function bytesOf({ r = 0, g = 0, b = 0 }: { r?: number; g?: number; b?: number }): Rgb {
  return [toByte(r), toByte(g), toByte(b)];
}

function toByte(channel: number): number {
  return Math.round(within(channel) * 255);
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share));
}

/** What is seen of a colour that lies on a ground. */
export function over({ rgb, alpha }: Colour, ground: Rgb): Rgb {
  const mix = (place: 0 | 1 | 2) => Math.round(rgb[place] * alpha + ground[place] * (1 - alpha));
  return [mix(0), mix(1), mix(2)];
}

/** `#rrggbb`, in small letters. */
export function hexOfRgb(rgb: Rgb): string {
  return `#${rgb.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

/** What is seen of a text's colour on a ground, as `#rrggbb`; null where the text is no colour. */
export function hexOf(text: string, ground: Rgb = white): string | null {
  const colour = parseColour(text);
  return colour === null ? null : hexOfRgb(over(colour, ground));
}

/** From 1 (none) to 21 (black on white): WCAG 2.2, "contrast ratio". */
export function contrastOf(one: Rgb, other: Rgb): number {
  const [darker = 0, lighter = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** WCAG 2.2, "relative luminance": 0 for black, 1 for white. */
function luminanceOf([red, green, blue]: Rgb): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function linear(byte: number): number {
  return linearBytes[byte] ?? 0;
}

const linearBytes = Array.from({ length: 256 }, (_, byte) => {
  const channel = byte / 255;
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
});

/** With one decimal, rounded down: 4.49 is 4.4, and not enough for 4.5. */
export function ratioText(ratio: number): string {
  return (Math.floor(ratio * 10) / 10).toFixed(1);
}
