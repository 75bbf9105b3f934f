// docs/notifications.md says what is sent, to whom, and how a receiver knows that it is genuine.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { forgetSecrets } from '../../src/base/secrets.ts';
import { notificationTypes, severityOf } from '../../src/model/notify/notification.ts';
import { notifySchema } from '../../src/observe/notify/notify-schema.ts';
import { signatureHeaders } from '../../src/observe/notify/outlet/sign.ts';
import { parseNotifyFile } from '../../src/observe/notify/read-notify-file.ts';
import { messageBody } from '../../src/render/notify/message-body.ts';
import { messageOf, signingSecret } from '../observe/notify/messages.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';
import { pageOf, sectionOf } from './pages.ts';

const page = pageOf('docs/notifications.md');
const blockOf = (language: string) =>
  page.blocks.find((block) => block.language === language)?.text ?? '';

test('it lists every type of message with its severity, and no other', () => {
  const rows = sectionOf(page, 'What is told').matchAll(/^\| `([a-z.-]+)` \| (\w+) \|/gm);
  const listed = [...rows].map(([, type, severity]) => [type, severity]);
  expect(listed.sort()).toEqual(
    notificationTypes.map((type) => [type, severityOf[type]] as const).sort(),
  );
});

test('it lists every field of a target', () => {
  const rows = sectionOf(page, 'The file').matchAll(/^\| `(\w+)` \|/gm);
  const { properties } = notifySchema.properties.targets.items;
  expect([...rows].map(([, field]) => field).sort()).toEqual(Object.keys(properties).sort());
});

test('its file is read without a mistake', () => {
  const root = temporaryDirectory();
  onTestFinished(forgetSecrets);
  for (const name of ['slack', 'webhook', 'discord']) {
    writeFile(root, `${name}-url`, `https://hooks.example.com/${name}/0123456789`);
  }
  writeFile(root, 'webhook-secret', signingSecret);
  const text = blockOf('yaml').replaceAll('/etc/widget-sync/', '');
  const targets = parseNotifyFile(text, join(root, 'notify.yaml'), () => {});
  expect(targets.map(({ name }) => name)).toEqual(['slack 1', 'on call', 'discord 3']);
});

test('its message has the keys that are sent, and no other', () => {
  const shown = JSON.parse(blockOf('json'));
  const sent = JSON.parse(messageBody('webhook', messageOf()));
  expect(keysOf(shown)).toEqual(keysOf(sent));
});

function keysOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, one]) => keysOf(one, `${path}/${key}`));
}

test('its code tells a genuine message from every other', async () => {
  const root = temporaryDirectory();
  writeFile(root, 'verify.mjs', blockOf('js'));
  const { isGenuine } = await import(pathToFileURL(join(root, 'verify.mjs')).href);
  const time = new Date('2026-03-01T08:00:00Z');
  const body = messageBody('webhook', messageOf({ title: 'Grüße' }));
  const secret = Buffer.from(signingSecret.slice('whsec_'.length), 'base64');
  const headers = signatureHeaders({ id: 'a-message', time, body }, secret);
  const now = time.getTime() + 60_000;
  expect(isGenuine(headers, body, signingSecret, now)).toBe(true);
  const rotated = { ...headers, 'webhook-signature': `v1,AAAA ${headers['webhook-signature']}` };
  expect(isGenuine(rotated, body, signingSecret, now)).toBe(true);
  const others = [
    isGenuine(headers, body.replace('Grüße', 'Gruß'), signingSecret, now),
    isGenuine(headers, body, signingSecret, now + 300_000),
    isGenuine(headers, body, `whsec_${Buffer.alloc(32).toString('base64')}`, now),
    isGenuine({ ...headers, 'webhook-id': 'another' }, body, signingSecret, now),
    isGenuine({ ...headers, 'webhook-timestamp': 'soon' }, body, signingSecret, now),
    isGenuine({}, body, signingSecret, now),
  ];
  expect(others).toEqual(others.map(() => false));
});
