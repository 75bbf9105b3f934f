// Real git: a bare upstream, the clone of someone who commits, and the working copy that is watched.
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from './command.ts';

const run = promisify(execFile);
const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];

export interface Upstream {
  /** The watched directory, in the working copy. */
  readonly dir: string;
  /** Runs git in the clone of the person who commits; resolves with what it prints. */
  git(...args: string[]): Promise<string>;
  /** Commits what `edit` does to the widget directory of that clone, pushes it, and pulls it. */
  commit(edit: (dir: string) => void | Promise<void>): Promise<void>;
  /** Pushes what that clone has committed and pulls it into the working copy. */
  publish(): Promise<void>;
}

export async function startUpstream(firstFiles: (dir: string) => void): Promise<Upstream> {
  const root = temporaryDirectory();
  const author = join(root, 'author');
  const work = join(root, 'work');
  const gitIn = async (cwd: string, ...args: string[]) => {
    const { PATH = '' } = process.env;
    const env = { PATH, HOME: root, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
    const { stdout } = await run('git', [...identity, ...args], { cwd, env });
    return stdout.trim();
  };
  const git = (...args: string[]) => gitIn(author, ...args);

  async function commit(edit: (dir: string) => void | Promise<void>): Promise<void> {
    await edit(join(author, 'widgets'));
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'Edit widgets');
    await publish();
  }

  async function publish(): Promise<void> {
    await git('push', '--quiet', 'origin', 'main');
    await gitIn(work, 'pull', '--quiet', '--ff-only');
  }

  await gitIn(root, 'init', '--quiet', '--bare', '-b', 'main', 'upstream.git');
  await gitIn(root, 'init', '--quiet', '-b', 'main', 'author');
  await git('remote', 'add', 'origin', join(root, 'upstream.git'));
  mkdirSync(join(author, 'widgets'));
  firstFiles(join(author, 'widgets'));
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'First widgets');
  await git('push', '--quiet', 'origin', 'main');
  await gitIn(root, 'clone', '--quiet', 'upstream.git', 'work');
  return { dir: join(work, 'widgets'), git, commit, publish };
}
