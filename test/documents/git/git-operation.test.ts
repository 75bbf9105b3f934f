// What git leaves in its directory while it works, made by git itself where it can be stopped halfway.
import { chmodSync, mkdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findGitDirectory } from '../../../src/documents/git/git-directory.ts';
import { readGitState } from '../../../src/documents/git/git-operation.ts';
import { asOrdinaryUser } from '../ordinary-user.ts';
import { commitAll, copyOf, git, repository } from '../repository.ts';
import { put, temporaryDirectory } from '../temporary-directory.ts';

const operationIn = (folder: string) => readGitState(folder)?.operation ?? null;

/** On main and on a branch `side`, with a different `widgets/a.yaml` on each. */
function parted(): string {
  return copyOf('two branches', () => {
    const root = repository();
    git(root, 'checkout', '-q', '-b', 'side');
    put(root, 'widgets/a.yaml', 'side\n');
    commitAll(root);
    git(root, 'checkout', '-q', 'main');
    put(root, 'widgets/a.yaml', 'main\n');
    commitAll(root);
    return root;
  });
}

/** Lets git stop at a conflict, which it ends with another code than 0 for. */
function stopAtConflict(root: string, ...args: string[]): void {
  expect(() => git(root, ...args)).toThrow();
}

describe('an operation', () => {
  test.each<[string[], string[], string, string]>([
    [['merge', 'side'], ['merge', '--abort'], 'a merge is in progress', 'MERGE_HEAD'],
    [['rebase', 'side'], ['rebase', '--abort'], 'a rebase is in progress', 'rebase-merge'],
    [
      ['rebase', '--apply', 'side'],
      ['rebase', '--abort'],
      'a rebase, or git am, is in progress',
      'rebase-apply',
    ],
    [
      ['cherry-pick', 'side'],
      ['cherry-pick', '--abort'],
      'a cherry-pick is in progress',
      'CHERRY_PICK_HEAD',
    ],
    [['revert', 'HEAD~1'], ['revert', '--abort'], 'a revert is in progress', 'REVERT_HEAD'],
  ])('that git %j has stopped in is seen until it is aborted', (begin, abort, name, mark) => {
    const root = parted();
    expect(operationIn(root)).toBeNull();
    stopAtConflict(root, ...begin);
    const path = join(root, '.git', mark);
    const sinceMs = statSync(path).mtimeMs;
    expect(operationIn(join(root, 'widgets'))).toEqual({ kind: 'halfway', name, path, sinceMs });
    git(root, ...abort);
    expect(operationIn(root)).toBeNull();
  });

  test('that writes is named before the one that it is part of', () => {
    const root = parted();
    stopAtConflict(root, 'merge', 'side');
    const path = put(root, '.git/index.lock', '');
    utimesSync(path, new Date(5000), new Date(5000));
    const lock = { kind: 'lock', name: 'git is writing', path, sinceMs: 5000 };
    expect(operationIn(root)).toEqual(lock);
    rmSync(path);
    expect(operationIn(root)).toMatchObject({ kind: 'halfway' });
  });

  test('of a linked working copy is its own, and none of the other one', () => {
    const root = repository();
    const linked = join(root, '..', 'linked');
    git(root, 'worktree', 'add', '-q', '-b', 'elsewhere', linked);
    const own = git(linked, 'rev-parse', '--absolute-git-dir');
    expect(own).not.toBe(join(root, '.git'));
    const path = put(own, 'index.lock', '');
    expect(operationIn(join(linked, 'widgets'))).toMatchObject({ kind: 'lock', path });
    expect(operationIn(root)).toBeNull();
    put(root, '.git/index.lock', '');
    rmSync(path);
    expect(operationIn(linked)).toBeNull();
  });

  test('of a submodule is its own', () => {
    const [root, library] = [repository(), repository()];
    git(root, 'submodule', '--quiet', 'add', library, 'library');
    const path = put(root, '.git/modules/library/index.lock', '');
    expect(operationIn(join(root, 'library/widgets'))).toMatchObject({ kind: 'lock', path });
    expect(operationIn(join(root, 'widgets'))).toBeNull();
  });
});

describe('the mark of the index', () => {
  const indexOf = (root: string) => readGitState(root)?.index;

  test.each<[string, (root: string) => void]>([
    ['a checkout', (root) => git(root, 'checkout', '-q', 'side')],
    ['a reset', (root) => git(root, 'reset', '-q', '--hard', 'side')],
    ['a merge', (root) => git(root, 'merge', '-q', '-X', 'ours', 'side')],
    ['staging a file', (root) => git(root, 'add', put(root, 'widgets/b.yaml', 'b\n'))],
    ['its removal', (root) => rmSync(join(root, '.git/index'))],
  ])('is another one after %s', (_, operate) => {
    const root = parted();
    const before = indexOf(root);
    expect(indexOf(root)).toBe(before);
    operate(root);
    expect(indexOf(root)).not.toBe(before);
  });

  test('stays as it is while only files are edited', () => {
    const root = parted();
    const before = indexOf(root);
    put(root, 'widgets/a.yaml', 'edited\n');
    expect(indexOf(root)).toBe(before);
  });

  test('is empty before anything was staged', () => {
    const root = temporaryDirectory();
    git(root, 'init', '-q', '-b', 'main');
    expect(readGitState(root)).toMatchObject({ operation: null, index: '', hidden: null });
  });
});

describe('the git directory', () => {
  test('of a repository with linked working copies is shared but for each one’s own', () => {
    const root = repository();
    const linked = join(root, '..', 'linked');
    git(root, 'worktree', 'add', '-q', '-b', 'elsewhere', linked);
    const common = join(root, '.git');
    expect(findGitDirectory(join(root, 'widgets'))).toEqual({ own: common, common, top: root });
    const own = git(linked, 'rev-parse', '--absolute-git-dir');
    expect(findGitDirectory(linked)).toEqual({ own, common, top: linked });
  });

  test('may be named by a path from where the working copy is', () => {
    const root = repository();
    const elsewhere = temporaryDirectory();
    put(elsewhere, 'work/.git', 'gitdir: ../its-git\n');
    put(elsewhere, 'its-git/HEAD', 'ref: refs/heads/main\n');
    put(elsewhere, 'its-git/commondir', `${join(root, '.git')}\n`);
    const own = join(elsewhere, 'its-git');
    const top = join(elsewhere, 'work');
    expect(findGitDirectory(top)).toEqual({ own, common: join(root, '.git'), top });
  });

  test.each([
    ['leads nowhere', 'gitdir: /nowhere/.git/worktrees/x\n'],
    ['leads to a file', 'gitdir: ./widgets/a.yaml\n'],
  ])('that %s says nothing, and nothing is thrown', (_, text) => {
    const dir = temporaryDirectory();
    put(dir, 'widgets/a.yaml', 'a\n');
    put(dir, '.git', text);
    expect(operationIn(join(dir, 'widgets'))).toBeNull();
  });

  test('is none where `.git` names none, or nothing has one', () => {
    const dir = temporaryDirectory();
    put(dir, '.git', 'something else\n');
    expect(readGitState(dir)).toBeNull();
    expect(readGitState(join(dir, 'nowhere'))).toBeNull();
  });

  test('is said to be hidden where it may not be read', () => {
    const dir = temporaryDirectory();
    chmodSync(dir, 0o755);
    put(dir, '.git/HEAD', 'ref: refs/heads/main\n');
    put(dir, '.git/index.lock', '');
    expect(operationIn(dir)).toMatchObject({ kind: 'lock' });
    chmodSync(join(dir, '.git'), 0);
    const state = asOrdinaryUser(() => readGitState(dir));
    // Else only root could remove it.
    chmodSync(join(dir, '.git'), 0o755);
    const hidden = { code: 'hidden-git', severity: 'warning', detail: expect.any(String) };
    expect(state).toMatchObject({ operation: null, index: '', hidden });
    expect(state?.hidden?.detail).toContain(join(dir, '.git'));
    expect(readGitState(dir)).toMatchObject({ operation: { kind: 'lock' }, hidden: null });
  });

  test('is the one above where a folder of that name is no repository', () => {
    const root = repository();
    mkdirSync(join(root, 'widgets/.git'));
    expect(git(join(root, 'widgets'), 'rev-parse', '--show-toplevel')).toBe(root);
    expect(findGitDirectory(join(root, 'widgets'))?.own).toBe(join(root, '.git'));
  });
});
