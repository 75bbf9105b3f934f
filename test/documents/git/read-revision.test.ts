// Commits as git and git-sync leave them on disk.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRevision, workingCopyAt } from '../../../src/documents/git/read-revision.ts';
import { temporaryDirectory, writeFile } from '../../support/command.ts';

const isolated = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };

function git(cwd: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.test'];
  const options = { cwd, encoding: 'utf8', env: isolated } as const;
  return execFileSync('git', [...identity, ...args], options).trim();
}

function repository(): { root: string; head: string } {
  const root = join(temporaryDirectory(), 'repo');
  writeFile(root, 'widgets/a.yaml', 'a');
  git(root, 'init', '-q', '-b', 'main');
  git(root, 'add', '.');
  git(root, 'commit', '-q', '-m', 'one');
  return { root, head: git(root, 'rev-parse', 'HEAD') };
}

test('of a working copy is the commit of its branch, also from a folder inside', () => {
  const { root, head } = repository();
  expect(readRevision(root)).toBe(head);
  expect(readRevision(join(root, 'widgets'))).toBe(head);
});

test('is found in packed refs and when HEAD is detached', () => {
  const { root, head } = repository();
  git(root, 'pack-refs', '--all');
  expect(readRevision(root)).toBe(head);
  git(root, 'checkout', '-q', '--detach');
  expect(readRevision(root)).toBe(head);
});

test('of a linked working copy is its own', () => {
  const { root, head } = repository();
  const linked = join(root, '..', 'linked');
  git(root, 'worktree', 'add', '-q', '-b', 'side', linked);
  expect(readRevision(linked)).toBe(head);
  writeFile(linked, 'widgets/a.yaml', 'b');
  git(linked, 'commit', '-q', '-am', 'two');
  expect(readRevision(linked)).toBe(git(linked, 'rev-parse', 'HEAD'));
  expect(readRevision(root)).toBe(head);
});

test('of a link that git-sync publishes is the name of its target', () => {
  const root = temporaryDirectory();
  const commit = '0123456789abcdef0123456789abcdef01234567';
  mkdirSync(join(root, '.worktrees', commit, 'widgets'), { recursive: true });
  symlinkSync(join('.worktrees', commit), join(root, 'current'));
  expect(readRevision(join(root, 'current', 'widgets'))).toBe(commit);
});

test('is none before the first commit, outside a repository, and where nothing is', () => {
  const root = temporaryDirectory();
  expect(readRevision(root)).toBeNull();
  expect(readRevision(join(root, 'missing'))).toBeNull();
  git(root, 'init', '-q', '-b', 'main');
  expect(readRevision(root)).toBeNull();
});

test('is found in packed refs where git has left an empty folder of that name', () => {
  const { root, head } = repository();
  git(root, 'pack-refs', '--all');
  mkdirSync(join(root, '.git/refs/heads/main'), { recursive: true });
  expect(git(root, 'rev-parse', 'HEAD')).toBe(head);
  expect(readRevision(root)).toBe(head);
});

test('a working copy is found by the name that leads to it, whatever commit is checked out', () => {
  const { root } = repository();
  expect(workingCopyAt(root)).toBe(root);
  expect(workingCopyAt(join(root, 'widgets'))).toBe(root);
  const link = join(root, '..', 'link');
  symlinkSync('repo', link);
  expect(workingCopyAt(join(link, 'widgets'))).toBe(link);
  const linked = join(root, '..', 'linked');
  git(root, 'worktree', 'add', '-q', '-b', 'side', linked);
  expect(workingCopyAt(join(linked, 'widgets'))).toBe(linked);
});

test('that of git-sync is its link, and where a link leads into the middle, the folder of all of them', () => {
  const root = temporaryDirectory();
  const commit = '0123456789abcdef0123456789abcdef01234567';
  mkdirSync(join(root, '.worktrees', commit, 'clients', 'ada'), { recursive: true });
  symlinkSync(join('.worktrees', commit), join(root, 'current'));
  symlinkSync(join('current', 'clients', 'ada'), join(root, 'ada'));
  expect(workingCopyAt(join(root, 'current', 'clients', 'ada'))).toBe(join(root, 'current'));
  expect(workingCopyAt(join(root, 'current'))).toBe(join(root, 'current'));
  expect(workingCopyAt(join(root, 'ada'))).toBe(root);
});

test('there is none outside a repository, and where nothing is', () => {
  const root = temporaryDirectory();
  expect(workingCopyAt(root)).toBeNull();
  expect(workingCopyAt(join(root, 'nothing'))).toBeNull();
});
