import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { StateError } from '../../../src/base/errors.ts';
import { forgetSecrets, registerSecret } from '../../../src/base/secrets.ts';
import type { Announcement } from '../../../src/model/notify/notification.ts';
import { openState } from '../../../src/state/file/file-store.ts';
import { messageOf } from '../../observe/notify/messages.ts';
import { stateOptions, temporaryDirectory } from '../fixtures/state-options.ts';

const announced: Announcement = {
  message: messageOf(),
  since: new Date('2026-03-01T08:00:00Z'),
  members: [{ key: 'a', subject: 'w' }],
  isTold: true,
};

async function opened(directory: string) {
  const options = stateOptions(directory);
  const store = await openState(options);
  onTestFinished(() => store.close());
  return { store, warnings: options.warnings, path: join(directory, 'notified.json') };
}

test.each([
  ['', 'nothing'],
  ['{"version":1,"api_url":"https://api.example.com","announcements":[{"me', 'a torn file'],
  ['[]', 'a list'],
  ['{"version":2,"api_url":"https://api.example.com","announcements":[]}', 'another version'],
  ['{"version":1,"api_url":"https://api.example.com","announcements":{}}', 'no list'],
])('%j tells of nothing, with a warning', async (text) => {
  const { store, warnings, path } = await opened(await temporaryDirectory());
  writeFileSync(path, text);
  expect(await store.announcements()).toEqual([]);
  expect(warnings).toEqual([
    { message: 'what was notified is damaged: what lasts is told again', fields: { file: path } },
  ]);
});

test.each(['message', 'since', 'members', 'told'])(
  'an entry without its %s makes the file a damaged one',
  async (key) => {
    const { store, warnings, path } = await opened(await temporaryDirectory());
    await store.saveAnnouncements([announced]);
    expect(await store.announcements()).toEqual([announced]);
    const stored = JSON.parse(readFileSync(path, 'utf8'));
    delete stored.announcements[0][key];
    writeFileSync(path, JSON.stringify(stored));
    expect(await store.announcements()).toEqual([]);
    expect(warnings).toHaveLength(1);
  },
);

test.each([
  ['type', 'widget.odd'],
  ['time', 'soon'],
  ['count', -1],
  ['widgets', [{ file: 'x' }]],
  ['commit', { id: 'x' }],
])('a message whose %s is %j makes the file a damaged one', async (key, value) => {
  const { store, path } = await opened(await temporaryDirectory());
  await store.saveAnnouncements([announced]);
  const stored = JSON.parse(readFileSync(path, 'utf8'));
  stored.announcements[0].message[key] = value;
  writeFileSync(path, JSON.stringify(stored));
  expect(await store.announcements()).toEqual([]);
});

test('a directory in its place is an error that says what to do', async () => {
  const directory = await temporaryDirectory();
  const { store, path } = await opened(directory);
  mkdirSync(path);
  await expect(store.announcements()).rejects.toThrow(StateError);
  await expect(store.saveAnnouncements([])).rejects.toThrow('what was notified');
});

test('the key and the addresses of targets are not in the file', async () => {
  const { store, path } = await opened(await temporaryDirectory());
  registerSecret('https://hooks.example.com/a-secret-address');
  onTestFinished(forgetSecrets);
  const title = 'see https://hooks.example.com/a-secret-address';
  await store.saveAnnouncements([{ ...announced, message: messageOf({ title }) }]);
  expect(readFileSync(path, 'utf8')).not.toContain('a-secret-address');
  expect(await store.announcements()).toHaveLength(1);
});
