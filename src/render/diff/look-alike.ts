// Two texts that differ and would be read as the same: by white space, by signs without a picture, or
// by another spelling of one letter.
import { printable } from '../../base/text.ts';

export function lookAlike(a: string, b: string): boolean {
  return a !== b && seen(a) === seen(b);
}

/** Both in quotes, with as few escapes as set them apart. */
export function toldApart(a: string, b: string): [string, string] {
  for (const hidden of [pictureless, unseenAlone, unseenOrMark]) {
    const [one, other] = [quotedWith(hidden, a), quotedWith(hidden, b)];
    if (pictured(one) !== pictured(other)) return [one, other];
  }
  return [quotedWith(beyondAscii, a), quotedWith(beyondAscii, b)];
}

/** With escapes for what has no picture of its own, joiners within emoji and words aside. */
export function telling(text: string): string {
  return text.replace(pictureless, escaped);
}

function seen(text: string): string {
  return pictured(text).replace(/\s+/g, ' ').trim();
}

function pictured(text: string): string {
  return text.normalize('NFC').replace(unseenAlone, '').replace(/\s/g, ' ');
}

const unusualSpace = String.raw`(?! )\s`;
const joiner = String.raw`\u200c|\u200d|[\u{e0020}-\u{e007f}]`;
const pictureless = new RegExp(String.raw`(?!${joiner})\p{Cf}|${unusualSpace}`, 'gu');
const unseenAlone = /\p{Cf}|\p{VS}/gu;
const unseenOrMark = new RegExp(String.raw`\p{Cf}|\p{M}|${unusualSpace}`, 'gu');
const beyondAscii = /[^\x20-\x7e]/g;

function quotedWith(hidden: RegExp, text: string): string {
  return printable(JSON.stringify(text)).replace(hidden, escaped);
}

/** By UTF-16 unit, as JSON has it. */
function escaped(text: string): string {
  return text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
