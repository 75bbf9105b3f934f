// Links below the root: what a ConfigMap volume needs is followed, nothing else is. Real links.
import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { requireRoot } from '../../../src/documents/tree/root-path.ts';
import { readTree } from '../../../src/documents/tree/walk-tree.ts';
import { configMapVolume } from '../../support/config-map.ts';
import { put, temporaryDirectory } from '../temporary-directory.ts';

const later = () => new Date(Date.now() + 3_600_000);

/** The texts of the files by path, and the codes of those that were refused. */
function walk(dir: string): Record<string, string> {
  const texts = new Map<string, string>();
  const onRead = (digest: string, bytes: Uint8Array) =>
    texts.set(digest, new TextDecoder().decode(bytes));
  const tree = readTree(requireRoot(dir), new Map(), { now: later, onRead });
  if (tree === null) throw new Error('nothing vanishes in this test');
  const entries = tree.files.map((file) => [
    file.path,
    'digest' in file ? texts.get(file.digest) : `(${file.finding.severity} ${file.finding.code})`,
  ]);
  expect(new Set(entries.map(([path]) => path)).size).toBe(entries.length);
  return Object.fromEntries(entries);
}

/** A directory with these files, and with links by where they lead; a file lies beside it. */
function place(files: Record<string, string>, links: Record<string, string> = {}): string {
  const dir = join(temporaryDirectory(), 'widgets');
  put(dir, '../elsewhere.yaml', 'outside');
  mkdirSync(dir);
  for (const [path, text] of Object.entries(files)) put(dir, path, text);
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    symlinkSync(target, join(dir, path));
  }
  return dir;
}

const outside = '(error link-outside)';
const skipped = '(warning skipped-link)';

describe('a volume of a ConfigMap', () => {
  test('shows each file once, at the top and in folders, and what replaces it', () => {
    const dir = temporaryDirectory();
    const volume = configMapVolume(dir);
    volume.update({ 'ava.yaml': 'one', 'team/ben.yaml': 'two', 'team/deep/cleo.yml': 'three' });
    expect(walk(dir)).toEqual({
      'ava.yaml': 'one',
      'team/ben.yaml': 'two',
      'team/deep/cleo.yml': 'three',
    });

    volume.update({
      'ava.yaml': 'another',
      'team/deep/cleo.yml': 'three',
      'shop/dora.yaml': 'new',
    });
    expect(walk(dir)).toEqual({
      'ava.yaml': 'another',
      'shop/dora.yaml': 'new',
      'team/deep/cleo.yml': 'three',
    });

    volume.update({});
    expect(walk(dir)).toEqual({});
  });

  test('has folders that tell a replaced one from the one before', () => {
    const dir = temporaryDirectory();
    const volume = configMapVolume(dir);
    const foldersOf = () =>
      readTree(requireRoot(dir), new Map(), { now: later, onRead: () => {} })?.folders;
    volume.update({ 'team/ben.yaml': 'one' });
    const before = foldersOf();
    expect([...(before?.keys() ?? [])]).toEqual(['', 'team']);
    expect(foldersOf()).toEqual(before);
    volume.update({ 'team/ben.yaml': 'two' });
    expect(foldersOf()?.get('team')).not.toBe(before?.get('team'));
  });

  test('may be mounted next to folders of other volumes', () => {
    const dir = temporaryDirectory();
    for (const name of ['a', 'b']) {
      mkdirSync(join(dir, name));
      configMapVolume(join(dir, name)).update({ 'x/ava.yaml': name });
    }
    expect(walk(dir)).toEqual({ 'a/x/ava.yaml': 'a', 'b/x/ava.yaml': 'b' });
  });
});

describe('a linked file', () => {
  test.each<[string, Record<string, string>, Record<string, string>, Record<string, string>]>([
    [
      'is read where it leads to a hidden one',
      { '.store/ava.yaml': 'ava', '.ben.yaml': 'ben' },
      { 'ava.yaml': '.store/ava.yaml', 'team/ben.yaml': '../.ben.yaml' },
      { 'ava.yaml': 'ava', 'team/ben.yaml': 'ben' },
    ],
    [
      'is read where it leads to a fragment, or to a file of another name',
      { '_shared/ava.yaml': 'ava', 'ben.txt': 'ben' },
      { 'ava.yaml': '_shared/ava.yaml', 'ben.yaml': 'ben.txt' },
      { 'ava.yaml': 'ava', 'ben.yaml': 'ben' },
    ],
    [
      'is read through links to links',
      { '.store/ava.yaml': 'ava' },
      { '.one': '.two', '.two': '.store', '.ava.yaml': '.one/ava.yaml', 'ava.yaml': '.ava.yaml' },
      { 'ava.yaml': 'ava' },
    ],
    [
      'is not read where it leads out of the directory, by whatever way',
      {},
      {
        'absolute.yaml': '/etc/hosts',
        'above.yaml': '../elsewhere.yaml',
        'round.yaml': '.way/hosts',
        '.way': '/etc',
        'team/beside.yaml': '../../elsewhere.yaml',
      },
      {
        'absolute.yaml': outside,
        'above.yaml': outside,
        'round.yaml': outside,
        'team/beside.yaml': outside,
      },
    ],
    [
      'that leads back to itself is held like any that cannot be read',
      {},
      { 'a.yaml': 'b.yaml', 'b.yaml': 'a.yaml' },
      { 'a.yaml': '(error unreadable-file)', 'b.yaml': '(error unreadable-file)' },
    ],
    [
      'is not looked at where its name is no widget’s',
      { '.store/ava.yaml': 'ava' },
      { README: '.store/ava.yaml', 'notes.txt': '/etc/hosts', '_x.yaml': '/etc/hosts' },
      {},
    ],
  ])('%s', (_, files, links, found) => {
    expect(walk(place(files, links))).toEqual(found);
  });

  test('is one of the directory also where the directory itself is a link', () => {
    const dir = place({ 'real/.store/ava.yaml': 'ava' }, { 'real/ava.yaml': '.store/ava.yaml' });
    symlinkSync('real', join(dir, 'link'));
    expect(walk(join(dir, 'link'))).toEqual({ 'ava.yaml': 'ava' });
  });

  test('is outside where a folder beside the directory has a name that begins the same', () => {
    const dir = place(
      { 'widgets/ava.yaml': 'ava', 'widgets-old/ben.yaml': 'ben' },
      { 'widgets/ben.yaml': '../widgets-old/ben.yaml' },
    );
    expect(walk(join(dir, 'widgets'))).toEqual({ 'ava.yaml': 'ava', 'ben.yaml': outside });
  });

  test('is read where its name begins with two dots, which leads nowhere above', () => {
    const dir = place({ '..store.yaml': 'ava' }, { 'ava.yaml': '..store.yaml' });
    expect(walk(dir)).toEqual({ 'ava.yaml': 'ava' });
  });
});

describe('a linked folder', () => {
  test.each<[string, Record<string, string>, Record<string, string>, Record<string, string>]>([
    [
      'is not followed to a folder that is walked anyway',
      { 'real/ava.yaml': 'ava' },
      { link: 'real', 'deep/link': '../real' },
      { link: skipped, 'deep/link': skipped, 'real/ava.yaml': 'ava' },
    ],
    [
      'is not followed to a folder that holds it, nor to the directory itself',
      { 'team/ava.yaml': 'ava' },
      { self: '.', 'team/above': '..', 'team/self': '.', 'loop.yaml': 'team' },
      {
        'loop.yaml': skipped,
        self: skipped,
        'team/above': skipped,
        'team/ava.yaml': 'ava',
        'team/self': skipped,
      },
    ],
    [
      'is not followed out of the directory',
      { 'ava.yaml': 'ava' },
      { etc: '/etc', above: '..', 'named.yaml': '/etc', round: '.way/etc', '.way': '/' },
      { 'ava.yaml': 'ava', etc: skipped, above: skipped, 'named.yaml': outside, round: skipped },
    ],
    [
      'is walked to its end, though it leads back to itself from inside',
      { '.store/ava.yaml': 'ava' },
      { team: '.store', '.store/self': '.', '.store/back': '../.store', '.store/root': '..' },
      {
        'team/ava.yaml': 'ava',
        'team/back': skipped,
        'team/root': skipped,
        'team/self': skipped,
      },
    ],
    ['that leads nowhere is nothing', {}, { a: 'nowhere', b: 'c', c: 'b' }, {}],
    [
      'is not followed to fragments',
      { '_shared/ava.yaml': 'ava' },
      { shared: '_shared' },
      { shared: skipped },
    ],
  ])('%s', (_, files, links, found) => {
    expect(walk(place(files, links))).toEqual(found);
  });

  test('is followed to a hidden folder, once', () => {
    const dir = place(
      { '.store/ava.yaml': 'ava', '.store/deep/ben.yaml': 'ben' },
      { a: '.store', b: '.store', 'c/d': '../.again', '.again': '.store' },
    );
    // By which of them depends on the order in which the system lists them.
    const texts = Object.values(walk(dir));
    expect(texts.sort()).toEqual([skipped, skipped, 'ava', 'ben']);
  });

  test('shows no file that another one shows already', () => {
    const dir = place(
      { '.store/team/ava.yaml': 'ava' },
      { all: '.store', team: '.store/team', '.store/again': 'team' },
    );
    expect(Object.values(walk(dir)).filter((text) => text === 'ava')).toHaveLength(1);
  });

  test('that takes the place of a folder is no longer walked', () => {
    const dir = place({ 'team/ava.yaml': 'ava' });
    expect(walk(dir)).toEqual({ 'team/ava.yaml': 'ava' });
    const moved = join(temporaryDirectory(), 'team');
    renameSync(join(dir, 'team'), moved);
    symlinkSync(moved, join(dir, 'team'));
    expect(walk(dir)).toEqual({ team: skipped });
  });
});
