// Which commit a directory's content comes from, without running git: git-sync publishes it in the
// name of its link's target, and a repository says it in HEAD. Tells nothing of uncommitted edits.
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { codeOf } from '../errors.ts';

const commitHash = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** The commit's hash in full; null where none can be told. */
export function readRevision(directory: string): string | null {
  try {
    const root = realpathSync(directory);
    return publishedCommit(root) ?? headCommit(root);
  } catch (error) {
    // The directory may be replaced at this very moment, or be nobody's to read: then none is told.
    if (codeOf(error) === null) throw error;
    return null;
  }
}

/** git-sync's written contract: the base name of its link's target is the commit. */
function publishedCommit(path: string): string | null {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    if (basename(dirname(at)) === '.worktrees' && commitHash.test(basename(at))) {
      return basename(at);
    }
  }
  return null;
}

function headCommit(path: string): string | null {
  for (let at = path; ; at = dirname(at)) {
    const git = gitDirectory(join(at, '.git'));
    if (git !== null) return resolveHead(git);
    if (at === dirname(at)) return null;
  }
}

/** Of a working copy, or of a linked one, whose `.git` is a file that names the place. */
function gitDirectory(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  if (stats.isDirectory()) return path;
  const named = /^gitdir: (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1]?.trim();
  return named === undefined ? null : resolve(dirname(path), named);
}

function resolveHead(git: string): string | null {
  const head = readText(join(git, 'HEAD'));
  if (head === null) return null;
  const ref = /^ref: (.+)$/.exec(head)?.[1];
  const commit = ref === undefined ? head : readRef(git, ref);
  return commit !== null && commitHash.test(commit) ? commit : null;
}

function readRef(git: string, ref: string): string | null {
  const common = commonDirectory(git);
  const loose = readText(join(git, ref)) ?? readText(join(common, ref));
  if (loose !== null) return loose;
  const packed = readText(join(common, 'packed-refs')) ?? '';
  const line = packed.split('\n').find((one) => one.endsWith(` ${ref}`));
  return line?.split(' ')[0] ?? null;
}

/** Where the refs are that a linked working copy shares with its repository. */
function commonDirectory(git: string): string {
  const named = readText(join(git, 'commondir'));
  if (named === null) return git;
  return isAbsolute(named) ? named : resolve(git, named);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
