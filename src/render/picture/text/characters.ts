// What a reader takes for one character: a letter with its marks, an emoji of several code points.

const graphemes = new Intl.Segmenter('en');

/** What may join with its neighbours; in texts without any, each code point is a character. */
const joining =
  /[\p{M}\p{Cf}\p{Regional_Indicator}\p{Emoji_Modifier}\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]/u;

export function charactersOf(text: string): string[] {
  if (!joining.test(text)) return [...text];
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}
