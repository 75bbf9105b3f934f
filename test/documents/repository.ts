// A small real repository for one test, made with git itself and with none of the machine's settings.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { put, temporaryDirectory } from './temporary-directory.ts';

const { PATH = '' } = process.env;
const isolated = { PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
const settings = [
  ...['-c', 'user.name=Test', '-c', 'user.email=test@example.org'],
  ...['-c', 'gc.auto=0', '-c', 'core.editor=true', '-c', 'protocol.file.allow=always'],
];

/** Gives what git prints. Throws when it ends with another code than 0. */
export function git(cwd: string, ...args: string[]): string {
  return gitAt(null, cwd, ...args);
}

/** As `git`, for a commit of that time, in git's own words: `1760000000 +0130`. */
export function gitAt(time: string | null, cwd: string, ...args: string[]): string {
  const dates =
    time === null ? {} : { GIT_COMMITTER_DATE: time, GIT_AUTHOR_DATE: '1500000000 +0000' };
  const env = { ...isolated, HOME: cwd, ...dates };
  const options = { cwd, env, encoding: 'utf8', stdio: 'pipe' } as const;
  return execFileSync('git', [...settings, ...args], options).trim();
}

/** A working copy with one commit of `widgets/a.yaml`. */
export function repository(...initOptions: string[]): string {
  const root = join(temporaryDirectory(), 'repo');
  put(root, 'widgets/a.yaml', 'a\n');
  git(root, 'init', '-q', '-b', 'main', ...initOptions);
  commitAll(root, '1790000000 +0130');
  return root;
}

/** Commits everything as of a time; gives the hash. */
export function commitAll(root: string, time: string | null = null): string {
  git(root, 'add', '--all');
  gitAt(time, root, 'commit', '-q', '--allow-empty', '-m', 'Edit widgets');
  return git(root, 'rev-parse', 'HEAD');
}
