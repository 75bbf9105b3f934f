// What git-sync does to a volume: each commit in a worktree of its own, and a link to the published
// one that is swapped at once. Real git; the order of the steps is git-sync's own.
import { spawn } from 'node:child_process';
import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { temporaryDirectory } from './command.ts';

/** Whole files by their paths in the repository; null removes one. */
export type Edit = Readonly<Record<string, string | null>>;

export interface GitSync {
  /** What is published: a link to the worktree of a commit. */
  readonly link: string;
  /** Makes a commit of each edit, on top of the last one; gives their hashes. Publishes nothing. */
  commit(edits: readonly Edit[]): Promise<string[]>;
  /** Checks the commit out, points the link to it and removes the worktree of the one before. */
  publish(hash: string): Promise<void>;
  /** The folder of a commit that is checked out. */
  worktree(hash: string): string;
  checkOut(hash: string): Promise<void>;
  /** Swaps the link, whether or not the commit is checked out. */
  pointTo(hash: string): void;
  removeWorktree(hash: string): void;
  /** Where the link leads to; empty before there is one. */
  published(): string;
}

export async function startGitSync(): Promise<GitSync> {
  const root = temporaryDirectory();
  const link = join(root, 'current');
  const git = (...args: string[]) => runGit(root, args);
  const worktree = (hash: string) => join(root, '.worktrees', hash);
  let commits = 0;
  let published = '';

  async function commit(edits: readonly Edit[]): Promise<string[]> {
    const stream = edits.map((edit, n) => commitCommand(edit, commits + n, n));
    commits += edits.length;
    await runGit(root, ['fast-import', '--quiet'], stream.join(''));
    const listed = await git('rev-list', '--reverse', `--max-count=${edits.length}`, 'main');
    return listed.split('\n');
  }

  async function checkOut(hash: string): Promise<void> {
    await git(
      'worktree',
      'add',
      '--quiet',
      '--force',
      '--detach',
      '--no-checkout',
      worktree(hash),
      hash,
    );
    await runGit(worktree(hash), ['reset', '--quiet', '--hard', hash, '--']);
  }

  function pointTo(hash: string): void {
    symlinkSync(join('.worktrees', hash), join(root, 'tmp-link'));
    renameSync(join(root, 'tmp-link'), link);
    published = hash;
  }

  function removeWorktree(hash: string): void {
    rmSync(worktree(hash), { recursive: true, force: true });
    // What `git worktree prune` then does, without a process for each of hundreds.
    rmSync(join(root, '.git', 'worktrees', hash), { recursive: true, force: true });
  }

  async function publish(hash: string): Promise<void> {
    const before = published;
    if (before === hash) return;
    await checkOut(hash);
    pointTo(hash);
    if (before !== '') removeWorktree(before);
  }

  await git('init', '--quiet', '-b', 'main');
  return {
    link,
    commit,
    publish,
    worktree,
    checkOut,
    pointTo,
    removeWorktree,
    published: () => published,
  };
}

/** In the language of `git fast-import`: 200 commits then take one process. */
function commitCommand(edit: Edit, number: number, placeInImport: number): string {
  const message = `Commit ${number}`;
  // An import begins the branch anew unless it is told to go on.
  const goesOn = number > 0 && placeInImport === 0;
  return [
    'commit refs/heads/main',
    `committer Test <test@example.org> ${1_760_000_000 + number} +0000`,
    `data ${message.length}`,
    message,
    ...(goesOn ? ['from refs/heads/main^0'] : []),
    ...Object.entries(edit).flatMap(([path, content]) =>
      content === null
        ? [`D ${path}`]
        : [`M 100644 inline ${path}`, `data ${Buffer.byteLength(content)}`, content],
    ),
    '',
  ].join('\n');
}

/** Not in this process's way: the sandbox has to answer meanwhile. */
async function runGit(cwd: string, args: readonly string[], input = ''): Promise<string> {
  const { PATH = '' } = process.env;
  const env = { PATH, HOME: cwd, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const child = spawn('git', args, { cwd, env, stdio: 'pipe' });
  if (input !== '') child.stdin.write(input);
  child.stdin.end();
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`git ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout.trim();
}
