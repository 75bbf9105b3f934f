// Whose comment counts as the plan that was reviewed: what plays GitHub's part has those of several.
import { expect, test } from 'vitest';
import { openGithub } from '../../action/github.mjs';
import { commentText, findReviewed } from '../../action/plan-comment.mjs';
import { githubToken, repositoryName, startGithubApi } from '../support/github-api.ts';

const [forged, own] = ['f'.repeat(64), '0'.repeat(64)];
const actions = { id: 41898282, type: 'Bot', login: 'github-actions[bot]' } as const;

test.each([
  ['another bot', { id: 99, type: 'Bot', login: 'echo[bot]' } as const],
  ['a person', { id: 5, type: 'User', login: 'mallory' } as const],
])('what %s has copied is not what was reviewed', async (_, user) => {
  const api = await startGithubApi();
  api.allow({ 'pull-requests': 'read' });
  const pull = { number: 5, head: 'greet', base: { ref: 'main' }, state: 'closed' as const };
  const merged = { body: '', merge_commit_sha: 'abc', merged_at: '2026-12-01T03:00:00Z' };
  api.pulls.push({ ...pull, ...merged });
  const text = (checksum: string) => commentText({ subject: 'widgets', markdown: 'x', checksum });
  const github = openGithub({
    ...{ GITHUB_API_URL: api.url, GITHUB_TOKEN: githubToken, GITHUB_REPOSITORY: repositoryName },
  });
  const find = () => findReviewed(github, { commit: 'abc', branch: 'main', subject: 'widgets' });
  api.comments.set(5, [{ id: 1, user, body: text(forged) }]);
  expect(await find()).toBeNull();
  api.comments.get(5)?.push({ id: 2, user: actions, body: text(own) });
  expect(await find()).toEqual({ checksum: own, pullRequest: 5 });
});
