import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { forgetSecrets, registerSecret } from '../../../src/base/secrets.ts';
import { messageBody, targetKinds } from '../../../src/render/notify/message-body.ts';
import { messageOf } from '../../observe/notify/messages.ts';
import { anyCharacter } from '../../support/any-character.ts';
import { law } from '../../support/law.ts';

const hostile = [
  '<!channel> <@U012AB3CD> <https://evil.example|click> & &lt;b&gt;',
  '@everyone @here <@123456789012345678> <@&99> <#42> </cmd:1>',
  '[click](https://evil.example) https://evil.example discord://x :smile: <:a:1> ||spoiler||',
  '**bold** __under__ ~~gone~~ `code` ```js``` > quote # head - list * list\n1. one\n-# small',
  '<at>Everybody</at> ![x](https://evil.example/x.png) <script>alert(1)</script>',
  'a\u202eb\u0007c\u200bd\ud800',
];

const bodies = hostile.map((text) => ({ text, message: messageOf({ title: text, text }) }));

test('where a process follows several accounts each form names the one that it is of', () => {
  const source = { account: 'fernwood', directory: 'clients/fernwood/widgets', host: 'ops-1' };
  const message = messageOf({ source });
  for (const to of ['slack', 'teams', 'discord'] as const) {
    expect(messageBody(to, message), to).toMatch(/fernwood\\*: Northwind Dental was refused/);
  }
  expect(JSON.parse(messageBody('webhook', message))).toMatchObject({
    account: 'fernwood',
    title: 'Northwind Dental was refused (422)',
    source: { directory: 'clients/fernwood/widgets', host: 'ops-1' },
  });
  expect(JSON.parse(messageBody('webhook', messageOf()))).not.toHaveProperty('account');
});

describe('Slack', () => {
  test('gets a title and blocks of plain text', () => {
    expect(JSON.parse(messageBody('slack', messageOf()))).toEqual({
      text: 'Northwind Dental was refused (422)',
      mrkdwn: false,
      unfurl_links: false,
      unfurl_media: false,
      blocks: [
        { type: 'header', text: plain('Northwind Dental was refused (422)') },
        {
          type: 'section',
          text: plain('style_params is not accepted (northwind/page.yaml, line 19)'),
        },
        {
          type: 'context',
          elements: [
            plain(
              'widget.failed raised · directory widgets · host ops-1 · commit a1b2c3d Winter colours (Mia Berg)',
            ),
          ],
        },
      ],
    });
  });

  test.each(bodies)('shows $text as it is', ({ message }) => {
    const { text, blocks } = JSON.parse(messageBody('slack', message));
    const texts = [text, ...textsIn(blocks)];
    expect(texts.length).toBeGreaterThan(3);
    // Nothing is left that Slack reads as a mention, a link or an entity of its own.
    for (const one of texts) expect(one).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
    expect(kindsIn(blocks).filter((kind) => kind === 'mrkdwn')).toEqual([]);
  });

  law.prop([fc.string({ unit: anyCharacter, maxLength: 6000 })])(
    'takes no more than Slack does, and unescapes to the beginning of the text',
    (text) => {
      const { blocks } = JSON.parse(messageBody('slack', messageOf({ title: text, text })));
      const [header, ...others] = textsIn(blocks);
      expect(header?.length).toBeLessThanOrEqual(150);
      for (const one of others) expect(one.length).toBeLessThanOrEqual(3000);
    },
  );
});

const plain = (text: string) => ({ type: 'plain_text', text, emoji: false });

/** Every `text` below a value that is a string. */
function textsIn(value: unknown): string[] {
  return [...JSON.stringify(value).matchAll(/"text":("(?:[^"\\]|\\.)*")/g)].map(([, text = '']) =>
    JSON.parse(text),
  );
}

function kindsIn(value: unknown): string[] {
  return [...JSON.stringify(value).matchAll(/"type":"(\w+)"/g)].map(([, kind = '']) => kind);
}

describe('Discord', () => {
  test('gets lines that mention nobody', () => {
    expect(JSON.parse(messageBody('discord', messageOf({ commit: null })))).toEqual({
      content: [
        '**Northwind Dental was refused \\(422\\)**',
        'style\\_params is not accepted \\(northwind/page.yaml, line 19\\)',
        '-# widget.failed raised · directory widgets · host ops\\-1',
      ].join('\n'),
      allowed_mentions: { parse: [] },
      flags: 4,
    });
  });

  test.each(bodies)('shows $text as it is', ({ message }) => {
    const { content, allowed_mentions } = JSON.parse(messageBody('discord', message));
    expect(allowed_mentions).toEqual({ parse: [] });
    const lines: string[] = content.split('\n');
    const inner = [lines[0]?.slice(2, -2), ...lines.slice(1, -1), lines.at(-1)?.slice(3)];
    for (const line of inner) {
      // What is left once each escape is taken away means nothing.
      expect(line?.replace(/\\[^0-9A-Za-z\s]/g, '')).not.toMatch(
        /[\\*_~`|<>#[\]@:]|^\s*(?:-|\d+\.)/,
      );
    }
    expect(content).not.toMatch(/@(?!\u200b)|https?:\/\//);
  });

  law.prop([fc.string({ unit: anyCharacter, maxLength: 4000 })])(
    'takes no more than 2,000 signs, and splits no escape',
    (text) => {
      const { content } = JSON.parse(messageBody('discord', messageOf({ title: text, text })));
      expect(content.length).toBeLessThanOrEqual(2000);
      for (const line of content.split('\n').slice(1))
        expect(line).not.toMatch(/(?<!\\)(\\\\)*\\$/);
    },
  );
});

describe('Teams', () => {
  test('gets an Adaptive Card that has only runs of text', () => {
    const body = JSON.parse(messageBody('teams', messageOf()));
    expect(body).toMatchObject({
      type: 'message',
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive' }],
    });
    const [{ content }] = body.attachments;
    expect(content).toMatchObject({ type: 'AdaptiveCard', version: '1.4' });
    expect(textsIn(content.body)).toEqual([
      'Northwind Dental was refused (422)',
      'style_params is not accepted (northwind/page.yaml, line 19)',
      expect.stringContaining('directory widgets · host ops-1'),
    ]);
    expect(content.body[0].inlines[0].color).toBe('Attention');
  });

  test.each(bodies)('shows $text as it is', ({ message }) => {
    const [{ content }] = JSON.parse(messageBody('teams', message)).attachments;
    // No element that reads Markdown, mentions somebody or opens something.
    expect(new Set(kindsIn(content.body))).toEqual(new Set(['RichTextBlock', 'TextRun']));
    expect(content.msteams).toEqual({ width: 'Full' });
    expect(JSON.stringify(content)).not.toMatch(/"(?:actions|selectAction|entities|url)"/);
  });

  law.prop([fc.string({ unit: anyCharacter, maxLength: 60_000 })])(
    'takes no more than 28 KB',
    (text) => {
      const long = `${text}\n`.repeat(30);
      const body = messageBody('teams', messageOf({ title: text, text: long }));
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(28 * 1024);
    },
  );

  test('what is over is green', () => {
    const [{ content }] = JSON.parse(
      messageBody('teams', messageOf({ state: 'cleared' })),
    ).attachments;
    expect(content.body[0].inlines[0].color).toBe('Good');
  });
});

test('a webhook gets the message as JSON', () => {
  expect(JSON.parse(messageBody('webhook', messageOf()))).toEqual({
    format_version: '1.0',
    id: 'a-message',
    type: 'widget.failed',
    state: 'raised',
    severity: 'error',
    time: '2026-03-01T08:00:10.000Z',
    cause: messageOf().cause,
    ends: [],
    title: 'Northwind Dental was refused (422)',
    text: 'style_params is not accepted (northwind/page.yaml, line 19)',
    count: 1,
    widgets: [{ widget_id: 'w', file: 'northwind/page.yaml', name: 'Northwind Dental' }],
    fields: [{ path: '/style_params' }],
    commit: {
      id: 'a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2',
      subject: 'Winter colours',
      author: 'Mia Berg',
      time: '2026-03-01T07:59:00.000Z',
    },
    source: { directory: 'widgets', host: 'ops-1' },
    test: false,
  });
});

test.each(targetKinds)('no secret is in a message to %s, also where it is cut', (to) => {
  const secret = 'in-Zq7_x*0123456789abcdef';
  registerSecret(secret);
  onTestFinished(forgetSecrets);
  for (const before of ['', 'x'.repeat(120), 'x'.repeat(390), '*'.repeat(395)]) {
    const text = `${before}${secret} ${encodeURIComponent(secret)}`;
    const source = { directory: text, host: secret };
    const body = messageBody(to, messageOf({ title: text, text, source }));
    // Nor with the escapes of the format taken away.
    for (const shown of [body, body.replaceAll('\\', '')]) {
      expect(shown).not.toContain('Zq7');
      expect(shown).not.toContain('456789abcdef');
    }
  }
});
