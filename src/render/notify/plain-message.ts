// A notification as lines of plain text, which every chat shows in its own way. Texts come from files,
// dashboards and the API: a key in them is hidden, and what reorders or hides text is written as an escape.
import { hideSecrets } from '../../base/secrets.ts';
import { printable, shorten } from '../../base/text.ts';
import type { Notification } from '../../model/notify/notification.ts';

export interface PlainMessage {
  readonly title: string;
  readonly lines: readonly string[];
  /** Where it comes from. */
  readonly context: string;
}

/** Characters. */
const longest = { title: 140, line: 400, context: 300 };

const mostLines = 12;

export function plainMessage(message: Notification): PlainMessage {
  const { type, state, title, text, source, commit } = message;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const from = [
    `${type} ${state}`,
    ...(source.account === undefined ? [] : [`account ${source.account}`]),
    ...(source.directory === '' ? [] : [`directory ${source.directory}`]),
    `host ${source.host}`,
    ...(commit === null
      ? []
      : [`commit ${commit.id.slice(0, 7)} ${commit.subject} (${commit.author})`]),
  ];
  const isNamed = source.account === undefined || type === 'account.unfollowed';
  return {
    // A phone shows the title alone.
    title: plainText(isNamed ? title : `${source.account}: ${title}`, longest.title),
    lines: lines.slice(0, mostLines).map((line) => plainText(line, longest.line)),
    context: plainText(from.join(' · '), longest.context),
  };
}

/** On one line, with at most `length` characters. */
export function plainText(text: string, length: number): string {
  return shorten(printable(hideSecrets(text)), length);
}

/** The longest beginning of the text that has at most `limit` UTF-16 units once it is written by `write`. */
export function fitted(text: string, limit: number, write: (text: string) => string): string {
  let length = Math.min(limit, text.length);
  for (;;) {
    const written = write(shorten(text, length));
    if (written.length <= limit || length <= 1) return written;
    // Escapes take room of their own: what is over is at most so many characters of the text.
    length = Math.max(1, Math.min(length - 1, Math.floor((length * limit) / written.length)));
  }
}
