// @ts-check
// Which commit counts as applied, by what has happened. A job knows nothing of the jobs before it, so that this is
// what a removed field and a change in the dashboard are told by.

import { git, haveCommit, parentsOfHead, tryGit } from './git.mjs';
import { GithubError } from './github.mjs';
import { annotate, Mistake, say } from './runner.mjs';

/**
 * @typedef {object} Facts
 * @property {import('./runner.mjs').Env} env
 * @property {any} event What GitHub tells of it.
 * @property {import('./github.mjs').Github} github
 * @property {string} command
 * @property {string} applyWorkflow The file of the workflow that applies, where that is another one; else ''.
 */

/** @typedef {{ readonly commit: string, readonly what: string }} Found */

/**
 * What `--since` gets. The commit is in the clone.
 * @param {string} asked The input.
 * @param {Facts} facts
 */
export async function findSince(asked, facts) {
  if (asked === '')
    throw new Mistake('the input since is empty: leave it out, or say auto, none or a commit');
  if (asked !== 'auto') return asked;
  const { commit, what } = await findAutomatically(facts);
  if (commit === 'none') {
    refuseOtherBranch(facts);
    say(`nothing counts as applied: ${what}`);
    return commit;
  }
  haveCommit(commit, what);
  if (facts.command === 'apply') refuseOlder(commit);
  say(`what counts as applied: ${what} (${commit})`);
  return commit;
}

/**
 * Anybody who may write can start a job on any branch, whose files nobody has reviewed.
 * @param {Facts} facts
 */
function refuseOtherBranch({ env, event, command }) {
  const main = event.repository?.default_branch;
  const branch = env['GITHUB_REF_NAME'];
  const isByHand = env['GITHUB_EVENT_NAME'] === 'workflow_dispatch';
  if (command === 'plan' || !isByHand || branch === main) return;
  throw new Mistake(
    `${command} was started by hand on ${branch}, of which nothing was ever applied: start it on ${main}, or say by the input since which commit was applied last, or none`,
  );
}

/**
 * A job of long ago that is run again has the files of then: applied, they would undo what was merged since.
 * @param {string} applied
 */
function refuseOlder(applied) {
  // A shallow clone tells only what it holds; the published workflow fetches all.
  if (git('rev-parse', 'HEAD') === applied || !isBefore(applied)) return;
  throw new Mistake(
    `a newer commit was applied already (${applied}), and this one would undo it: run the newest run again. To go back on purpose, revert in git, or start the workflow by hand with since`,
  );
}

/** Whether HEAD is an ancestor. @param {string} commit */
function isBefore(commit) {
  return tryGit('merge-base', '--is-ancestor', 'HEAD', commit) !== null;
}

/**
 * @param {Facts} facts
 * @returns {Promise<Found>}
 */
async function findAutomatically(facts) {
  const { env, event } = facts;
  const name = env['GITHUB_EVENT_NAME'] ?? '';
  switch (name) {
    case 'pull_request':
      return ofPullRequest(event);
    case 'merge_group':
      return { commit: String(event.merge_group?.base_sha), what: 'what the queue merges into' };
    case 'push':
    case 'schedule':
    case 'workflow_dispatch':
    case 'repository_dispatch':
      return facts.command === 'plan' && facts.applyWorkflow === ''
        ? ofPlan(facts)
        : await lastApplied(facts);
    default:
      throw new Mistake(
        `since: auto does not know the event ${name}: say which commit was applied last`,
      );
  }
}

/** GitHub checks out what the merge would be. @param {any} event @returns {Found} */
function ofPullRequest(event) {
  const [base, merged] = parentsOfHead();
  if (
    base === undefined ||
    merged === undefined ||
    git('rev-parse', 'HEAD') === event.pull_request?.head?.sha
  ) {
    throw new Mistake(
      'the branch is checked out by itself, and what main has got since would look like changes in the dashboard: leave ref out of actions/checkout, which then checks out the merge',
    );
  }
  return { commit: base, what: 'the commit that it would be merged into' };
}

/** Of a plan on a branch, which nobody has to have applied. @param {Facts} facts @returns {Found} */
function ofPlan({ env, event }) {
  const before = beforeOf(event);
  if (before !== null) return before;
  const main = event.repository?.default_branch;
  if (main === undefined || env['GITHUB_REF_NAME'] === main) {
    return { commit: git('rev-parse', 'HEAD'), what: 'the commit that is checked out' };
  }
  throw new Mistake(
    `since: auto knows no commit for a plan of this branch: say since: origin/${main}`,
  );
}

/** Of a push. @param {any} event @returns {Found | null} */
function beforeOf({ before }) {
  if (typeof before !== 'string') return null;
  if (/^0+$/.test(before)) return { commit: 'none', what: 'this is the first push of the branch' };
  return { commit: before, what: 'the commit before this push' };
}

/**
 * That of the last run that ended well; a run that failed may have applied only some of its changes.
 * @param {Facts} facts
 * @returns {Promise<Found>}
 */
async function lastApplied(facts) {
  const { env, event, applyWorkflow } = facts;
  const file = applyWorkflow || workflowFile(env);
  const before = applyWorkflow === '' ? beforeOf(event) : null;
  /** @type {any[]} */
  let runs;
  try {
    runs = await runsThatEndedWell(facts, file);
  } catch (error) {
    if (!(error instanceof GithubError)) throw error;
    const words = `the last run of ${file} that ended well cannot be read: ${error.message}. ${adviceFor(error)}`;
    if (before === null) throw new Mistake(words);
    annotate('warning', `${words}. Instead, ${before.what} counts as applied`);
    return before;
  }
  const [last] = runs;
  if (last !== undefined) {
    return {
      commit: String(last.head_sha),
      what: `the commit of the last run of ${file} that ended well`,
    };
  }
  return before ?? { commit: 'none', what: `no run of ${file} has ended well on this branch` };
}

/** The last one first. @param {Facts} facts @param {string} file */
async function runsThatEndedWell({ env, github }, file) {
  const branch = encodeURIComponent(env['GITHUB_REF_NAME'] ?? '');
  const path = `${github.repository}/actions/workflows/${encodeURIComponent(file)}/runs`;
  const { workflow_runs: runs } = await github.ask(
    'GET',
    `${path}?branch=${branch}&status=success&per_page=100`,
  );
  return (
    /** @type {any[]} */ (runs)
      // A pull request may come from a branch of the same name, in a fork.
      .filter(({ event, id }) => onBranch.includes(event) && String(id) !== env['GITHUB_RUN_ID'])
      // They are listed as they were made, and one may have been run again since.
      .sort((a, b) => startOf(b) - startOf(a))
  );
}

const onBranch = ['push', 'schedule', 'workflow_dispatch', 'repository_dispatch'];

/** @param {any} run */
function startOf({ run_started_at: started, created_at: created }) {
  return Date.parse(started ?? created);
}

/** @param {GithubError} error */
function adviceFor({ status }) {
  switch (status) {
    case 403:
      return 'The job needs the permission actions: read';
    case 404:
      return 'Is that the name of its file, and does the job have the permission actions: read?';
    default:
      return 'Run the job again, or say by the input since which commit was applied last';
  }
}

/** `owner/name/.github/workflows/apply.yml@refs/heads/main` @param {import('./runner.mjs').Env} env */
function workflowFile(env) {
  const [path = ''] = (env['GITHUB_WORKFLOW_REF'] ?? '').split('@');
  return path.split('/').at(-1) ?? '';
}
