// @ts-check
// The step that writes the plan as a comment. It has the token of GitHub, and not the key. Where it cannot, it says
// so, and the job goes on: the summary has the plan as well.
import { readFileSync } from 'node:fs';
import { GithubError, openGithub } from './github.mjs';
import { commentText, subjectOf, writeComment } from './plan-comment.mjs';
import { annotate, input, readEvent, runStep, say } from './runner.mjs';

const words = {
  written: 'written',
  updated: 'updated',
  equal: 'the earlier one says the same',
  none: 'none, since nothing would change',
};

await runStep(async (env) => {
  const pullRequest = readEvent(env).pull_request?.number;
  if (typeof pullRequest !== 'number') return 0;
  const subject = subjectOf(env);
  const file = input(env, 'PLAN_MARKDOWN');
  const markdown = file === '' ? noPlan(env) : readFileSync(file, 'utf8');
  const text = commentText({ subject, markdown, checksum: input(env, 'PLAN_CHECKSUM') });
  try {
    const isCalm = input(env, 'PLAN_CALM') === 'true';
    const done = await writeComment(openGithub(env), pullRequest, { subject, text, isCalm });
    say(`comment: ${words[done]}`);
  } catch (error) {
    if (!(error instanceof GithubError)) throw error;
    const advice =
      error.status === 403 ? '. The job needs the permission pull-requests: write' : '';
    annotate(
      'warning',
      `the comment could not be written: ${error.message}${advice}. The summary of the job has the plan`,
    );
  }
  return 0;
});

/** An earlier comment may not go on telling of a plan that is not this commit's. @param {import('./runner.mjs').Env} env */
function noPlan({ GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run }) {
  return `### No plan could be made\n\n[The job](${server}/${repository}/actions/runs/${run}) says why.\n`;
}
