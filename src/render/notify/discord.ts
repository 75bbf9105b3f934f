// A notification for a webhook of Discord, which reads Markdown: every sign that may mean something is
// escaped, no text is a link, and nobody is mentioned (docs.discord.com, "Execute Webhook").
import type { Notification } from '../../model/notify/notification.ts';
import { fitted, plainMessage } from './plain-message.ts';

/** Of `content`, in UTF-16 units. */
const longestContent = 2000;

/** No preview of links. */
const suppressEmbeds = 1 << 2;

export function discordBody(notification: Notification): string {
  const { title, lines, context } = plainMessage(notification);
  const head = `**${escaped(title)}**`;
  const foot = `-# ${fitted(context, 600, escaped)}`;
  const room = longestContent - head.length - foot.length - 2;
  const text = fitted(lines.join('\n'), room, escaped);
  return JSON.stringify({
    content: [head, ...(text === '' ? [] : [text]), foot].join('\n'),
    allowed_mentions: { parse: [] },
    flags: suppressEmbeds,
  });
}

/** Discord takes a backslash before any sign that is neither letter, digit nor space for an escape. */
function escaped(text: string): string {
  return text
    .replace(/[\\*_~`|<>#[\](){}@:+=-]|(?<=^\s*\d+)\./gm, '\\$&')
    .replaceAll('@', '@\u200b');
}
