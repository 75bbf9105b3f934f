// @ts-check
// The step with the token of GitHub, and without the key: which commit counts as applied, and which plan was reviewed.
import { GithubError, openGithub } from './github.mjs';
import { findReviewed, subjectOf } from './plan-comment.mjs';
import {
  annotate,
  input,
  Mistake,
  needed,
  readEvent,
  runStep,
  say,
  setOutputs,
} from './runner.mjs';
import { findSince } from './since.mjs';

const commands = ['validate', 'plan', 'apply', 'import'];

await runStep(async (env) => {
  const command = input(env, 'COMMAND');
  if (!commands.includes(command)) {
    throw new Mistake(`the input command is none of ${commands.join(', ')}: ${command}`);
  }
  const event = readEvent(env);
  const isGuest = isFromGuest(env, event);
  setOutputs(env, { guest: String(isGuest) });
  const name = env['GITHUB_EVENT_NAME'] ?? '';
  if (isGuest && name !== 'pull_request') {
    throw new Mistake(
      `${name} runs with the secrets of this repository, and this one is of a fork or Dependabot, whose files could send them away: start the job on pull_request`,
    );
  }
  if (command === 'validate') return 0;
  if (isGuest && command !== 'plan') {
    throw new Mistake(
      `${command} is not for pull requests of forks and Dependabot, which get no key`,
    );
  }
  const github = openGithub(env);
  const applyWorkflow = input(env, 'APPLY_WORKFLOW');
  const since = await findSince(input(env, 'SINCE'), {
    env,
    event,
    github,
    command,
    applyWorkflow,
  });
  setOutputs(env, { since, ...(command === 'apply' && (await reviewed(github, env))) });
  return 0;
});

/** GitHub gives these neither secrets nor leave to write. @param {import('./runner.mjs').Env} env @param {any} event */
function isFromGuest(env, { pull_request: pull, workflow_run: run, repository }) {
  if (pull === undefined && run === undefined) return false;
  const from = pull === undefined ? run.head_repository : pull.head?.repo;
  return from?.full_name !== repository?.full_name || env['GITHUB_ACTOR'] === 'dependabot[bot]';
}

/** @param {import('./github.mjs').Github} github @param {import('./runner.mjs').Env} env */
async function reviewed(github, env) {
  if (input(env, 'CHECKSUM') !== 'reviewed') return {};
  const merged = {
    commit: needed(env, 'GITHUB_SHA'),
    branch: needed(env, 'GITHUB_REF_NAME'),
    subject: subjectOf(env),
  };
  try {
    const found = await findReviewed(github, merged);
    if (found === null) {
      say('no comment on a merged pull request names a plan of this commit');
      return {};
    }
    const { checksum, pullRequest } = found;
    return { reviewed: checksum, 'reviewed-in': `#${pullRequest}` };
  } catch (error) {
    if (!(error instanceof GithubError)) throw error;
    const words = 'The job needs the permission pull-requests: read. The limit on changes holds';
    annotate('warning', `the plan that was reviewed cannot be read: ${error.message}. ${words}`);
    return {};
  }
}
