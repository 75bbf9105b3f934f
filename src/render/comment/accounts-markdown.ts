// The plans of several accounts as one comment: the sum, then those in which something would change, each with
// an equal share of the room, and the others by name.
import { listed } from '../../base/text.ts';
import { markdownCode, markdownText } from '../markdown.ts';
import { commentMarker, longestComment } from './plan-markdown.ts';

/** One account, as a part of the comment. */
export interface AccountPart {
  readonly account: string;
  /** Why there is no plan; null where there is one. */
  readonly error: string | null;
  readonly isCalm: boolean;
  /** Its plan in at most so many characters; null where there is none. */
  readonly comment: ((room: number) => string) | null;
}

/** With less room a plan says hardly more than its name. */
const leastRoom = 3000;
const longestError = 1000;
const mostNamed = 100;
const mostFragments = 20;

/** What stands above the accounts. */
export interface CommentHead {
  readonly sentence: string;
  /** Of the fragments that several accounts share: `reaches 6 widgets in 3 accounts: 6 change in 3`. */
  readonly reach: readonly { readonly path: string; readonly words: string }[];
}

/** At most `longestComment` long; ends with a newline. `parts`: the worst first. */
export function accountsMarkdown(
  { sentence, reach }: CommentHead,
  parts: readonly AccountPart[],
): string {
  const head = `${commentMarker}\n### ${markdownText(sentence)}\n${reachText(reach)}`;
  const calm = parts.filter(({ isCalm, error }) => isCalm && error === null);
  const told = parts.filter((part) => !calm.includes(part));
  const foot = namesOf('Nothing would change in', calm);
  // Names of those that are left out take room, too.
  const left = longestComment - head.length - foot.length - mostNamed * 70;
  const most = Math.floor(left / leastRoom);
  const shown = told.slice(0, most);
  const room = Math.floor(left / Math.max(1, shown.length)) - 1;
  const texts = shown.map((part) => `\n${textOf(part, room)}`);
  return head + texts.join('') + namesOf('There was no room for', told.slice(most)) + foot;
}

function reachText(reach: CommentHead['reach']): string {
  if (reach.length === 0) return '';
  const lines = reach.map(({ path, words }) => `${markdownCode(path)} ${markdownText(words)}`);
  return `\n${listed(lines, mostFragments, '<br>')}\n`;
}

function textOf({ account, error, comment }: AccountPart, room: number): string {
  if (comment !== null) return comment(room);
  const why = markdownText((error ?? '').slice(0, longestError));
  return `### ${markdownCode(account)}: could not be planned\n\n${why}\n`;
}

function namesOf(what: string, parts: readonly AccountPart[]): string {
  if (parts.length === 0) return '';
  const names = parts.map(({ account }) => markdownCode(account));
  return `\n${what} ${listed(names, mostNamed)}.\n`;
}
