// @ts-check
// The one comment on a pull request that tells what would be done. It is found by its first line *and* by its author:
// anybody can write that line.
import { GithubError } from './github.mjs';

/** @typedef {import('./github.mjs').Github} Github */

/**
 * What the plan is about: the directory, or the file of accounts.
 * @param {import('./runner.mjs').Env} env
 */
export function subjectOf(env) {
  return (env['INPUT_DIRECTORY'] ?? '').trim() || env['WIDGET_SYNC_ACCOUNTS'] || 'widgets';
}

/** Hidden, as the first line of the comment. @param {string} subject */
export function markerOf(subject) {
  // Two hyphens could end it.
  const name = encodeURI(subject).replaceAll('-', '%2D').replaceAll('>', '%3E');
  return `<!-- widget-sync plan ${name} -->`;
}

/**
 * The text of the comment. Behind the marker stands the checksum, where there is one: nothing that a file holds gets
 * in front of it.
 * @param {{ subject: string, markdown: string, checksum: string }} plan `markdown`: as `plan` has written it.
 */
export function commentText({ subject, markdown, checksum }) {
  const marks = [markerOf(subject), ...(checksum === '' ? [] : [`<!-- checksum ${checksum} -->`])];
  return `${marks.join('\n')}\n${withoutMarker(markdown)}`;
}

/** @param {string} markdown */
export function withoutMarker(markdown) {
  return markdown.replace(/^<!-- widget-sync plan -->\n/, '');
}

/** Of a comment that was found. @param {string} text */
export function checksumIn(text) {
  return /^<!--[^\n]*-->\r?\n<!-- checksum ([0-9a-f]{64}) -->/.exec(text)?.[1] ?? null;
}

/**
 * @param {Github} github
 * @param {number} pullRequest
 * @param {string} subject
 * @returns {Promise<{ id: number, body: string } | null>}
 */
export async function findComment(github, pullRequest, subject) {
  const marker = markerOf(subject);
  const comments = await github.all(`${github.repository}/issues/${pullRequest}/comments`);
  const marked = comments.filter(({ body }) => String(body ?? '').startsWith(`${marker}\n`));
  if (marked.length === 0) return null;
  const me = await ownUser(github);
  return marked.find(({ user }) => (me === null ? isOfActions(user) : user?.id === me)) ?? null;
}

/** A bot of somebody else may repeat what people write; no name of a user has brackets. @param {any} user */
function isOfActions(user) {
  return user?.type === 'Bot' && user.login === 'github-actions[bot]';
}

/** The token of a job belongs to an app, which is no user: null. @param {Github} github */
async function ownUser(github) {
  try {
    return Number((await github.ask('GET', '/user')).id);
  } catch (error) {
    if (error instanceof GithubError && error.status === 403) return null;
    throw error;
  }
}

/**
 * Writes it, or brings it up to date. A comment that would say that nothing is to do is only written where one has
 * said otherwise before.
 * @param {Github} github
 * @param {number} pullRequest
 * @param {{ subject: string, text: string, isCalm: boolean }} comment
 * @returns {Promise<'written' | 'updated' | 'equal' | 'none'>}
 */
export async function writeComment(github, pullRequest, { subject, text, isCalm }) {
  const earlier = await findComment(github, pullRequest, subject);
  if (earlier === null) {
    if (isCalm) return 'none';
    await github.ask('POST', `${github.repository}/issues/${pullRequest}/comments`, { body: text });
    return 'written';
  }
  // GitHub gives line ends back as they were sent, without those at the end.
  if (earlier.body.trimEnd() === text.trimEnd()) return 'equal';
  await github.ask('PATCH', `${github.repository}/issues/comments/${earlier.id}`, { body: text });
  return 'updated';
}

/**
 * The checksum that the comment on the pull request of this commit names, once it is merged.
 * @param {Github} github
 * @param {{ commit: string, branch: string, subject: string }} merged
 * @returns {Promise<{ checksum: string, pullRequest: number } | null>}
 */
export async function findReviewed(github, { commit, branch, subject }) {
  const found = await github.ask('GET', `${github.repository}/commits/${commit}/pulls`);
  const pull = /** @type {any[]} */ (found).find(
    ({ merge_commit_sha: sha, merged_at: at, base }) =>
      sha === commit && at && base?.ref === branch,
  );
  if (pull === undefined) return null;
  const comment = await findComment(github, pull.number, subject);
  const checksum = comment === null ? null : checksumIn(comment.body);
  return checksum === null ? null : { checksum, pullRequest: pull.number };
}
