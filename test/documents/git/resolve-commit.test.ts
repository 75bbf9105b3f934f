// The commits that names stand for, beside what git itself makes of them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { resolveCommit } from '../../../src/documents/git/resolve-commit.ts';
import { commitAll, copyOf, git, repository } from '../repository.ts';
import { put, temporaryDirectory } from '../temporary-directory.ts';

/** Branches, a merge, both kinds of tags, and a remote. */
function rich(...initOptions: string[]): string {
  return copyOf(`a rich repository ${initOptions}`, () => {
    const root = repository(...initOptions);
    for (const n of [1, 2, 3]) {
      put(root, 'widgets/a.yaml', `a${n}\n`);
      commitAll(root, `179000000${n} +0000`);
    }
    git(root, 'checkout', '-q', '-b', 'team/side', 'HEAD~2');
    put(root, 'widgets/b.yaml', 'b\n');
    commitAll(root, '1790000010 +0000');
    git(root, 'checkout', '-q', 'main');
    git(root, 'merge', '-q', '--no-ff', '-m', 'Merge', 'team/side');
    git(root, 'tag', 'light', 'HEAD~1');
    git(root, 'tag', '-a', '-m', 'One', 'v1', 'team/side');
    git(root, 'tag', '-a', '-m', 'A tag of a tag', 'v1-again', 'v1');
    git(root, 'update-ref', 'refs/remotes/origin/main', 'HEAD~1');
    git(root, 'symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main');
    // A name that looks like the beginning of an id.
    git(root, 'branch', 'cafe', 'HEAD~2');
    return root;
  });
}

/** The commits that those names stand for. Throws where one stands for none. */
function saidByGit(root: string, ...names: readonly string[]): string[] {
  const commits = names.map((name) => `${name}^{commit}`);
  return git(root, 'rev-parse', ...commits).split('\n');
}

const names = [
  ...['HEAD', '@', 'main', 'heads/main', 'refs/heads/main', 'team/side', 'light', 'tags/light'],
  ...['v1', 'v1-again', 'origin/main', 'origin', 'remotes/origin/main', 'cafe'],
  ...['HEAD^', 'HEAD^1', 'HEAD^2', 'HEAD^0', 'HEAD~', 'HEAD~0', 'HEAD~1', 'HEAD~3', 'HEAD~~^'],
  ...['HEAD^2^', 'v1^', 'main~2^0', 'v1-again~1', '@~2'],
];

describe.each([
  ['loose', [], () => {}],
  ['packed', [], (root: string) => git(root, 'gc', '-q')],
  ['of SHA-256', ['--object-format=sha256'], () => {}],
] as const)('in a repository whose objects and refs are %s', (_, initOptions, store) => {
  test('names, and the ways back from them, are those of git', () => {
    const root = rich(...initOptions);
    store(root);
    const found = names.map((name) => [name, resolveCommit(join(root, 'widgets'), name)?.id]);
    const said = saidByGit(root, ...names);
    expect(found).toEqual(names.map((name, n) => [name, said[n]]));
  });

  test('an id in full and its beginnings are that commit', () => {
    const root = rich(...initOptions);
    store(root);
    const ids = git(root, 'rev-list', '--all').split('\n');
    for (const id of ids) {
      expect(resolveCommit(root, id)?.id).toBe(id);
      expect(resolveCommit(root, id.toUpperCase())?.id).toBe(id);
      expect(resolveCommit(root, id.slice(0, 12))?.id).toBe(id);
      expect(resolveCommit(root, `${id.slice(0, 12)}~0`)?.id).toBe(id);
    }
    const tag = git(root, 'rev-parse', 'v1');
    expect([resolveCommit(root, tag)?.id]).toEqual(saidByGit(root, 'v1'));
  });
});

const refusal = (root: string, name: string) => {
  try {
    return resolveCommit(root, name)?.id;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message;
  }
};

/** So many objects that some of them begin with the same four digits: a hundred pairs are to be expected. */
function crowd(root: string): string[] {
  // One after the other on one branch: a ref for each would be a file for each.
  const commit = (n: number) =>
    `commit refs/heads/crowd\ncommitter A <a@example.org> ${1_600_000_000 + n} +0000\ndata 1\nx\n`;
  const input = Array.from({ length: 3000 }, (_, n) => commit(n)).join('');
  execFileSync('git', ['fast-import', '--quiet'], { cwd: root, input });
  return git(root, 'rev-list', '--all').split('\n');
}

test('the beginning of several commits is refused, and they are named', () => {
  const root = repository();
  const ids = crowd(root);
  const byStart = new Map<string, string[]>();
  for (const id of ids) {
    const start = id.slice(0, 4);
    byStart.set(start, [...(byStart.get(start) ?? []), id]);
  }
  const shared = [...byStart].filter(([, those]) => those.length > 1);
  expect(shared.length).toBeGreaterThan(10);
  for (const [start, those] of shared.slice(0, 5)) {
    const said = refusal(root, start);
    expect(said).toContain(`${those.length} commits begin so`);
    expect(said).toContain(those.sort()[0]?.slice(0, 8));
    expect(() => saidByGit(root, start)).toThrow();
  }
  const alone = [...byStart].filter(([, those]) => those.length === 1).slice(0, 5);
  for (const [start, [id]] of alone) expect(refusal(root, start)).toBe(id);
});

test.each([
  ['nothing-of-that-name', 'no branch, tag or commit of that name'],
  ['dead', 'no such commit'],
  ['0000000000000000000000000000000000000000', 'no such commit'],
  ['HEAD~50', 'has no parent'],
  ['HEAD~99999999999999999999', 'has no parent'],
  ['HEAD^3', 'has only 2'],
  ['HEAD:widgets/a.yaml', 'no branch'],
  ['HEAD^{tree}', 'no branch'],
  ['HEAD@{1}', 'no branch'],
  [':/Edit', 'no branch'],
  ['', 'no branch'],
  ['^', 'no branch'],
  ['~3', 'no branch'],
  // As options, as ways out of the repository, and as orders to a terminal.
  ['--upload-pack=touch /tmp/x', 'no branch'],
  ['-h', 'no branch'],
  ['../../secret', 'no branch'],
  ['../secret', 'no branch'],
  ['heads/../../secret', 'no branch'],
  ['refs/../secret', 'no branch'],
  ['/etc/hostname', 'no branch'],
  ['HEAD\n', 'no branch'],
  ['a\u001b[31mb', 'no branch'],
  ['config', 'no branch'],
  ['main.lock', 'no branch'],
  ['x'.repeat(100_000), 'no branch'],
  ['ü'.repeat(200), 'no branch'],
])('%j is refused, and says why', (name, why) => {
  const root = rich();
  const id = git(root, 'rev-parse', 'HEAD');
  for (const place of ['secret', '.git/secret', '.git/config', '.git/refs/heads/main.lock']) {
    put(root, place, `${id}\n`);
  }
  const said = refusal(root, name);
  expect(said).toContain(why);
  expect(said).toContain('names no commit');
  expect(said).not.toContain('\u001b');
});

test('a ref that leads in a circle, or out of the repository, is none', () => {
  const root = rich();
  writeFileSync(join(root, '.git/refs/heads/one'), 'ref: refs/heads/two\n');
  writeFileSync(join(root, '.git/refs/heads/two'), 'ref: refs/heads/one\n');
  put(root, 'secret', `${git(root, 'rev-parse', 'HEAD')}\n`);
  writeFileSync(join(root, '.git/refs/heads/out'), 'ref: refs/../../secret\n');
  for (const name of ['one', 'out']) expect(refusal(root, name)).toContain('no branch');
});

test('in a shallow clone what is left out is said to be', () => {
  const root = rich();
  const clone = join(temporaryDirectory(), 'clone');
  git(root, 'clone', '-q', '--depth', '1', `file://${root}`, clone);
  expect(refusal(clone, 'HEAD')).toBe(git(root, 'rev-parse', 'HEAD'));
  expect(refusal(clone, 'HEAD^')).toContain('shallow');
  expect(refusal(clone, git(root, 'rev-parse', 'HEAD^'))).toContain('git fetch --depth=1 origin ');
});

test('in a linked working copy HEAD is its own, and branches are shared', () => {
  const root = rich();
  const linked = join(temporaryDirectory(), 'linked');
  git(root, 'worktree', 'add', '-q', '-b', 'other', linked, 'HEAD~1');
  expect(refusal(linked, 'HEAD')).toBe(git(root, 'rev-parse', 'HEAD~1'));
  expect(refusal(linked, 'main')).toBe(git(root, 'rev-parse', 'main'));
  expect(refusal(root, 'other')).toBe(git(root, 'rev-parse', 'HEAD~1'));
});

test('in a repository whose git directory lies elsewhere', () => {
  const dir = temporaryDirectory();
  const root = join(dir, 'copy');
  mkdirSync(root);
  git(
    root,
    'init',
    '-q',
    '-b',
    'main',
    '--template=',
    `--separate-git-dir=${join(dir, 'elsewhere')}`,
  );
  const commit = commitAll(root);
  expect(refusal(root, 'HEAD')).toBe(commit);
});

test('outside a repository there is none; of a store that is gone it is said', () => {
  expect(resolveCommit(temporaryDirectory(), 'HEAD')).toBeNull();
  const root = repository();
  rmSync(join(root, '.git/objects'), { recursive: true });
  expect(refusal(root, 'HEAD')).toContain('no such commit');
});
