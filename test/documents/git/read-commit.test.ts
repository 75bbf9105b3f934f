// A commit, as git has stored it in every way that it stores one.
import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CommitReader, noCommit } from '../../../src/documents/git/commit-reader.ts';
import { type GitCommit, readCommit } from '../../../src/documents/git/read-commit.ts';
import { commitAll, copyOf, git, gitAt, repository } from '../repository.ts';
import { put, temporaryDirectory } from '../temporary-directory.ts';

const unknown = (commit: string) => commit.replaceAll(/[^0]/g, '0');

/** What git itself says of a commit. */
function saidByGit(root: string, commit: string): GitCommit {
  const format = '--format=%H%x00%s%x00%an%x00%ct%x00%T%x00%P';
  const said = git(root, 'show', '-s', '--encoding=UTF-8', format, commit).split('\0');
  const [id = '', subject = '', author = '', seconds = '', tree = '', parents = ''] = said;
  const ids = parents.split(' ').filter((parent) => parent !== '');
  return { id, subject, author, time: new Date(Number(seconds) * 1000), tree, parents: ids };
}

/** As `CommitReader` gives it. */
function originOf(root: string, commit: string) {
  const { id, subject, author, time } = saidByGit(root, commit);
  return { revision: id, committedAt: time, commit: { id, subject, author, time } };
}

const head = (root: string) => git(root, 'rev-parse', 'HEAD');

/** The place of a loose object. */
const looseOf = (root: string, commit: string) =>
  join(root, '.git/objects', commit.slice(0, 2), commit.slice(2));

const packsOf = (root: string) =>
  readdirSync(join(root, '.git/objects/pack')).filter((name) => name.endsWith('.pack'));

/** Two commits more, so that there are older ones beside the last. */
function grown(...initOptions: string[]): string {
  return copyOf(`three commits ${initOptions}`, () => {
    const root = repository(...initOptions);
    for (const n of [1, 2]) {
      put(root, 'widgets/a.yaml', `a${n}\n`);
      commitAll(root, `179000000${n} -0700`);
    }
    return root;
  });
}

describe('it is what git says', () => {
  test.each<[string, (root: string) => void, 'loose' | 'packed']>([
    ['of a loose commit', () => {}, 'loose'],
    ['after a garbage collection', (root) => git(root, 'gc', '-q'), 'packed'],
    ['in one pack', (root) => git(root, 'repack', '-q', '-a', '-d'), 'packed'],
    [
      'in a pack whose offsets take eight bytes',
      (root) => {
        git(root, '-c', 'pack.indexVersion=2', 'repack', '-q', '-a', '-d');
        const [pack = ''] = packsOf(root);
        const path = join(root, '.git/objects/pack', pack);
        const index = path.replace(/\.pack$/, '.idx');
        rmSync(index);
        // Everything beyond the first 16 bytes counts as far away.
        git(root, 'index-pack', '--index-version=2,0x10', path);
      },
      'packed',
    ],
  ])('%s', (_, store, as) => {
    const root = grown();
    const commits = git(root, 'rev-list', 'HEAD').split('\n');
    store(root);
    expect(commits).toHaveLength(3);
    for (const commit of commits) {
      expect(existsSync(looseOf(root, commit))).toBe(as === 'loose');
      expect(readCommit(join(root, 'widgets'), commit)).toEqual(saidByGit(root, commit));
    }
  });

  test('in many packs', () => {
    const root = repository();
    const commits = Array.from({ length: 5 }, (_, n) => {
      put(root, 'widgets/a.yaml', `a${n}\n`);
      const commit = commitAll(root, `18000000${n}0 +0000`);
      git(root, 'repack', '-q', '-d');
      return commit;
    });
    expect(packsOf(root)).toHaveLength(5);
    for (const commit of commits) {
      expect(readCommit(root, commit)).toEqual(saidByGit(root, commit));
    }
  });

  test('in a shallow clone', () => {
    const root = grown();
    const clone = join(temporaryDirectory(), 'clone');
    git(root, 'clone', '-q', '--depth', '1', `file://${root}`, clone);
    expect(existsSync(looseOf(clone, head(root)))).toBe(false);
    expect(readCommit(clone, head(clone))).toEqual(saidByGit(root, head(root)));
    expect(readCommit(clone, git(root, 'rev-parse', 'HEAD~1'))).toBeNull();
  });

  test('in a clone that borrows the objects of another, at one and at two removes', () => {
    const root = grown();
    const near = join(temporaryDirectory(), 'near');
    const far = join(temporaryDirectory(), 'far');
    git(root, 'clone', '-q', '--shared', root, near);
    git(root, 'clone', '-q', '--shared', near, far);
    for (const clone of [near, far]) {
      expect(existsSync(looseOf(clone, head(root)))).toBe(false);
      expect(readCommit(clone, head(root))).toEqual(saidByGit(root, head(root)));
    }
    const circle = join(near, '.git/objects/info/alternates');
    writeFileSync(circle, `# a note\n\n../../../far/.git/objects\n${join(far, '.git/objects')}\n`);
    expect(readCommit(near, head(root))).toBeNull();
  });

  test('in a linked working copy, of its own commit', () => {
    const root = grown();
    const linked = join(root, '..', 'linked');
    git(root, 'worktree', 'add', '-q', '-b', 'side', linked);
    const commit = commitAll(linked, '1700000000 +0000');
    const reader = new CommitReader();
    expect(reader.read(linked)).toEqual(originOf(root, commit));
    expect(reader.read(linked).committedAt).toEqual(new Date(1.7e12));
    expect(reader.read(root)).toEqual(originOf(root, head(root)));
  });

  test.each(['loose', 'packed'])('with SHA-256, %s', (as) => {
    const root = grown('--object-format=sha256');
    if (as === 'packed') git(root, 'repack', '-q', '-a', '-d');
    const commit = head(root);
    expect(commit).toHaveLength(64);
    expect(existsSync(looseOf(root, commit))).toBe(as === 'loose');
    expect(new CommitReader().read(root)).toEqual(originOf(root, commit));
  });

  test.each([
    ['a message that looks like a header', 'committer Eve <e@example.org> 5 +0000\n'],
    ['a message in many lines', `${'long '.repeat(5000)}\n`],
    ['a subject and a body', 'Winter colours\n\nBecause of the snow.\n'],
    ['a message in Japanese', '冬の色\n'],
    ['no message', ''],
  ])('with %s', (_, message) => {
    const root = repository();
    gitAt(
      '1600000000 +0000',
      root,
      ...['commit', '-q', '--allow-empty', '--allow-empty-message', '-m', message],
    );
    expect(readCommit(root, head(root))).toEqual(saidByGit(root, head(root)));
    git(root, 'repack', '-q', '-a', '-d');
    expect(readCommit(root, head(root))).toEqual(saidByGit(root, head(root)));
    expect(readCommit(root, head(root))?.time).toEqual(new Date(1.6e12));
  });

  test('with a message and names that are not UTF-8', () => {
    const root = repository();
    const lines = git(root, 'cat-file', 'commit', 'HEAD').split('\n');
    const at = lines.findIndex((line) => line.startsWith('committer'));
    lines.splice(at + 1, 0, 'encoding ISO-8859-1');
    const text = lines
      .join('\n')
      .replace('Edit widgets', 'Grüße')
      .replace('author Test', 'author Zoë');
    const file = put(root, 'latin', Buffer.from(`${text}\n`, 'latin1'));
    const commit = git(root, 'hash-object', '-w', '-t', 'commit', file);
    expect(readCommit(root, commit)).toMatchObject({ subject: 'Grüße', author: 'Zoë' });
    expect(readCommit(root, commit)).toEqual(saidByGit(root, commit));
  });

  test('with several parents, and with a signature', () => {
    const root = grown();
    git(root, 'checkout', '-q', '-b', 'side', 'HEAD~1');
    commitAll(root);
    git(root, 'merge', '-q', '--no-ff', '-m', 'Merge main', 'main');
    expect(readCommit(root, head(root))).toEqual(saidByGit(root, head(root)));
    const lines = git(root, 'cat-file', 'commit', 'HEAD').split('\n');
    const at = lines.findIndex((line) => line.startsWith('committer'));
    lines.splice(
      at + 1,
      0,
      'gpgsig -----BEGIN',
      ' author Eve <e@example.org> 5 +0000',
      ' -----END',
    );
    const file = put(root, 'signed', `${lines.join('\n')}\n`);
    const signed = git(root, 'hash-object', '-w', '-t', 'commit', file);
    expect(readCommit(root, signed)).toEqual(saidByGit(root, signed));
  });

  test('of a committer whose name has every kind of character', () => {
    const root = repository();
    git(root, '-c', 'user.name=Zoë 12 +0000 | O’Neil', 'commit', '-q', '--allow-empty', '-m', 'x');
    expect(readCommit(root, head(root))).toEqual(saidByGit(root, head(root)));
  });
});

describe('it is not known', () => {
  test.each(['loose', 'packed'])('of a commit that is not there, beside %s ones', (as) => {
    const root = grown();
    if (as === 'packed') git(root, 'repack', '-q', '-a', '-d');
    expect(readCommit(root, unknown(head(root)))).toBeNull();
    expect(
      readCommit(
        root,
        head(root).replace(/.$/, (c) => (c === '0' ? '1' : '0')),
      ),
    ).toBeNull();
  });

  test.each([
    ['nothing', ''],
    ['something else', 'not deflated'],
  ])('of a loose commit of which a crash has left %s', (_, left) => {
    const root = repository();
    const path = looseOf(root, head(root));
    chmodSync(path, 0o644);
    writeFileSync(path, left);
    expect(new CommitReader().read(root)).toEqual({ revision: head(root), committedAt: null });
  });

  test('of a commit whose pack was cut short', () => {
    const root = grown();
    git(root, 'repack', '-q', '-a', '-d');
    const commit = head(root);
    const [pack = ''] = packsOf(root);
    const path = join(root, '.git/objects/pack', pack);
    chmodSync(path, 0o644);
    writeFileSync(path, '');
    expect(readCommit(root, commit)).toBeNull();
    rmSync(path);
    expect(readCommit(root, commit)).toBeNull();
  });

  test('of something that is no commit', () => {
    const root = repository();
    const blob = git(root, 'rev-parse', 'HEAD:widgets/a.yaml');
    expect(readCommit(root, blob)).toBeNull();
    git(root, 'repack', '-q', '-a', '-d');
    expect(readCommit(root, blob)).toBeNull();
  });

  test('outside a repository, and where nothing is', () => {
    const dir = temporaryDirectory();
    const commit = '0123456789abcdef0123456789abcdef01234567';
    expect(readCommit(dir, commit)).toBeNull();
    expect(readCommit(join(dir, 'nowhere'), commit)).toBeNull();
    expect(new CommitReader().read(dir)).toEqual(noCommit);
  });

  test('of a published commit whose repository is not here', () => {
    const commit = '0123456789abcdef0123456789abcdef01234567';
    const worktree = join(temporaryDirectory(), '.worktrees', commit);
    put(worktree, '.git', 'gitdir: /nowhere/.git/worktrees/x\n');
    expect(new CommitReader().read(worktree)).toEqual({ revision: commit, committedAt: null });
  });
});

test('the object store is asked once for each commit', () => {
  const root = repository();
  const reader = new CommitReader();
  const first = reader.read(root);
  rmSync(looseOf(root, head(root)));
  expect(reader.read(root)).toEqual(first);
  expect(first.committedAt).not.toBeNull();
  expect(new CommitReader().read(root).committedAt).toBeNull();
});

test('each new commit is asked for, and none is known while there is none', () => {
  const root = repository();
  const reader = new CommitReader();
  const first = reader.read(root);
  const second = commitAll(root, '1500000000 +0000');
  expect(reader.read(root)).toEqual(originOf(root, second));
  git(root, 'checkout', '-q', '--detach', first.revision ?? '');
  expect(reader.read(root)).toEqual(first);
  git(root, 'checkout', '-q', '--orphan', 'empty');
  expect(reader.read(root)).toEqual(noCommit);
});
