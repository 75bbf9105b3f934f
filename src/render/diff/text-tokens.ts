// A text as the pieces in which two texts are compared: words, white space, signs.

/** Longer runs of letters are no words: a hash, Base64. */
const longestWord = 64;
/** Of a script without spaces. What a segment costs grows with the text that it is a part of. */
const longestPhrase = 512;

/**
 * The pieces, in order; joined they are the text. What is read as one sign (an emoji, a letter with its
 * marks) stays in one piece. Where a script writes words without spaces, a dictionary finds them.
 */
export function tokensOf(text: string): string[] {
  return (text.match(pieces) ?? []).flatMap((piece) => {
    if (!isRun.test(piece)) return [piece];
    const isPhrase = unspaced.test(piece);
    if (piece.length > (isPhrase ? longestPhrase : longestWord)) return signsOf(piece);
    return isPhrase ? phraseWords(piece) : [piece];
  });
}

/** Letters with their marks, or single signs. */
export function signsOf(text: string): string[] {
  return text.match(signs) ?? [];
}

let segmenter: Intl.Segmenter | null = null;

/** The dictionaries are loaded with the first segmenter, which takes longer than the start of most commands. */
function phraseWords(phrase: string): string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'word' });
  return Array.from(segmenter.segment(phrase), ({ segment }) => segment);
}

const emoji =
  String.raw`\p{RI}\p{RI}|` +
  String.raw`\p{Extended_Pictographic}[\p{M}\p{EMod}\u{e0020}-\u{e007f}]*` +
  String.raw`(?:\u200d\p{Extended_Pictographic}[\p{M}\p{EMod}]*)*`;
/** With the joiners that belong into words of Persian and of the scripts of India. */
const letters = String.raw`[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}_\u200c\u200d]|['’](?=\p{L}))*`;

const sign = String.raw`[\s\S]\p{M}*`;
const pieces = new RegExp(String.raw`\n|[^\S\n]+|${letters}|${emoji}|${sign}`, 'gu');
const signs = new RegExp(sign, 'gu');
const isRun = /^[\p{L}\p{N}_]/u;
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
