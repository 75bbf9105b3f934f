// Text that nobody vouches for, on its way into a comment on GitHub or GitLab: it is read as the signs that
// it consists of and does nothing, be it in a paragraph, in the cell of a table or between HTML tags.
//
// There are two readers to get past. The first one is Markdown's parser: it takes a character reference
// for text wherever it stands (CommonMark 6.2: they "cannot be used in place of symbols indicating
// structure"), so that every sign with a meaning is written as one. The second one looks at the text of
// the finished page, in which a reference is the sign itself again, and makes links of mentions, numbers of
// issues, hashes of commits and addresses, and pictures of the names of emoji:
// - GitHub: docs.github.com, "Autolinked references and URLs"; html-pipeline's filters of mentions, links and
//   emoji; the mail addresses that cmark-gfm looks for behind its parser;
// - GitLab: docs.gitlab.com, "GitLab Flavored Markdown"; the filters in its `lib/banzai/filter`.
// It knows them by signs that stand side by side, so a zero-width space is put between those. That is what
// Renovate and Dependabot do with what they quote (renovate pull request 1083, dependabot-core pull request
// 3157): tags between them would not do, for a reply by mail loses tags and keeps the words.
import { hideRegistered } from '../base/secrets.ts';
import { printable } from '../base/text.ts';

/**
 * Inactive in a paragraph, a heading, a cell or between tags; not at the beginning of a line of Markdown,
 * where spaces and numbers have a meaning, nor in an attribute. Line ends, tabs, controls and what reorders
 * a text are written as escapes.
 */
export function markdownText(text: string): string {
  return printable(hideRegistered(text))
    .replace(hash, (digits) => digits.replace(/.{6}(?=.)/g, `$&${gap}`))
    .replace(touching, `$&${gap}`)
    .replace(active, reference);
}

/**
 * A text as a code span: in backticks, where neither reader looks for anything. What a cell or the backticks
 * would not let through as it is stands in a tag instead, with all of its signs inactive. So does what would
 * mention somebody: a reply by mail is read without its backticks (dependabot-core pull request 3157).
 */
export function markdownCode(text: string): string {
  const shown = printable(hideRegistered(text));
  const isPlain = /^[^`|\\@& ](?:[^`|\\@&]*[^`|\\@& ])?$/.test(shown) && !shown.includes('  ');
  return isPlain ? `\`${shown}\`` : `<code>${markdownText(text)}</code>`;
}

/** No text holds it any more once it is printable. */
const gap = '\0';

/** Of a commit it is from seven digits on. */
const hash = /(?<![0-9a-z_])[0-9a-f]{7,}(?![0-9a-z_])/gi;

/** What means something together with what follows. */
const touching = new RegExp(
  [
    // @user, @org/team, user@example.com, user@SHA; issues, merge requests, milestones, epics, labels, alerts;
    // [TOC], [vulnerability:1], [x], [^1]; {+ added +}.
    String.raw`@|[#!%&~^[{](?=\S)`,
    // https://, irc://; www.example.com; the :name: of an emoji; *iteration:1.
    String.raw`:(?=\/\/|[\w+-]+:)|www(?=\.)|\*(?=iteration:)`,
    // GH-26, JIRA-7, CVE-2026-1; GHSA-….
    String.raw`\b[a-z][a-z0-9_]*-(?=\d)|\bghsa-`,
  ].join('|'),
  'gi',
);

/** The gap, and ASCII without letters, digits, the space and what has no meaning within a line. */
const active = /[^a-z0-9 ,.;:?'()/\u0080-\uffff-]/gi;

function reference(sign: string): string {
  if (sign === gap) return '&#8203;';
  // A dollar begins mathematics as a reference, too: docs.github.com, "Writing mathematical expressions".
  return sign === '$' ? '<span>&#36;</span>' : `&#${sign.charCodeAt(0)};`;
}
