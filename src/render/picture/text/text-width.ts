// How wide a text is, in px, without a font at hand: by classes of characters. The figures lie between
// those of the sans-serif fonts that browsers use (Noto Sans, Segoe UI, Roboto, Arial), so that an
// estimate is off by at most a tenth for whole lines. Whoever places a text leaves that much room.

export interface Font {
  /** In px. */
  readonly size: number;
  readonly weight?: 'bold';
}

export function textWidth(text: string, { size, weight }: Font): number {
  let ems = 0;
  for (const character of text) ems += emsOf(character);
  return ems * size * (weight === 'bold' ? 1.055 : 1);
}

/** By character, for those that stand in nearly every text. */
const ascii = new Map<string, number>();
for (const [ems, characters] of [
  [0.25, "'ijl"],
  [0.28, ' !(),.:;`'],
  [0.34, '-/IJ[\\]ft{}'],
  [0.39, '"r'],
  [0.49, '*?_csvyz|'],
  [0.54, 'FL^aekx'],
  [0.58, '$+0123456789<=>ESTZbdgopq~'],
  [0.61, '#KPVXYhnu'],
  [0.66, 'ABCR'],
  [0.74, '&DGHNU'],
  [0.78, 'OQw'],
  [0.9, '%@MWm'],
] as const) {
  for (const character of characters) ascii.set(character, ems);
}

function emsOf(character: string): number {
  const known = ascii.get(character) ?? others.get(character);
  if (known !== undefined) return known;
  const ems = classes.find(([pattern]) => pattern.test(character))?.[1] ?? 0.62;
  // A worker meets ever new texts: what is kept never grows for long.
  if (others.size >= mostOthers) others.clear();
  others.set(character, ems);
  return ems;
}

const mostOthers = 5000;
const others = new Map<string, number>();

const classes: readonly (readonly [RegExp, number])[] = [
  [/[\p{Mn}\p{Me}\p{Cf}]/u, 0],
  [/[…—]/u, 0.9],
  [/[–“”]/u, 0.46],
  [/[‘’‚·\u00a0]/u, 0.24],
  [/\p{Emoji_Presentation}|\p{Extended_Pictographic}/u, 1.28],
  [
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u,
    1,
  ],
  [/\p{Script=Hangul}/u, 0.92],
  [/\p{Script=Arabic}/u, 0.51],
  [/[\p{Script=Hebrew}\p{Script=Thai}]/u, 0.54],
  [/[\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Telugu}]/u, 0.6],
  [/\p{Ll}/u, 0.57],
  [/\p{Lu}/u, 0.67],
  [/\p{L}/u, 0.8],
];
