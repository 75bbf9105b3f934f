// A notification for an incoming webhook of Slack: blocks of plain text, in which nothing is a mention, a
// link or a style, and the same title as `text`, for the banner of a phone (docs.slack.dev, "Block Kit" and
// "Formatting message text": & < > are the signs that have to be escaped).
import type { Notification } from '../../model/notify/notification.ts';
import { fitted, plainMessage } from './plain-message.ts';

/** UTF-16 units of a header's and of a section's text. */
const longest = { header: 150, section: 3000 };

export function slackBody(notification: Notification): string {
  const { title, lines, context } = plainMessage(notification);
  const plain = (text: string, limit: number) => ({
    type: 'plain_text',
    text: fitted(text, limit, escaped),
    emoji: false,
  });
  return JSON.stringify({
    text: escaped(title),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: plain(title, longest.header) },
      ...(lines.length === 0
        ? []
        : [{ type: 'section', text: plain(lines.join('\n'), longest.section) }]),
      { type: 'context', elements: [plain(context, longest.section)] },
    ],
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
