// Texts that try to do something in a comment on GitHub or GitLab, and what of an escaped text would still
// do it: judged by what those pages look for, apart from how the product keeps them from it.
import fc from 'fast-check';

const hostilePieces = [
  ...'@#!$%&~^*_`|\\<>[](){}=+-.:;"\' \n\t',
  '@user',
  '@org/team',
  '&#64;user',
  '&commat;user',
  'me@example.com',
  'mailto:me@example.com',
  'http://evil.example',
  'https://evil.example/x?y=1',
  'HTTPS://EVIL.EXAMPLE',
  'www.evil.example',
  'ftp://evil.example',
  '<https://evil.example>',
  '[click](https://evil.example)',
  '![x](https://evil.example/x.png)',
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '</details>',
  '</summary>',
  '</td></tr></table>',
  '<!-- widget-sync plan -->',
  '-->',
  '| a | b |',
  '\n|---|---|\n',
  '```',
  '~~~',
  '#12',
  'GH-26',
  'org/repo#12',
  '!12',
  '$12',
  '&4',
  '~label',
  '~"a label"',
  '%milestone',
  '%"a milestone"',
  '^alert#1',
  '*iteration:1',
  '[vulnerability:1]',
  '[[_TOC_]]',
  '[TOC]',
  '{+ added +}',
  '[- gone -]',
  '[^1]',
  '[^1]: note',
  '- [x] done',
  '\n/close\n',
  '\n/assign @user\n',
  '$`x`$',
  '$$x$$',
  ':tada:',
  'a5c3785ed8d6a35868bc169f07e40e889087fd2e',
  'a5c3785',
  'jlord@a5c3785ed8d6a35868bc169f07e40e889087fd2e',
  'JIRA-7',
  'CVE-2026-1234',
  '\u202e',
  '\u200b',
  'words',
  'a',
  '1',
  'é',
  '漢字',
  '👍',
];

/** Pieces that mean something, in any order, with and without anything between them. */
export const anyHostileText: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...hostilePieces), { maxLength: 8 }).map((parts) => parts.join('')),
  fc.array(fc.constantFrom(...hostilePieces), { maxLength: 5 }).map((parts) => parts.join(' ')),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
);

/** The text of a page that stands for an escaped text: tags gone, references read. */
export function shownAs(escaped: string): string {
  return escaped
    .replaceAll(/<\/?span>/g, '')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

/** What of the text of a page, without its code, GitHub or GitLab would make a link or a picture of. */
export function activeOnPage(text: string): string[] {
  return foundIn(text, onPage);
}

/** What still does something: in the source for Markdown's parser, on the page for what looks at its text. */
export function activeIn(escaped: string): string[] {
  // The one tag that the product writes into a text parts it, as any tag does.
  const parts = escaped.split(/<span>&#36;<\/span>/);
  return parts.flatMap((part) => [...foundIn(part, inSource), ...foundIn(shownAs(part), onPage)]);
}

function foundIn(text: string, patterns: readonly RegExp[]): string[] {
  return patterns.flatMap((pattern) => pattern.exec(text)?.[0] ?? []);
}

/** A sign with a meaning for CommonMark, GFM or HTML that is written as itself; a line end. */
const inSource = [/[!"$%*+<=>@[\\\]^_`{|}~]/, /(?<!&)#|&(?!#\d+;)/, /[\n\r\t]/];

const onPage = [
  // GitHub and GitLab: mentions and mail addresses, numbers, labels and such.
  /@[\w.-]/,
  /[#!~%^]["\w]/,
  /&\d/,
  /\$/,
  // Addresses.
  /\w:\/\//,
  /www\./i,
  // Hashes of commits.
  /\b[0-9a-f]{7,40}\b/i,
  // Names of emoji.
  /:[\w+-]+:/,
  // Issues of this and other trackers.
  /\b[a-z]\w*-\d/i,
  /GHSA-\w/i,
  // Tables of contents, footnotes, vulnerabilities; inline differences.
  /\[[\w^[]/,
  /[[{][+-]/,
  /\*iteration:/,
];
