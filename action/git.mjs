// @ts-check
// git, in the checkout that the job has made: the one that the input `directory` is in, or the file of accounts.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { input, Mistake } from './runner.mjs';

const fullId = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * What git prints, or null where it ends with another code than 0.
 * @param {string[]} words
 */
export function tryGit(...words) {
  const { status, stdout, error } = run(words);
  if (error) throw new Mistake(`git cannot be started: ${error.message}`);
  return status === 0 ? stdout.trim() : null;
}

/**
 * What git prints.
 * @param {string[]} words
 */
export function git(...words) {
  const { status, stdout, stderr, error } = run(words);
  if (error) throw new Mistake(`git cannot be started: ${error.message}`);
  if (status !== 0) throw new Mistake(`git ${words[0]}: ${stderr.trim()}`);
  return stdout.trim();
}

/** @param {string[]} words */
function run(words) {
  const cwd = placeOfGit();
  // In the container of a job the checkout may belong to somebody else, which git refuses by itself.
  const trusted = ['-c', `safe.directory=${topOf(cwd)}`];
  return spawnSync('git', [...trusted, ...words], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' },
    maxBuffer: 2 ** 26,
  });
}

/** The folder of the widgets, or the one above it that there is. */
function placeOfGit() {
  const accounts = process.env['WIDGET_SYNC_ACCOUNTS'] ?? '';
  let folder = resolve(input(process.env, 'DIRECTORY') || dirname(accounts));
  while (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) folder = dirname(folder);
  return realpathSync(folder);
}

/** Of the checkout. @param {string} place */
function topOf(place) {
  for (let folder = place; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (folder !== dirname(folder)) continue;
    throw new Mistake(
      `there is no checkout of git at ${place}: actions/checkout has to come first, and where it has a path, the input directory begins with that`,
    );
  }
}

/** The parents of HEAD as the commit names them, also where a shallow clone lacks them. */
export function parentsOfHead() {
  const [head = ''] = git('cat-file', 'commit', 'HEAD').split('\n\n');
  return head.split('\n').flatMap((line) => (line.startsWith('parent ') ? [line.slice(7)] : []));
}

/**
 * Fetches a commit by its id where the clone lacks it.
 * @param {string} id
 * @param {string} what Words for what it is.
 */
export function haveCommit(id, what) {
  if (!fullId.test(id)) throw new Mistake(`${what} is no id of a commit: ${id}`);
  if (tryGit('cat-file', '-e', `${id}^{commit}`) !== null) return;
  const { status, stderr } = run(['fetch', '-q', '--no-tags', '--depth=1', 'origin', id]);
  if (status === 0) return;
  const why = stderr.trim().split('\n').at(-1);
  throw new Mistake(
    `${what} (${id}) is not in this clone, and origin does not give it (${why}). Say by the input since which commit was applied last, or none`,
  );
}
