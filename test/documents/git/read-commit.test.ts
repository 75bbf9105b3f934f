// When a commit was made, as git has stored it in every way that it stores one.
import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CommitReader, noCommit, readCommitTime } from '../../../src/documents/git/read-commit.ts';
import { commitAll, copyOf, git, gitAt, repository } from '../repository.ts';
import { put, temporaryDirectory } from '../temporary-directory.ts';

const unknown = (commit: string) => commit.replaceAll(/[^0]/g, '0');

/** What git itself says of a commit. */
function saidByGit(root: string, commit: string): Date {
  return new Date(Number(git(root, 'show', '-s', '--format=%ct', commit)) * 1000);
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

describe('the committer date is what git says', () => {
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
      expect(readCommitTime(join(root, 'widgets'), commit)).toEqual(saidByGit(root, commit));
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
      expect(readCommitTime(root, commit)).toEqual(saidByGit(root, commit));
    }
  });

  test('in a shallow clone', () => {
    const root = grown();
    const clone = join(temporaryDirectory(), 'clone');
    git(root, 'clone', '-q', '--depth', '1', `file://${root}`, clone);
    expect(existsSync(looseOf(clone, head(root)))).toBe(false);
    expect(readCommitTime(clone, head(clone))).toEqual(saidByGit(root, head(root)));
    expect(readCommitTime(clone, git(root, 'rev-parse', 'HEAD~1'))).toBeNull();
  });

  test('in a clone that borrows the objects of another, at one and at two removes', () => {
    const root = grown();
    const near = join(temporaryDirectory(), 'near');
    const far = join(temporaryDirectory(), 'far');
    git(root, 'clone', '-q', '--shared', root, near);
    git(root, 'clone', '-q', '--shared', near, far);
    for (const clone of [near, far]) {
      expect(existsSync(looseOf(clone, head(root)))).toBe(false);
      expect(readCommitTime(clone, head(root))).toEqual(saidByGit(root, head(root)));
    }
    const circle = join(near, '.git/objects/info/alternates');
    writeFileSync(circle, `# a note\n\n../../../far/.git/objects\n${join(far, '.git/objects')}\n`);
    expect(readCommitTime(near, head(root))).toBeNull();
  });

  test('in a linked working copy, of its own commit', () => {
    const root = grown();
    const linked = join(root, '..', 'linked');
    git(root, 'worktree', 'add', '-q', '-b', 'side', linked);
    const commit = commitAll(linked, '1700000000 +0000');
    const reader = new CommitReader();
    expect(reader.read(linked)).toEqual({ revision: commit, committedAt: new Date(1.7e12) });
    expect(reader.read(root)).toEqual({
      revision: head(root),
      committedAt: saidByGit(root, head(root)),
    });
  });

  test.each(['loose', 'packed'])('with SHA-256, %s', (as) => {
    const root = grown('--object-format=sha256');
    if (as === 'packed') git(root, 'repack', '-q', '-a', '-d');
    const commit = head(root);
    expect(commit).toHaveLength(64);
    expect(existsSync(looseOf(root, commit))).toBe(as === 'loose');
    expect(new CommitReader().read(root)).toEqual({
      revision: commit,
      committedAt: saidByGit(root, commit),
    });
  });

  test.each([
    ['a message that looks like a header', 'committer Eve <e@example.org> 5 +0000\n'],
    ['a message in many lines', `${'long '.repeat(5000)}\n`],
    ['no message', ''],
  ])('under %s', (_, message) => {
    const root = repository();
    gitAt(
      '1600000000 +0000',
      root,
      ...['commit', '-q', '--allow-empty', '--allow-empty-message', '-m', message],
    );
    expect(readCommitTime(root, head(root))).toEqual(new Date(1.6e12));
    git(root, 'repack', '-q', '-a', '-d');
    expect(readCommitTime(root, head(root))).toEqual(new Date(1.6e12));
  });

  test('of a committer whose name has every kind of character', () => {
    const root = repository();
    git(root, '-c', 'user.name=Zoë 12 +0000 | O’Neil', 'commit', '-q', '--allow-empty', '-m', 'x');
    expect(readCommitTime(root, head(root))).toEqual(saidByGit(root, head(root)));
  });
});

describe('no date is known', () => {
  test.each(['loose', 'packed'])('of a commit that is not there, beside %s ones', (as) => {
    const root = grown();
    if (as === 'packed') git(root, 'repack', '-q', '-a', '-d');
    expect(readCommitTime(root, unknown(head(root)))).toBeNull();
    expect(
      readCommitTime(
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
    expect(readCommitTime(root, commit)).toBeNull();
    rmSync(path);
    expect(readCommitTime(root, commit)).toBeNull();
  });

  test('of something that is no commit', () => {
    const root = repository();
    const blob = git(root, 'rev-parse', 'HEAD:widgets/a.yaml');
    expect(readCommitTime(root, blob)).toBeNull();
    git(root, 'repack', '-q', '-a', '-d');
    expect(readCommitTime(root, blob)).toBeNull();
  });

  test('of a commit of which a pack has only the difference from another one', () => {
    const root = repository();
    // Long enough, and like enough, that git keeps one of them as a delta.
    const line = (n: number) => `${n} ${(n * 7919).toString(36)} ${(n * 104_729).toString(36)}\n`;
    const message = Array.from({ length: 400 }, (_, n) => line(n)).join('');
    const commits = ['1600000000', '1600000060', '1600000120'].map((seconds) => {
      gitAt(`${seconds} +0000`, root, 'commit', '-q', '--allow-empty', '-m', message);
      return head(root);
    });
    git(root, 'repack', '-q', '-a', '-d', '-f');
    const [pack = ''] = packsOf(root);
    const listed = git(root, 'verify-pack', '-v', join('.git/objects/pack', pack)).split('\n');
    // A delta is listed with its depth and its base.
    const isDelta = (commit: string) =>
      listed.some((entry) => entry.startsWith(commit) && entry.trim().split(/\s+/).length === 7);
    expect(commits.filter(isDelta).length).toBeGreaterThan(0);
    for (const commit of commits) {
      expect(readCommitTime(root, commit)).toEqual(
        isDelta(commit) ? null : saidByGit(root, commit),
      );
    }
  });

  test('outside a repository, and where nothing is', () => {
    const dir = temporaryDirectory();
    const commit = '0123456789abcdef0123456789abcdef01234567';
    expect(readCommitTime(dir, commit)).toBeNull();
    expect(readCommitTime(join(dir, 'nowhere'), commit)).toBeNull();
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
  expect(reader.read(root)).toEqual({ revision: second, committedAt: new Date(1.5e12) });
  git(root, 'checkout', '-q', '--detach', first.revision ?? '');
  expect(reader.read(root)).toEqual(first);
  git(root, 'checkout', '-q', '--orphan', 'empty');
  expect(reader.read(root)).toEqual(noCommit);
});
