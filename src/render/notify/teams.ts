// A notification for a Workflows address of Microsoft Teams: an Adaptive Card of TextRuns, since a TextBlock
// would read Markdown and a TextRun does not (adaptivecards.io, "TextRun").
import type { Notification } from '../../model/notify/notification.ts';
import { type PlainMessage, plainMessage } from './plain-message.ts';

/** Bytes of UTF-8 (learn.microsoft.com, "Create incoming webhooks": 28 KB). */
const longestBody = 28 * 1024;

const colourOf = { info: 'Accent', warning: 'Warning', error: 'Attention' } as const;

export function teamsBody(notification: Notification): string {
  const message = plainMessage(notification);
  let { lines } = message;
  for (;;) {
    const body = JSON.stringify(cardOf(notification, { ...message, lines }));
    if (Buffer.byteLength(body) <= longestBody || lines.length === 0) return body;
    lines = lines.slice(0, -1);
  }
}

function cardOf({ severity, state }: Notification, { title, lines, context }: PlainMessage) {
  const color = state === 'cleared' ? 'Good' : colourOf[severity];
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          fallbackText: title,
          body: [
            run(title, { weight: 'Bolder', size: 'Medium', color }),
            ...lines.map((line) => run(line, {})),
            run(context, { size: 'Small', isSubtle: true }),
          ],
        },
      },
    ],
  };
}

function run(text: string, look: object) {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text, ...look }] };
}
