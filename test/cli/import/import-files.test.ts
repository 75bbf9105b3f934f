// A file that is replaced stays what it was for everybody who uses it.
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createFile, replaceText } from '../../../src/cli/import/import-files.ts';
import { put, temporaryDirectory } from '../../documents/temporary-directory.ts';

const isRoot = process.getuid?.() === 0;

test.skipIf(!isRoot).each([0o644, 0o640, 0o600, 0o2664, 0o444])(
  'keeps owner, group and mode %o',
  async (mode) => {
    const path = put(temporaryDirectory(), 'a.yaml', 'before');
    chownSync(path, 1234, 4321);
    chmodSync(path, mode);
    expect(await replaceText(path, 'after')).toEqual([]);
    const { uid, gid, mode: now } = statSync(path);
    expect([uid, gid, now & 0o7777]).toEqual([1234, 4321, mode]);
    expect(readFileSync(path, 'utf8')).toBe('after');
  },
);

test('keeps a group that is one of ours', async ({ skip }) => {
  const gid = isRoot ? 4321 : process.getgroups?.().find((one) => one !== process.getegid?.());
  if (gid === undefined) return skip('there is only one group to choose from');
  const path = put(temporaryDirectory(), 'a.yaml', 'before');
  chownSync(path, -1, gid);
  chmodSync(path, 0o660);
  expect(await replaceText(path, 'after')).toEqual([]);
  expect([statSync(path).gid, statSync(path).mode & 0o777]).toEqual([gid, 0o660]);
});

test('follows links to a file and keeps them, also through several', async () => {
  const dir = temporaryDirectory();
  const target = put(dir, 'content/a.txt', 'before');
  symlinkSync('content/a.txt', join(dir, 'link.yaml'));
  symlinkSync('link.yaml', join(dir, 'a.yaml'));
  expect(await replaceText(join(dir, 'a.yaml'), 'after')).toEqual([]);
  expect(readFileSync(target, 'utf8')).toBe('after');
  for (const name of ['a.yaml', 'link.yaml']) {
    expect(lstatSync(join(dir, name)).isSymbolicLink()).toBe(true);
  }
  expect(readdirSync(join(dir, 'content'))).toEqual(['a.txt']);
});

test('says that other names of the file keep the old text', async () => {
  const dir = temporaryDirectory();
  const path = put(dir, 'a.yaml', 'before');
  linkSync(path, join(dir, 'b.txt'));
  expect(await replaceText(path, 'after')).toEqual([
    'was one of 2 names of a file (hard links): the other name still has the old text',
  ]);
  expect(readFileSync(path, 'utf8')).toBe('after');
  expect(readFileSync(join(dir, 'b.txt'), 'utf8')).toBe('before');
});

test('gives a new file the mode that the umask leaves', async () => {
  const dir = temporaryDirectory();
  const before = process.umask(0o027);
  onTestFinished(() => void process.umask(before));
  expect(await createFile(join(dir, 'a.yaml'), 'new')).toBe(true);
  expect(statSync(join(dir, 'a.yaml')).mode & 0o777).toBe(0o640);
});
