// Texts from files, made fit for a picture: one line of bounded length, which XML can carry, and which
// reorders nothing around it.
import { hideRegistered } from '../../../base/secrets.ts';
import { charactersOf } from './characters.ts';

/**
 * The text on one line, of at most so many characters (code points), the last one an ellipsis where
 * something was cut. Control characters, what overrides the direction of writing, halves of characters
 * and what XML 1.0 forbids become U+FFFD. A key is hidden first: a cut or a line break would hide half
 * of it from whatever looks for it later.
 */
export function plainText(text: string, most: number): string {
  // Far more than is kept: what a hostile file piles up behind that is not looked at.
  const start = hideRegistered(text).slice(0, most * 8 + 64);
  const line = start
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(unfit, '\ufffd')
    .replace(piledMarks, '$1');
  const characters = [...line];
  if (characters.length <= most) return line;
  const kept = characters.slice(0, most - 1).join('');
  return `${withoutHalf(kept, characters[most - 1] ?? '').trimEnd()}…`;
}

// With the u flag a surrogate in a class matches only where it stands alone.
const unfit = /[\p{Cc}\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]/gu;

/** Marks that stand on one letter: more than these grow over the lines above and below. */
const piledMarks = /([\p{Mn}\p{Me}]{4})[\p{Mn}\p{Me}]+/gu;

/** A letter or emoji of several code points goes as a whole when the cut runs through it. */
function withoutHalf(kept: string, next: string): string {
  const isCut = /^(?:\p{M}|\u200d|\p{Emoji_Modifier}|\p{Regional_Indicator})/u.test(next);
  if (!isCut && !kept.endsWith('\u200d')) return kept;
  const start = Math.max(0, kept.length - 40);
  const last = charactersOf(kept.slice(start) + next).slice(0, -1);
  return kept.slice(0, start) + last.join('');
}

/** `rtl` where the first letter is of a script that is written from right to left. */
export function directionOf(text: string): 'ltr' | 'rtl' {
  const [letter = ''] = /\p{L}/u.exec(text) ?? [];
  return rightToLeft.test(letter) ? 'rtl' : 'ltr';
}

const rightToLeft =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/** Up to two letters that stand for a name: its first words' first ones. */
export function initialsOf(name: string): string {
  const words = name.split(/[^\p{L}\p{M}\p{N}]+/u).filter((word) => word !== '');
  return words
    .slice(0, 2)
    .map((word) => charactersOf(word)[0]?.toUpperCase() ?? '')
    .join('');
}
