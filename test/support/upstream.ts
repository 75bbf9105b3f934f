// Real git: a bare upstream, the clone of someone who commits, and the working copy that is watched.
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from './command.ts';

const run = promisify(execFile);
const settings = [
  ...['-c', 'user.name=Test', '-c', 'user.email=test@example.org'],
  // Messages are taken as git proposes them.
  ...['-c', 'core.editor=true'],
  // Thousands of objects are let lie: nothing tidies up behind a test, or waits for the disk.
  ...['-c', 'gc.auto=0', '-c', 'core.fsync=none', '-c', 'core.looseCompression=0'],
];

export interface Upstream {
  /** The watched directory, in the working copy. */
  readonly dir: string;
  /** The working copy itself. */
  readonly work: string;
  /** Runs git in the clone of the person who commits; resolves with what it prints. */
  git(...args: string[]): Promise<string>;
  /** Runs git in the working copy, under the eyes of the daemon; resolves with what it prints. */
  gitHere(...args: string[]): Promise<string>;
  /** Commits what `edit` does to the widget directory of that clone, pushes it, and pulls it. */
  commit(edit: (dir: string) => void | Promise<void>): Promise<void>;
  /** Pushes what that clone has committed and pulls it into the working copy. */
  publish(): Promise<void>;
  /** Commits what `edit` does to main on a branch of its own, which the working copy then knows of. */
  branch(name: string, edit: (dir: string) => void): Promise<void>;
}

export async function startUpstream(firstFiles: (dir: string) => void): Promise<Upstream> {
  const root = temporaryDirectory();
  const author = join(root, 'author');
  const work = join(root, 'work');
  const gitIn = async (cwd: string, ...args: string[]) => {
    const { PATH = '' } = process.env;
    const env = { PATH, HOME: root, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
    const { stdout } = await run('git', [...settings, ...args], { cwd, env });
    return stdout.trim();
  };
  const git = (...args: string[]) => gitIn(author, ...args);
  const gitHere = (...args: string[]) => gitIn(work, ...args);

  async function commit(edit: (dir: string) => void | Promise<void>): Promise<void> {
    await edit(join(author, 'widgets'));
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'Edit widgets');
    await publish();
  }

  async function publish(): Promise<void> {
    await git('push', '--quiet', 'origin', 'main');
    await gitHere('pull', '--quiet', '--ff-only');
  }

  async function branch(name: string, edit: (dir: string) => void): Promise<void> {
    await git('checkout', '--quiet', '-b', name, 'main');
    edit(join(author, 'widgets'));
    await git('add', '--all');
    await git('commit', '--quiet', '--message', `Edit widgets for ${name}`);
    await git('push', '--quiet', 'origin', name);
    await git('checkout', '--quiet', 'main');
    await gitHere('fetch', '--quiet');
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
  return { dir: join(work, 'widgets'), work, git, gitHere, commit, publish, branch };
}
