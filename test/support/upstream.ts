// Real git: a bare upstream, the clone of someone who commits, and the working copy that is watched.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from './command.ts';

const run = promisify(execFile);
const settings = [
  ...['-c', 'user.name=Test', '-c', 'user.email=test@example.org'],
  // Messages are taken as git proposes them.
  ...['-c', 'core.editor=true'],
  // Thousands of objects are let lie: nothing tidies up behind a test, or waits for the disk.
  ...['-c', 'gc.auto=0', '-c', 'core.fsync=none', '-c', 'core.compression=0'],
];

/** Whole files by their names in the widget directory. */
export type Files = Readonly<Record<string, string>>;

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
  /** Commits these files, beside those of main, on a branch that the working copy then knows of. */
  branch(name: string, files: Files): Promise<void>;
}

export async function startUpstream(firstFiles: Files): Promise<Upstream> {
  const root = temporaryDirectory();
  const bare = join(root, 'upstream.git');
  const work = join(root, 'work');
  const gitIn = (cwd: string, ...args: string[]) => runGit({ root, cwd, args });
  const importInto = (branch: string, files: Files) =>
    runGit({
      root,
      cwd: bare,
      args: ['fast-import', '--quiet', '--date-format=now'],
      input: importOf(branch, files),
    });
  let cloned: Promise<string> | undefined;
  // Most tests need nobody who commits.
  const author = async () => {
    cloned ??= gitIn(root, 'clone', '--quiet', '--shared', 'upstream.git', 'author');
    await cloned;
    return join(root, 'author');
  };
  const git = async (...args: string[]) => gitIn(await author(), ...args);
  const gitHere = (...args: string[]) => gitIn(work, ...args);

  async function commit(edit: (dir: string) => void | Promise<void>): Promise<void> {
    await edit(join(await author(), 'widgets'));
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'Edit widgets');
    await publish();
  }

  async function publish(): Promise<void> {
    await git('push', '--quiet', 'origin', 'main');
    await gitHere('pull', '--quiet', '--ff-only');
  }

  async function branch(name: string, files: Files): Promise<void> {
    await importInto(name, files);
    await gitHere('fetch', '--quiet');
  }

  await gitIn(root, 'init', '--quiet', '--bare', '-b', 'main', 'upstream.git');
  await importInto('main', firstFiles);
  await gitIn(root, 'clone', '--quiet', '--shared', 'upstream.git', 'work');
  return { dir: join(work, 'widgets'), work, git, gitHere, commit, publish, branch };
}

interface GitCall {
  /** Where nobody's configuration is. */
  readonly root: string;
  readonly cwd: string;
  readonly args: readonly string[];
  readonly input?: string;
}

async function runGit({ root, cwd, args, input = '' }: GitCall): Promise<string> {
  const { PATH = '' } = process.env;
  const env = { PATH, HOME: root, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const running = run('git', [...settings, ...args], { cwd, env });
  // One that reads nothing may have ended already.
  if (input !== '') running.child.stdin?.end(input);
  return (await running).stdout.trim();
}

/** A commit for `git fast-import`: thousands of files take one process, and no second tree of them. */
function importOf(branch: string, files: Files): string {
  const message = `Edit widgets for ${branch}`;
  const lines = [
    `commit refs/heads/${branch}`,
    'committer Test <test@example.org> now',
    `data ${message.length}`,
    message,
    ...(branch === 'main' ? [] : ['from refs/heads/main^0']),
  ];
  for (const [name, content] of Object.entries(files)) {
    lines.push(`M 100644 inline widgets/${name}`, `data ${Buffer.byteLength(content)}`, content);
  }
  return `${lines.join('\n')}\n`;
}
