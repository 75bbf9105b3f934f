// Where the steps look for git: real checkouts, below the folder that a job begins in.
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { git as gitOfStep } from '../../action/git.mjs';
import { commitAll, git } from '../documents/repository.ts';
import { temporaryDirectory, writeFile } from '../support/command.ts';

/** A job whose checkout is in the folder `c`. */
function jobWithPath(env: Readonly<Record<string, string>>): string {
  const workspace = temporaryDirectory();
  const checkout = join(workspace, 'c');
  mkdirSync(checkout);
  git(checkout, 'init', '-q', '--template=');
  writeFile(checkout, 'widgets/a.yaml', 'a');
  const commit = commitAll(checkout);
  symlinkSync('c', join(workspace, 'link'));
  const before = process.cwd();
  process.chdir(workspace);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => {
    process.chdir(before);
    vi.unstubAllEnvs();
  });
  return commit;
}

test.each<[string, Record<string, string>]>([
  ['the directory', { INPUT_DIRECTORY: 'c/widgets' }],
  ['a directory that is gone', { INPUT_DIRECTORY: 'c/chat/widgets' }],
  ['a directory behind a link', { INPUT_DIRECTORY: 'link/widgets' }],
  ['the file of accounts', { WIDGET_SYNC_ACCOUNTS: 'c/accounts.yaml' }],
])('git is asked where %s is', (_, env) => {
  const commit = jobWithPath(env);
  // Somebody else's, as git is told: only what it is told to trust is read.
  vi.stubEnv('GIT_TEST_ASSUME_DIFFERENT_OWNER', '1');
  expect(gitOfStep('rev-parse', 'HEAD')).toBe(commit);
});

test('one sentence says that nothing is checked out', () => {
  jobWithPath({ INPUT_DIRECTORY: 'widgets' });
  expect(() => gitOfStep('rev-parse', 'HEAD')).toThrow(
    /^there is no checkout of git at \S+: actions\/checkout has to come first, and where it has a path, the input directory begins with that$/,
  );
});
