import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { UsageError } from '../../../src/base/errors.ts';
import { forgetSecrets, hideSecrets } from '../../../src/base/secrets.ts';
import { notificationTypes, severities } from '../../../src/model/notify/notification.ts';
import { notifySchema } from '../../../src/observe/notify/notify-schema.ts';
import { readNotifyFile } from '../../../src/observe/notify/read-notify-file.ts';
import { targetKinds } from '../../../src/render/notify/message-body.ts';
import { notifyDirectory, signingSecret } from './messages.ts';

const address = 'https://hooks.example.com/services/T0001/B0001/abcdefghijklmnop';

/** Beside files with an address and a secret. */
function directoryOf(...lines: string[]) {
  const files = notifyDirectory();
  files.write('url', address);
  files.write('secret', signingSecret);
  files.write('short', 'whsec_c2hvcnQ=');
  files.write('http', 'http://hooks.example.com/x');
  files.write('word', 'not an address');
  files.write('user', 'https://me:pass@hooks.example.com/x');
  files.write('empty', ' \n');
  files.write('huge', 'x'.repeat(20_000));
  mkdirSync(join(files.directory, 'folder'));
  files.write('notify.yaml', lines.join('\n'));
  onTestFinished(forgetSecrets);
  return files;
}

function read(...lines: string[]) {
  return readNotifyFile(directoryOf(...lines).path, () => {});
}

/** The mistakes, without the path of the file. */
function refusalOf(...lines: string[]): string[] {
  const { path } = directoryOf(...lines);
  try {
    readNotifyFile(path, () => {});
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message.split('\n').map((line) => line.replace(`${path}:`, ''));
  }
  throw new Error('the file was taken');
}

const one = (entry: string) => `targets: [{ ${entry} }]`;

describe('a file of targets', () => {
  test('is read with its defaults: all types but those that are quiet', () => {
    const [target] = read(one('to: slack, url_file: url'));
    expect(target?.name).toBe('slack 1');
    expect(target?.address.read().href).toBe(address);
    expect(target?.secret).toBeNull();
    expect([...(target?.types ?? [])]).toEqual(
      notificationTypes.filter((type) => type !== 'widgets.applied'),
    );
  });

  test('says which events a target gets, and how severe they are at least', () => {
    const targets = read(
      'targets:',
      '  - { to: teams, url_file: url, min_severity: error, name: ops }',
      '  - to: webhook',
      '    url_file: url',
      '    secret_file: secret',
      '    events: [widgets.applied, file.held]',
    );
    expect(targets.map(({ name }) => name)).toEqual(['ops', 'webhook 2']);
    expect(targets.map(({ types }) => [...types])).toEqual([
      ['widget.failed', 'key.refused', 'service.down', 'pass.failed', 'account.unfollowed'],
      ['widgets.applied', 'file.held'],
    ]);
    expect(targets[1]?.secret?.read().toString()).toBe('a secret of thirty-two bytes, ok');
  });

  test('may be JSON, and lead to absolute paths', () => {
    const { directory } = directoryOf('');
    const url = JSON.stringify(join(directory, 'url'));
    expect(read(`{"targets": [{"to": "discord", "url_file": ${url}}]}`)).toHaveLength(1);
  });
});

test.each([
  ['', ['1:1: the file: expected fields, found null']],
  ['targets: []', ['1:1: targets: must NOT have fewer than 1 items, found []']],
  ['targets: slack', ['1:1: targets: expected a list, found "slack"']],
  [
    'target: []',
    ['1:1: targets is missing:', '1:1: unknown field "target"; did you mean targets?'],
  ],
  [one('to: slak, url_file: url'), ['1:13: to: unknown "slak"; did you mean slack?']],
  [one('url_file: url'), ['1:11: to is missing: The form of the messages.']],
  [one('to: slack'), ['1:11: url_file is missing: A file that holds the address']],
  [one('to: slack, url: url'), ['1:11: url_file is missing', '1:24: unknown field "url"']],
  [one('to: slack, url_file: 7'), ['1:24: url_file: expected a text, found 7']],
  [
    one('to: slack, url_file: url, events: [file.hold]'),
    ['1:48: events: unknown "file.hold"; did you mean file.held?'],
  ],
  [
    one('to: slack, url_file: url, min_severity: bad'),
    ['1:39: min_severity: unknown "bad"; expected one of info, warning, error'],
  ],
  [
    one('to: slack, url_file: url, events: [file.held], min_severity: error'),
    ['1:60: min_severity: none of its events is as severe as error: nothing is sent'],
  ],
  [
    one('to: webhook, url_file: url'),
    ['1:13: to: a webhook needs secret_file, by which its receiver knows that it is genuine'],
  ],
  [
    one('to: slack, url_file: url, secret_file: secret'),
    ['1:39: secret_file: messages to slack are not signed: remove it'],
  ],
  [
    'targets:\n  - { to: slack, url_file: url, name: a }\n  - { to: teams, url_file: url, name: a }',
    ['3:33: name: another target is called "a", too'],
  ],
  [one('to: slack, url_file: gone'), ['1:24: url_file: "gone": there is no such file']],
  [one('to: slack, url_file: folder'), ['1:24: url_file: "folder": it is not a regular file']],
  [one('to: slack, url_file: empty'), ['1:24: url_file: "empty": it is empty']],
  [one('to: slack, url_file: huge'), ['1:24: url_file: "huge": it is larger than 16 KiB']],
  [one('to: slack, url_file: word'), ['1:24: url_file: "word": it holds no address: one line']],
  [one('to: slack, url_file: http'), ['1:24: url_file: "http": it holds an http:// address']],
  [one('to: slack, url_file: user'), ['1:24: url_file: "user": its address holds a user']],
  [
    one('to: webhook, url_file: url, secret_file: word'),
    ['1:41: secret_file: "word": it holds no whsec_ and base64: make one with: echo'],
  ],
  [
    one('to: webhook, url_file: url, secret_file: short'),
    ['1:41: secret_file: "short": its secret has 5 bytes, 24 to 64 are expected: make one with'],
  ],
  ['targets: [{ to: slack', ['1:22: Flow']],
  ['targets: &a [*a]', ['1:14: expected the value itself, found the alias *a']],
])('%s is refused with its places', (text, wanted) => {
  const told = refusalOf(...text.split('\n'));
  for (const line of wanted) expect(told.join('\n')).toContain(line);
  expect(told.length).toBeGreaterThanOrEqual(wanted.length);
});

test('every mistake is told at once, and none repeats a secret', () => {
  const told = refusalOf(
    'targets:',
    '  - { to: slack, url_file: http }',
    '  - { to: webhook, url_file: user, secret_file: short }',
  );
  expect(told.map((line) => line.slice(0, 4))).toEqual(['2:18', '3:20', '3:36']);
  expect(told.join()).not.toMatch(/hooks\.example|me:pass|c2hvcnQ/);
});

test('what is wrong with one target keeps no mistake of another from being told', () => {
  const told = refusalOf(
    'targets:',
    '  - { to: slak, url_file: url }',
    '  - { to: webhook, url_file: url }',
    '  - { to: slack, url_file: gone }',
    '  - { url_file: url }',
    '  - { to: slack, url_file: word, evnts: [] }',
    'target: 1',
  );
  expect(told).toEqual([
    expect.stringContaining('2:7: to: unknown "slak"'),
    expect.stringContaining('3:7: to: a webhook needs secret_file'),
    expect.stringContaining('4:18: url_file: "gone": there is no such file'),
    expect.stringContaining('5:5: to is missing'),
    expect.stringContaining('6:34: unknown field "evnts"'),
    expect.stringContaining('7:1: unknown field "target"'),
  ]);
});

test.each([
  [{ kind: 'gone' }, /^--notify \(WIDGET_SYNC_NOTIFY\): .* there is none$/],
  [{ kind: 'folder' }, /it is not a regular file$/],
  [{ kind: 'latin1' }, /it is not UTF-8 text$/],
])('a file that is $kind is refused', ({ kind }, words) => {
  const { path } = directoryOf('');
  rmSync(path);
  if (kind === 'folder') mkdirSync(path);
  if (kind === 'latin1') writeFileSync(path, Buffer.from('targets: [\xe9]', 'latin1'));
  expect(() => readNotifyFile(path, () => {})).toThrow(words);
});

describe('an address', () => {
  test('is hidden in every spelling from the first reading on, its path too', () => {
    read(one('to: webhook, url_file: url, secret_file: secret'));
    const { pathname } = new URL(address);
    const told = `${address} ${pathname} ${encodeURIComponent(address)} ${signingSecret}`;
    expect(hideSecrets(told)).not.toMatch(/T0001|B0001|whsec/);
  });

  test('is read again when its file changes, and stays where that cannot be used', () => {
    const files = directoryOf(one('to: slack, url_file: url'));
    const said: string[] = [];
    const [target] = readNotifyFile(files.path, (says) => said.push(says));
    files.write('url', 'https://hooks.example.com/another/address/of/it');
    expect(target?.address.read().pathname).toBe('/another/address/of/it');
    files.write('url', 'nothing of use');
    expect(target?.address.read().pathname).toBe('/another/address/of/it');
    rmSync(join(files.directory, 'url'));
    expect(target?.address.read().pathname).toBe('/another/address/of/it');
    target?.address.read();
    expect(said).toEqual([
      expect.stringContaining('it holds no address: one line'),
      expect.stringContaining('there is no such file; what was read before stays in force'),
    ]);
  });

  test.each([
    ['url', 'w'],
    ['url', 'https:'],
    ['url', 'http://w'],
    ['secret', 'w'],
    ['secret', 'whsec_w'],
    ['secret', 'whsec_c2hvcnQ='],
  ])('whose file %s is half written, %j, hides nothing else', (file, text) => {
    const files = directoryOf(one('to: webhook, url_file: url, secret_file: secret'));
    const [target] = readNotifyFile(files.path, () => {});
    files.write(file, text);
    target?.address.read();
    target?.secret?.read();
    const told = `w1.yaml: show https: http://w.test, whsec_c2hvcnQ= ${address} ${signingSecret}`;
    expect(hideSecrets(told)).toBe(
      'w1.yaml: show https: http://w.test, whsec_c2hvcnQ= [api key] [api key]',
    );
  });

  test('that others may read is warned of', () => {
    const files = directoryOf(one('to: slack, url_file: url'));
    chmodSync(join(files.directory, 'url'), 0o644);
    const said: string[] = [];
    readNotifyFile(files.path, (says) => said.push(says));
    expect(said).toEqual([expect.stringMatching(/^url_file of slack 1: .*every user may read it/)]);
  });
});

test('the schema that editors use is the one that is checked, with every type and form', () => {
  const root = join(import.meta.dirname, '../../..');
  const shipped = parse(readFileSync(join(root, 'schemas/notify.schema.json'), 'utf8'));
  expect(notifySchema).toEqual(shipped);
  expect(new Ajv().validateSchema(shipped)).toBe(true);
  const { to, events, min_severity } = notifySchema.properties.targets.items.properties;
  expect(to.enum).toEqual(targetKinds);
  expect(events.items.enum).toEqual(notificationTypes);
  expect(min_severity.enum).toEqual(severities);
});
