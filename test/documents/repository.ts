// A small real repository for one test, made with git itself and with none of the machine's settings.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { put, temporaryDirectory } from './temporary-directory.ts';

const { PATH = '' } = process.env;
const isolated = { PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
const settings = [
  ...['-c', 'user.name=Test', '-c', 'user.email=test@example.org'],
  ...['-c', 'gc.auto=0', '-c', 'core.fsync=none'],
  ...['-c', 'core.editor=true', '-c', 'protocol.file.allow=always'],
];

/** Gives what git prints. Throws when it ends with another code than 0. */
export function git(cwd: string, ...args: string[]): string {
  return gitAt(null, cwd, ...args);
}

/** As `git`, for a commit of that time, in git's own words: `1760000000 +0130`. */
export function gitAt(time: string | null, cwd: string, ...args: string[]): string {
  return started(time, cwd, ['git', ...settings, ...args]);
}

/**
 * As `git` for one after the other, until one fails; gives all that they print. Each process that a test starts
 * costs as much as the test has memory, and a shell has little.
 */
export function gitInTurn(
  cwd: string,
  calls: readonly (readonly string[])[],
  time: string | null = null,
): string {
  const words = ['git', ...settings];
  const script = calls.map((call) => [...words, ...call].map(quoted).join(' ')).join(' && ');
  return started(time, cwd, ['sh', '-c', script]);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function started(time: string | null, cwd: string, [program = '', ...args]: string[]): string {
  const dates =
    time === null ? {} : { GIT_COMMITTER_DATE: time, GIT_AUTHOR_DATE: '1500000000 +0000' };
  const env = { ...isolated, HOME: cwd, ...dates };
  return execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: 'pipe' }).trim();
}

/** A working copy with one commit of `widgets/a.yaml`. */
export function repository(...initOptions: string[]): string {
  return copyOf(`one commit ${initOptions}`, () => {
    const root = join(temporaryDirectory(), 'repo');
    put(root, 'widgets/a.yaml', 'a\n');
    git(root, 'init', '-q', '-b', 'main', '--template=', ...initOptions);
    commitAll(root, '1790000000 +0130');
    return root;
  });
}

/** Folders and files of a repository by their paths, a folder before what is in it. */
type Copy = readonly (readonly [path: string, content: Buffer | null])[];
const copies = new Map<string, Copy>();

/**
 * The root of a repository as `make` gives it, which is asked once for each name: git is many processes,
 * and a copy is a few files.
 */
export function copyOf(name: string, make: () => string): string {
  const root = join(temporaryDirectory(), 'repo');
  mkdirSync(root);
  copyInto(root, name, make);
  return root;
}

/** Makes a directory one without a commit. */
export function initRepository(root: string): void {
  copyInto(root, 'no commit', () => {
    const empty = temporaryDirectory();
    git(empty, 'init', '-q', '-b', 'main', '--template=');
    return empty;
  });
}

function copyInto(root: string, name: string, make: () => string): void {
  const copy = copies.get(name) ?? readCopy(make());
  copies.set(name, copy);
  for (const [path, content] of copy) {
    if (content === null) mkdirSync(join(root, path), { recursive: true });
    else writeFileSync(join(root, path), content);
  }
}

function readCopy(root: string): Copy {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return entries
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [relative(root, path), statSync(path).isFile() ? readFileSync(path) : null]);
}

/** Commits everything as of a time; gives the hash. */
export function commitAll(root: string, time: string | null = null): string {
  const commit = ['commit', '-q', '--allow-empty', '-m', 'Edit widgets'];
  return gitInTurn(root, [['add', '--all'], commit, ['rev-parse', 'HEAD']], time);
}
