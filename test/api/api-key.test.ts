import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openApiKey } from '../../src/api/api-key.ts';
import { UsageError } from '../../src/base/errors.ts';
import { hideSecrets } from '../../src/base/secrets.ts';

const isRoot = process.getuid?.() === 0;

test('a value is trimmed, stays as it is and is hidden from then on', () => {
  const key = openApiKey({ kind: 'value', value: ' in-value\n' });
  expect(key.text()).toBe('in-value');
  expect(key.refresh()).toBe('same');
  expect(hideSecrets('in-value')).toBe('[api key]');
  expect(inspect(key, { depth: null, showHidden: true }) + JSON.stringify(key)).not.toMatch(
    /in-value/,
  );
});

const unusable = [
  ['', /is empty/],
  [' \n', /is empty/],
  ['sk-hunter2', /does not begin with in-/],
  ['"in-hunter2"', /has quotes around it/],
  ["'in-hunter2'", /has quotes around it/],
  ['\ufffdi\0n\0-\0h\0u\0n\0t\0e\0r\u00002\0', /is not UTF-8/],
  ['INSIGHTO_API_KEY=in-hunter2', /holds a setting/],
  ['in-', /more than one word/],
  ['in-hunter2 in-hunter2', /more than one word/],
  ['in-hunter2\u00e9', /characters that no key has/],
  ['in-hunter2\u0000', /characters that no key has/],
] as const;

test.each(unusable)(
  'the key %j is refused with where to make one, and not shown',
  (value, reason) => {
    const path = join(directory(), 'key');
    writeFileSync(path, value);
    const sources = [
      ['INSIGHTO_API_KEY ', { kind: 'value', value }],
      [`INSIGHTO_API_KEY_FILE (${path}) `, { kind: 'file', path }],
    ] as const;
    for (const [name, source] of sources) {
      const attempt = () => openApiKey(source);
      expect(attempt).toThrow(UsageError);
      expect(attempt).toThrow(name);
      expect(attempt).toThrow(reason);
      expect(attempt).toThrow('Settings page');
      expect(attempt).not.toThrow(/hunter2/);
    }
  },
);

test('a file that cannot be read at the start is refused with the reason', () => {
  const root = directory();
  const large = join(root, 'large');
  writeFileSync(large, 'in-'.padEnd(100_000, 'x'));
  const none = join(root, 'none');
  // What a key looks like is beside the point there.
  const advice = 'Name a file that holds the key and that this user may read.';
  expect(() => openApiKey({ kind: 'file', path: none })).toThrow(
    new UsageError(`INSIGHTO_API_KEY_FILE (${none}) does not exist. ${advice}`),
  );
  expect(() => openApiKey({ kind: 'file', path: root })).toThrow(
    new UsageError(`INSIGHTO_API_KEY_FILE (${root}) is not a regular file. ${advice}`),
  );
  expect(() => openApiKey({ kind: 'file', path: large })).toThrow(/too large/);
});

test('a new key in the file comes into force, and both are hidden', () => {
  const { path, key } = keyFile('in-rotated-1\n');
  expect(key.refresh()).toBe('same');
  writeFileSync(path, '\n in-rotated-22 ');
  expect(key.refresh()).toBe('changed');
  expect(key.text()).toBe('in-rotated-22');
  expect(key.refresh()).toBe('same');
  expect(hideSecrets('in-rotated-1 in-rotated-22')).toBe('[api key] [api key]');
});

test('a file written again with the same key is no change', () => {
  const { path, key } = keyFile('in-same');
  writeFileSync(path, 'in-same\n');
  expect(key.refresh()).toBe('same');
});

test('a file that is well again is told, with the same key and once', () => {
  const { path, key } = keyFile('in-same');
  rmSync(path);
  expect(key.refresh()).toMatchObject({ problem: expect.stringContaining('does not exist') });
  expect(key.refresh()).toBe('same');
  writeFileSync(path, 'in-same\n');
  expect(key.refresh()).toBe('mended');
  expect(key.refresh()).toBe('same');
  writeFileSync(path, 'bad');
  expect(key.refresh()).toMatchObject({ problem: expect.stringContaining('begin with in-') });
  writeFileSync(path, 'in-other');
  expect(key.refresh()).toBe('changed');
});

test('a key of the same length and time is noticed by its inode', () => {
  const { path, key } = keyFile('in-aaaa');
  utimesSync(path, 1_000, 1_000);
  expect(key.refresh()).toBe('same');
  writeFileSync(`${path}.next`, 'in-bbbb');
  utimesSync(`${path}.next`, 1_000, 1_000);
  renameSync(`${path}.next`, path);
  expect(key.refresh()).toBe('changed');
  expect(key.text()).toBe('in-bbbb');
});

test('a Kubernetes secret is followed through its swapped links', () => {
  const root = directory();
  for (const name of ['one', 'two']) mkdirSync(join(root, `..${name}`));
  writeFileSync(join(root, '..one/key'), 'in-one');
  writeFileSync(join(root, '..two/key'), 'in-two');
  symlinkSync('..one', join(root, '..data'));
  symlinkSync('..data/key', join(root, 'key'));
  const key = openApiKey({ kind: 'file', path: join(root, 'key') });
  symlinkSync('..two', join(root, '..data_tmp'));
  renameSync(join(root, '..data_tmp'), join(root, '..data'));
  expect(key.refresh()).toBe('changed');
  expect(key.text()).toBe('in-two');
});

test.each([
  ['empty', (path: string) => writeFileSync(path, ''), /is empty; the key read before stays/],
  [
    'malformed',
    (path: string) => writeFileSync(path, 'hunter2'),
    /does not begin with in-; the key/,
  ],
  ['removed', (path: string) => rmSync(path), /does not exist; the key/],
])('a file that becomes %s keeps the key, is reported once, and recovers', (_, damage, reason) => {
  const { path, key } = keyFile('in-before');
  damage(path);
  expect(key.refresh()).toEqual({ problem: expect.stringMatching(reason) });
  expect(key.refresh()).toBe('same');
  expect(key.text()).toBe('in-before');
  writeFileSync(path, 'still wrong');
  expect(key.refresh()).toEqual({ problem: expect.stringMatching(/does not begin with in-/) });
  writeFileSync(path, 'in-afterwards');
  expect(key.refresh()).toBe('changed');
  expect(key.text()).toBe('in-afterwards');
});

test.skipIf(isRoot)('a file that may not be read any more is reported once, and recovers', () => {
  const { path, key } = keyFile('in-before');
  chmodSync(path, 0);
  expect(key.refresh()).toEqual({ problem: expect.stringMatching(/may not be read/) });
  expect(key.refresh()).toBe('same');
  chmodSync(path, 0o600);
  writeFileSync(path, 'in-afterwards');
  expect(key.refresh()).toBe('changed');
});

test('every listener hears of a change and of a problem, until it leaves', () => {
  const { path, key } = keyFile('in-before');
  const heard: unknown[] = [];
  const leave = key.onRefresh((found) => heard.push(found));
  key.refresh();
  writeFileSync(path, 'in-afterwards');
  key.refresh();
  rmSync(path);
  key.refresh();
  leave();
  writeFileSync(path, 'in-third');
  key.refresh();
  expect(heard).toEqual(['changed', { problem: expect.stringMatching(/does not exist/) }]);
});

describe.skipIf(process.platform === 'win32')('the permissions of the key file', () => {
  test('that are loose are warned of once per mode, also when they become so later', () => {
    const path = join(directory(), 'key');
    const warned: string[] = [];
    const modes = (mode: number) => {
      chmodSync(path, mode);
      key.refresh();
      return warned.splice(0).map((warning) => warning.replace(/.*has mode (\d+).*/, '$1'));
    };
    writeFileSync(path, 'in-loose', { mode: 0o600 });
    const key = openApiKey(
      { kind: 'file', path },
      { onLoose: (warning) => warned.push(warning), ownUid: process.getuid?.() ?? null },
    );
    expect(warned).toEqual([]);
    expect(modes(0o644)).toEqual(['0644']);
    expect(modes(0o600)).toEqual([]);
    expect(modes(0o644)).toEqual([]);
    expect(modes(0o622)).toEqual(['0622']);
    writeFileSync(path, 'in-loose-2');
    expect(modes(0o622)).toEqual([]);
    expect(key.text()).toBe('in-loose-2');
  });

  test('are warned of at the start, with the file and what to do, and without the key', () => {
    const path = join(directory(), 'key');
    writeFileSync(path, 'in-loose-from-the-start');
    chmodSync(path, 0o644);
    const warned: string[] = [];
    openApiKey({ kind: 'file', path }, { onLoose: (warning) => warned.push(warning) });
    expect(warned).toEqual([
      expect.stringContaining(`INSIGHTO_API_KEY_FILE (${path}) has mode 0644`),
    ]);
    expect(warned[0]).toContain('chmod 600');
    expect(warned[0]).not.toContain('in-loose');
  });

  test('are those of the file that a link leads to', () => {
    const root = directory();
    writeFileSync(join(root, 'real'), 'in-linked', { mode: 0o600 });
    chmodSync(join(root, 'real'), 0o600);
    symlinkSync('real', join(root, 'key'));
    const warned: string[] = [];
    const source = { kind: 'file', path: join(root, 'key') } as const;
    openApiKey(source, { onLoose: (warning) => warned.push(warning) });
    expect(warned).toEqual([]);
  });
});

function keyFile(content: string) {
  const path = join(directory(), 'key');
  writeFileSync(path, content);
  return { path, key: openApiKey({ kind: 'file', path }) };
}

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'widget-sync-key-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
