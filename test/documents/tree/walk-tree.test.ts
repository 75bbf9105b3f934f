import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { readFile } from '../../../src/documents/tree/read-file.ts';
import { requireRoot } from '../../../src/documents/tree/root-path.ts';
import { readTree, type Tree } from '../../../src/documents/tree/walk-tree.ts';
import { asOrdinaryUser } from '../ordinary-user.ts';
import { put, setModified, temporaryDirectory } from '../temporary-directory.ts';

const never: Tree['seen'] = new Map();
/** An hour from now, as a clock that runs ahead: nothing written in a test is young then. */
const later = () => new Date(Date.now() + 3_600_000);

/** One walk, with the texts that were read in it. */
function walk(dir: string, seen: Tree['seen'] = never, now: () => Date = later) {
  const read: string[] = [];
  const onRead = (_: string, bytes: Uint8Array) => read.push(new TextDecoder().decode(bytes));
  const tree = readTree(requireRoot(dir), seen, { now, onRead });
  if (tree === null) throw new Error('nothing vanishes in this test');
  const paths = tree.files.map(({ path }) => path);
  const codes = Object.fromEntries(
    tree.files.flatMap((file) => ('finding' in file ? [[file.path, file.finding.code]] : [])),
  );
  return { ...tree, isTorn: tree.isTorn(), paths, codes, read };
}

describe('what counts as a widget file', () => {
  test('names ending in .yaml or .yml at any depth, sorted, without . and _ names', () => {
    const dir = temporaryDirectory();
    for (const name of ['b.yaml', 'a/z.yml', 'a.yaml', 'B.yaml', 'a/b/c.yaml'])
      put(dir, name, name);
    for (const name of [
      '.x.yaml',
      '_x.yaml',
      '.git/x.yaml',
      '_shared/x.yaml',
      'x.yaml.bak',
      'x.json',
    ]) {
      put(dir, name, name);
    }
    expect(walk(dir).paths).toEqual(['B.yaml', 'a.yaml', 'a/b/c.yaml', 'a/z.yml', 'b.yaml']);
  });

  test('files of a ConfigMap volume are read through their links, once', () => {
    const dir = temporaryDirectory();
    put(dir, '..2026_01/ava.yaml', 'one');
    symlinkSync('..2026_01', join(dir, '..data'));
    symlinkSync('..data/ava.yaml', join(dir, 'ava.yaml'));
    const first = walk(dir);
    expect([first.paths, first.read]).toEqual([['ava.yaml'], ['one']]);

    put(dir, '..2026_02/ava.yaml', 'two');
    symlinkSync('..2026_02', join(dir, '..data_tmp'));
    renameSync(join(dir, '..data_tmp'), join(dir, '..data'));
    expect(walk(dir, first.seen).read).toEqual(['two']);
  });

  test('the root itself may be a link, as git-sync makes it', () => {
    const dir = temporaryDirectory();
    put(dir, '.worktrees/abc/ava.yaml', 'one');
    symlinkSync('.worktrees/abc', join(dir, 'link'));
    expect(walk(join(dir, 'link')).paths).toEqual(['ava.yaml']);
  });

  test.each(['A.YAML', 'b.Yml'])(
    '%s is a warning and is not read; its folder is walked',
    (name) => {
      const dir = temporaryDirectory();
      put(dir, `in.YAML/${name}`, 'x');
      put(dir, `in.YAML/_${name}`, 'x');
      put(dir, 'in.YAML/notes.TXT', 'x');
      symlinkSync(`in.YAML/${name}`, join(dir, `link-${name}`));
      const { paths, codes, read } = walk(dir);
      const unread = [`in.YAML/${name}`, `link-${name}`];
      expect({ paths, read }).toEqual({ paths: unread, read: [] });
      expect(codes).toEqual(Object.fromEntries(unread.map((path) => [path, 'other-ending'])));
    },
  );

  test('a linked folder is a warning and is not followed', () => {
    const dir = temporaryDirectory();
    put(dir, 'real/ava.yaml', 'x');
    symlinkSync('real', join(dir, 'link'));
    symlinkSync('.', join(dir, 'loop.yaml'));
    const { paths, codes } = walk(dir);
    expect(paths).toEqual(['link', 'loop.yaml', 'real/ava.yaml']);
    expect(codes).toEqual({ link: 'skipped-link', 'loop.yaml': 'skipped-link' });
  });
});

describe('what cannot be read is said and holds nothing else up', () => {
  test('a pipe is never opened, a broken link and a loop are named, the rest is read', () => {
    const dir = temporaryDirectory();
    execFileSync('mkfifo', [join(dir, 'pipe.yaml')]);
    symlinkSync('/dev/zero', join(dir, 'device.yaml'));
    symlinkSync('nowhere', join(dir, 'broken.yaml'));
    symlinkSync('loop.yaml', join(dir, 'loop.yaml'));
    put(dir, 'good.yaml', 'good');
    const { codes, read } = walk(dir);
    expect(codes).toEqual({
      'broken.yaml': 'unreadable-file',
      'device.yaml': 'link-outside',
      'loop.yaml': 'unreadable-file',
      'pipe.yaml': 'unreadable-file',
    });
    expect(read).toEqual(['good']);
  });

  test('1 MiB is read, one byte more is not', () => {
    const dir = temporaryDirectory();
    put(dir, 'fits.yaml', new Uint8Array(1024 * 1024));
    put(dir, 'large.yaml', new Uint8Array(1024 * 1024 + 1));
    const { codes, read } = walk(dir);
    expect(codes).toEqual({ 'large.yaml': 'file-too-large' });
    expect(read.map(({ length }) => length)).toEqual([1024 * 1024]);
  });

  test('a name that is not UTF-8', () => {
    const dir = temporaryDirectory();
    writeFileSync(
      Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xe9]), Buffer.from('.yaml')]),
      'x',
    );
    expect(Object.values(walk(dir).codes)).toEqual(['unreadable-file']);
  });

  test('a file and a folder without permission', () => {
    const dir = temporaryDirectory();
    chmodSync(dir, 0o755);
    chmodSync(put(dir, 'secret.yaml', 'x'), 0);
    put(dir, 'closed/ava.yaml', 'x');
    chmodSync(join(dir, 'closed'), 0);
    put(dir, 'good.yaml', 'good');
    const { codes, read } = asOrdinaryUser(() => walk(dir));
    // Else only root could remove it.
    chmodSync(join(dir, 'closed'), 0o755);
    expect(codes).toEqual({ closed: 'unreadable-file', 'secret.yaml': 'unreadable-file' });
    expect(read).toEqual(['good']);
  });

  test('a file that is written while it is read is held now and read next time', () => {
    const dir = temporaryDirectory();
    const path = put(dir, 'ava.yaml', 'half');
    const writing = () => {
      appendFileSync(path, ' more');
      return later();
    };
    const first = walk(dir, never, writing);
    expect([first.codes, first.read]).toEqual([{ 'ava.yaml': 'changing-file' }, []]);
    expect(walk(dir, first.seen).read).toEqual(['half more']);
  });

  test('a file of which the system cannot say the size is not trusted', () => {
    const read = readFile('/proc/self/status', later);
    expect(read).toMatchObject({ finding: { code: 'changing-file' } });
  });
});

describe('a later walk', () => {
  test('reads only what moved, and forgets what is gone', () => {
    const dir = temporaryDirectory();
    put(dir, 'a.yaml', 'a');
    put(dir, 'b.yaml', 'b');
    put(dir, 'c.yaml', 'c');
    const first = walk(dir);
    expect(first.read).toEqual(['a', 'b', 'c']);
    put(dir, 'b.yaml', 'B');
    rmSync(join(dir, 'c.yaml'));
    const second = walk(dir, first.seen);
    expect([second.paths, second.read]).toEqual([['a.yaml', 'b.yaml'], ['B']]);
    expect([...second.seen.keys()]).toEqual(['a.yaml', 'b.yaml']);
    expect(walk(dir, second.seen).read).toEqual([]);
  });

  test('sees a file replaced by one of the same size and an older time', () => {
    const dir = temporaryDirectory();
    const path = put(dir, 'a.yaml', 'one');
    const first = walk(dir);
    const { mtime } = statSync(path);
    put(dir, 'new', 'two');
    setModified(join(dir, 'new'), new Date(mtime.getTime() - 60_000));
    renameSync(join(dir, 'new'), path);
    expect(walk(dir, first.seen).read).toEqual(['two']);
  });

  test('reads a file again that was younger than a second when it was read', () => {
    const dir = temporaryDirectory();
    const path = put(dir, 'a.yaml', 'one\n');
    const written = Math.max(statSync(path).mtimeMs, statSync(path).ctimeMs);
    const young = walk(dir, never, () => new Date(written + 900));
    const again = walk(dir, young.seen, () => new Date(written + 1100));
    expect([young.read, again.read]).toEqual([['one\n'], ['one\n']]);
    expect(walk(dir, again.seen).read).toEqual([]);
  });
});

describe('a tree that changes while it is walked', () => {
  // Once, this went up as an exception that nobody expected.
  test('is torn where its folders may not be seen any more when they are checked again', () => {
    const tree = asOrdinaryUser(() => {
      // Whoever closes a folder has to own it.
      const above = temporaryDirectory();
      const dir = join(above, 'widgets');
      put(dir, 'ava.yaml', 'one\n');
      const closing = () => {
        chmodSync(above, 0);
        return later();
      };
      const walked = walk(dir, never, closing);
      chmodSync(above, 0o755);
      return walked;
    });
    expect(tree.isTorn).toBe(true);
  });

  test('is whole where nothing moved', () => {
    const dir = temporaryDirectory();
    put(dir, 'team/ava.yaml', 'one\n');
    expect(walk(dir).isTorn).toBe(false);
  });
});

describe('a root that cannot be used is said to the user', () => {
  test.each([
    ['missing', 'nowhere', /does not exist\. Create it/],
    ['a file', 'file.yaml', /is not a directory\. Name the directory/],
  ])('%s', (_, name, words) => {
    const dir = temporaryDirectory();
    put(dir, 'file.yaml', 'x');
    expect(() => walk(join(dir, name))).toThrow(UsageError);
    expect(() => walk(join(dir, name))).toThrow(words);
  });

  test('a link to itself', () => {
    const dir = temporaryDirectory();
    symlinkSync('self', join(dir, 'self'));
    expect(() => walk(join(dir, 'self'))).toThrow(UsageError);
  });

  test('an empty directory is an empty tree', () => {
    const dir = temporaryDirectory();
    mkdirSync(join(dir, 'empty'));
    expect(walk(dir).files).toEqual([]);
  });
});
